import type { Type } from 'ts-morph';
import { type ReadType, readWithin, type TypeWalk } from './type-walk.js';

/** Reads a class of the language or the platform that has a form in JSON; null for another type. */
export function readBuiltIn(type: Type, walk: TypeWalk): ReadType | null {
  const name = builtInName(type);
  const kind = name === null ? undefined : kinds.get(name);
  if (name === null || kind === undefined) return null;
  const [first, second] = type.getTypeArguments();
  if (kind === 'set' && first) {
    const item = readWithin(walk, '[]', first);
    return { shape: { kind, item: item.shape }, text: { generic: name, of: [item.text] } };
  }
  if (kind === 'map' && first && second) {
    const key = readWithin(walk, '[][0]', first);
    const value = readWithin(walk, '[][1]', second);
    return {
      shape: { kind, key: key.shape, value: value.shape },
      text: { generic: name, of: [key.text, value.text] },
    };
  }
  return kind === 'map' || kind === 'set' ? null : { shape: { kind }, text: name };
}

/** The name of such a class; null for the user's own of that name. */
export function builtInName(type: Type): string | null {
  const symbol = type.getSymbol();
  const declared = symbol?.getDeclarations() ?? [];
  const isPlatform = declared.every((node) => node.getSourceFile().isDeclarationFile());
  return symbol && isPlatform && kinds.has(symbol.getName()) ? symbol.getName() : null;
}

const kinds: ReadonlyMap<string, 'date' | 'bytes' | 'url' | 'map' | 'set'> = new Map([
  ['Date', 'date'],
  ['Uint8Array', 'bytes'],
  ['URL', 'url'],
  ['Map', 'map'],
  ['ReadonlyMap', 'map'],
  ['Set', 'set'],
  ['ReadonlySet', 'set'],
]);
