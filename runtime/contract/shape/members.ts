import { PgschedError } from '../../errors.js';
import type { Shape } from '../types.js';
import type { Member } from './converter.js';

export type Definitions = Readonly<Record<string, Shape>>;

/** The shapes that a value may have one of: unions and names opened up, in order. */
export function membersOf(
  shape: Shape,
  definitions: Definitions,
  within: ReadonlySet<string> = new Set(),
): Member[] {
  if (shape.kind === 'union') {
    return shape.members.flatMap((member) => membersOf(member, definitions, within));
  }
  if (shape.kind !== 'ref') return [{ shape, opened: shape }];
  // A name that leads back to itself admits nothing by that way.
  if (within.has(shape.name)) return [];
  const opened = membersOf(
    definition(shape.name, definitions),
    definitions,
    new Set([...within, shape.name]),
  );
  const [only] = opened;
  return opened.length === 1 && only ? [{ shape, opened: only.opened }] : opened;
}

/** Whether a value of the shape may be `undefined`: absent in an object. */
export function admitsAbsence(shape: Shape, definitions: Definitions): boolean {
  return membersOf(shape, definitions).some(({ opened }) => opened.kind === 'undefined');
}

/** The shapes that a union is written with, unions in it opened up and names not. */
export function alternatives(shape: Shape): readonly Shape[] {
  return shape.kind === 'union' ? shape.members.flatMap(alternatives) : [shape];
}

export function withoutUndefined(shape: Shape): Shape {
  if (shape.kind !== 'union') return shape;
  const members = shape.members.filter((member) => member.kind !== 'undefined');
  if (members.length === shape.members.length) return shape;
  const [only] = members;
  return only && members.length === 1 ? only : { kind: 'union', members };
}

/** What a name stands for. */
export function definition(name: string, definitions: Definitions): Shape {
  const shape = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (shape) return shape;
  throw new PgschedError('StaleContract', {
    message: `The generated contract refers to a type ${JSON.stringify(name)} that it does not define. Run \`npx pgsched generate\`.`,
    details: { definition: name },
  });
}
