import { type Type, ts } from 'ts-morph';
import type { Shape } from '../../runtime/contract/types.js';
import {
  orUndefined,
  type ReadType,
  readWithin,
  refuse,
  type TypeWalk,
  withUndefined,
} from './type-walk.js';

/** Reads an array or a tuple; null for another type. */
export function readList(type: Type, walk: TypeWalk): ReadType | null {
  if (type.isTuple()) return readTuple(type, walk);
  const item = type.getArrayElementType();
  if (!item) return null;
  const { shape, text } = readWithin(walk, '[]', item);
  return {
    shape: { kind: 'array', item: shape },
    text: { array: text, readonly: type.isReadonlyArray() },
  };
}

function readTuple(type: Type, walk: TypeWalk): ReadType {
  const { elementFlags, readonly } = (type.compilerType as ts.TupleTypeReference).target;
  const reads = type.getTypeArguments().map((item, index) => readWithin(walk, `[${index}]`, item));
  const restAt = elementFlags.findIndex((flag) => flag & ts.ElementFlags.Variable);
  if (restAt >= 0 && restAt < elementFlags.length - 1) {
    return refuse(
      walk,
      'is a tuple with a rest that is not at its end: put it there, or give it a field of its own.',
    );
  }
  const rest = reads[restAt] ?? null;
  const required = elementFlags.filter((flag) => flag & ts.ElementFlags.Required).length;
  const items = (rest ? reads.slice(0, restAt) : reads).map((read, index) =>
    // `T?` may be given as `undefined`, whatever exactOptionalPropertyTypes says.
    index < required ? read : { shape: withUndefined(read.shape), text: orUndefined(read.text) },
  );
  return {
    shape: tupleShape(
      items.map(({ shape }) => shape),
      required,
      rest?.shape ?? null,
    ),
    text: { tuple: items.map(({ text }) => text), required, rest: rest?.text ?? null, readonly },
  };
}

/** JSON has no missing item: `[a, b?]` is `[a]` or `[a, b]`. */
function tupleShape(items: readonly Shape[], required: number, rest: Shape | null): Shape {
  const members: Shape[] = [];
  for (let length = required; length < items.length; length++) {
    members.push({ kind: 'tuple', items: items.slice(0, length) });
  }
  const whole: Shape = rest ? { kind: 'tuple', items, rest } : { kind: 'tuple', items };
  return members.length === 0 ? whole : { kind: 'union', members: [...members, whole] };
}
