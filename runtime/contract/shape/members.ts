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

/** What a name stands for. */
export function definition(name: string, definitions: Definitions): Shape {
  const shape = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (shape) return shape;
  throw new PgschedError('StaleContract', {
    message: `The generated contract refers to a type ${JSON.stringify(name)} that it does not define. Run \`npx pgsched generate\`.`,
    details: { definition: name },
  });
}
