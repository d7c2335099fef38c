import type { Type } from 'ts-morph';
import type { ReadType, TypeWalk } from './type-walk.js';

/** Reads a union by its members, none of which is `undefined`. */
export function readUnion(types: readonly Type[], walk: TypeWalk): ReadType {
  if (isJson(types)) return json;
  const reads = inOrder(types).map((member) =>
    member === 'boolean' ? boolean : walk.read(member),
  );
  const [only] = reads;
  if (only && reads.length === 1) return only;
  return {
    shape: { kind: 'union', members: reads.map((read) => read.shape) },
    text: { union: reads.map((read) => read.text) },
  };
}

export const json: ReadType = { shape: { kind: 'json' }, text: 'Json' };

/**
 * Whether a union is any JSON, however that was declared: scalars, and arrays and records of itself. Asked of the types, because
 * where a union has more members than these, the array comes before the union that it is an array of.
 */
function isJson(types: readonly Type[], within: readonly (readonly Type[])[] = []): boolean {
  if (within.some((outer) => sameMembers(outer, types))) return true;
  if (types.length !== scalars.length + 2) return false;
  const composed = types.filter((type) => type.isObject());
  const [array] = composed.flatMap((type) => type.getArrayElementType() ?? []);
  const [record] = composed.flatMap((type) =>
    type.getProperties().length === 0 ? (type.getStringIndexType() ?? []) : [],
  );
  if (!array || !record || !scalars.every((is) => types.some(is))) return false;
  return [array, record].every((part) => isJson(presentMembers(part), [...within, types]));
}

const scalars: readonly ((type: Type) => boolean)[] = [
  (type) => type.isString(),
  (type) => type.isNumber(),
  (type) => type.isBooleanLiteral() && type.getText() === 'true',
  (type) => type.isBooleanLiteral() && type.getText() === 'false',
  (type) => type.isNull(),
];

/** The members of a type but `undefined`. */
export function presentMembers(type: Type): Type[] {
  const members = type.isUnion() ? type.getUnionTypes() : [type];
  return members.filter((member) => !member.isUndefined());
}

function sameMembers(one: readonly Type[], other: readonly Type[]): boolean {
  const own = new Set(one.map(({ compilerType }) => compilerType));
  return one.length === other.length && other.every(({ compilerType }) => own.has(compilerType));
}

const boolean: ReadType = { shape: { kind: 'boolean' }, text: 'boolean' };

/** `boolean` in one piece again, and `null` at the end, where people write it. */
function inOrder(types: readonly Type[]): (Type | 'boolean')[] {
  const [first, second] = types.filter((type) => type.isBooleanLiteral());
  const whole = types
    .filter((type) => type !== second && !type.isNull())
    .map((type): Type | 'boolean' => (second && type === first ? 'boolean' : type));
  return [...whole, ...types.filter((type) => type.isNull())];
}
