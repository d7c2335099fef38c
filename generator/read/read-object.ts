import { SymbolFlags, type Symbol as TsSymbol, type Type } from 'ts-morph';
import { withoutUndefined } from '../../runtime/contract/shape/members.js';
import type { Shape } from '../../runtime/contract/types.js';
import type { DocumentedProperty, FieldText } from '../model.js';
import { constrain, constraintDoc } from './constraints.js';
import {
  docOf,
  named,
  nameNodeOf,
  orUndefined,
  ownDeclaration,
  type ReadType,
  readWithin,
  refuse,
  type TypeWalk,
} from './type-walk.js';

/** Reads an object's fields, or its index signature. */
export function readObject(type: Type, walk: TypeWalk): ReadType {
  const properties = type.getProperties();
  const problem = problemOf(type, properties, walk);
  if (problem !== null) return refuse(walk, problem);
  const index = readIndex(type, walk);
  if (index && properties.length > 0) {
    return refuse(
      walk,
      'has fields and an index signature: give what the index holds a field of its own.',
    );
  }
  if (index) return index;
  const fields = properties.flatMap((property) => readProperty(property, walk));
  return {
    shape: { kind: 'object', properties: fields.map(({ property }) => property) },
    text: { object: fields.map(({ field }) => field) },
  };
}

function problemOf(type: Type, properties: readonly TsSymbol[], { at }: TypeWalk): string | null {
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
    return 'is a function, which JSON cannot carry: leave it out, and let the handler do what it does.';
  }
  if (type.getSymbol()?.hasFlags(SymbolFlags.Class)) {
    return `is an instance of the class ${named(type, at)}, which would come back as a plain object: write the type of its data.`;
  }
  // Of the user's own types each method is placed; of the platform's all are one problem.
  if (properties.some((property) => isMethod(property) && !ownDeclaration(property))) {
    return `is ${named(type, at)}, which JSON cannot carry: write the type of its data.`;
  }
  return null;
}

function isMethod(property: TsSymbol): boolean {
  return property.hasFlags(SymbolFlags.Method);
}

function readIndex(type: Type, walk: TypeWalk): ReadType | null {
  const checker = walk.at.getProject().getTypeChecker().compilerObject;
  const infos = checker.getIndexInfosOfType(type.compilerType);
  if (infos.length === 0) return null;
  const value = type.getStringIndexType();
  if (infos.length > 1 || !value) {
    return refuse(
      walk,
      'has an index signature of another kind than `[key: string]`, which keys in JSON are: write `Record<string, …>`.',
    );
  }
  // How people write an object without fields.
  if (value.isNever()) {
    return {
      shape: { kind: 'object', properties: [] },
      text: { generic: 'Record', of: ['string', 'never'] },
    };
  }
  const { shape, text } = readWithin(walk, '[]', value);
  return {
    shape: { kind: 'record', value: orNoValue(shape) },
    text: { generic: 'Record', of: ['string', text] },
  };
}

function readProperty(
  symbol: TsSymbol,
  walk: TypeWalk,
): { property: DocumentedProperty; field: FieldText }[] {
  // A brand's key is a unique symbol; no value has it.
  if (symbol.getEscapedName().startsWith('__@')) {
    walk.exact = false;
    return [];
  }
  const name = symbol.getName();
  const optional = symbol.isOptional();
  const { at, path } = walk;
  walk.at = ownDeclaration(symbol) ?? at;
  walk.path = `${path}.${name}`;
  walk.places.set(walk.path, nameNodeOf(walk.at));
  const type = symbol.getTypeAtLocation(at);
  const read = readField(symbol, type, walk);
  const constrained = walk.constraints ? constrain(read.shape, symbol, type, walk) : read.shape;
  walk.at = at;
  walk.path = path;
  const shape = optional ? withoutUndefined(constrained) : constrained;
  const doc = docOf(symbol);
  const tags = walk.constraints ? constraintDoc(symbol) : '';
  // `y?: T` and `y?: T | undefined` are one thing, whatever exactOptionalPropertyTypes says.
  const text = optional ? orUndefined(read.text) : read.text;
  return [
    {
      property: { name, optional, ...(doc === '' ? {} : { doc }), shape: orNoValue(shape) },
      field: { name, optional, doc: [doc, tags].filter(Boolean).join('\n\n'), type: text },
    },
  ];
}

/** A field that must be absent, as exclusive unions write it, is a union of nothing else. */
function orNoValue(shape: Shape): Shape {
  return shape.kind === 'undefined' ? { kind: 'union', members: [shape] } : shape;
}

function readField(symbol: TsSymbol, type: Type, walk: TypeWalk): ReadType {
  if (isMethod(symbol)) {
    return refuse(walk, 'is a method, which JSON cannot carry: write the type of the data alone.');
  }
  if (symbol.isOptional() && type.isNever()) {
    return { shape: { kind: 'undefined' }, text: 'undefined' };
  }
  return walk.read(type);
}
