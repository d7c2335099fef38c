import { type Type, ts } from 'ts-morph';
import { escapeTemplate, quote } from '../emit/literal.js';
import { named, type ReadType, refuse, type TypeWalk } from './type-walk.js';

/** Reads a type that has no parts; null for the others. */
export function readScalar(type: Type, walk: TypeWalk): ReadType | null {
  const kind = plainKind(type);
  if (kind !== null) return { shape: { kind }, text: kind };
  if (type.isBooleanLiteral()) {
    const value = type.getText() === 'true';
    return { shape: { kind: 'literal', value }, text: String(value) };
  }
  const value = type.getLiteralValue();
  if (typeof value === 'string' || typeof value === 'number') {
    // Only its own name makes an enum's member.
    if (type.isEnumLiteral()) walk.exact = false;
    const text = typeof value === 'string' ? quote(value) : String(value);
    return { shape: { kind: 'literal', value }, text };
  }
  const template = type.isTemplateLiteral() ? readTemplate(type.compilerType) : null;
  if (template) return template;
  const problem = problemOf(type, walk);
  return problem === null ? null : refuse(walk, problem);
}

function plainKind(type: Type) {
  if (type.isString()) return 'string';
  if (type.isNumber()) return 'number';
  if (type.isBoolean()) return 'boolean';
  if (type.isBigInt()) return 'bigint';
  if (type.isNull()) return 'null';
  return type.isUndefined() ? 'undefined' : null;
}

/** Why a type without parts cannot travel; null if it has parts. */
function problemOf(type: Type, { at }: TypeWalk): string | null {
  const flags = type.getFlags();
  if (flags & ts.TypeFlags.ESSymbolLike)
    return 'is a symbol, which JSON cannot carry: write `string`.';
  if (flags & ts.TypeFlags.NonPrimitive) return 'is `object`: write its fields.';
  const problem = problems.find(([flag]) => flags & flag)?.[1];
  return problem === undefined ? null : `is ${named(type, at)}${problem}`;
}

const { Any, Unknown, Void, Never, BigIntLiteral, TemplateLiteral, StringMapping } = ts.TypeFlags;

/** What is said after a type's own text. */
const problems: readonly [flags: ts.TypeFlags, problem: string][] = [
  [Any | Unknown, ': write the type of the data, or `Json` of pgsched if any JSON will do.'],
  [Void | Never, ', which has no value.'],
  [BigIntLiteral, ', which cannot be checked: write `bigint`.'],
  [
    TemplateLiteral,
    ': of patterns only those of `string` and `number` can be checked. Write `string`.',
  ],
  [StringMapping, ', which cannot be checked: write `string`.'],
];

/** A template literal type of strings and numbers; null for another. */
function readTemplate(type: ts.TemplateLiteralType): ReadType | null {
  const types = type.types.map(holeKind).filter((kind) => kind !== null);
  if (types.length < type.types.length) return null;
  const text = type.texts.map(
    (part, index) => escapeTemplate(part) + (types[index] ? `\${${types[index]}}` : ''),
  );
  return {
    shape: { kind: 'template', parts: [...type.texts], types },
    text: `\`${text.join('')}\``,
  };
}

function holeKind(type: ts.Type): 'string' | 'number' | null {
  if (type.flags & ts.TypeFlags.String) return 'string';
  return type.flags & ts.TypeFlags.Number ? 'number' : null;
}
