import type { Type } from 'ts-morph';
import type { Shape } from '../../runtime/contract/types.js';
import type { ReadType, TypeWalk } from './type-walk.js';

/** Reads a union by its members, none of which is `undefined`. */
export function readUnion(types: readonly Type[], walk: TypeWalk): ReadType {
  const reads = inOrder(types).map((member) =>
    member === 'boolean' ? boolean : walk.read(member),
  );
  const [only] = reads;
  if (only && reads.length === 1) return only;
  const shape: Shape = { kind: 'union', members: reads.map((read) => read.shape) };
  return isJson(shape) ? json : { shape, text: { union: reads.map((read) => read.text) } };
}

export const json: ReadType = { shape: { kind: 'json' }, text: 'Json' };

/** Whether a shape is any JSON, however that was declared: scalars, and arrays and records of itself (`self` is its own name). */
export function isJson(shape: Shape, self: string | null = null): boolean {
  if (shape.kind !== 'union' || shape.members.length !== 6) return false;
  const isSelf = (part: Shape) =>
    part.kind === 'json' || (part.kind === 'ref' && part.name === self);
  return (['string', 'number', 'boolean', 'null', 'array', 'record'] as const).every((kind) =>
    shape.members.some(
      (member) =>
        member.kind === kind &&
        (member.kind !== 'array' || isSelf(member.item)) &&
        (member.kind !== 'record' || isSelf(member.value)),
    ),
  );
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
