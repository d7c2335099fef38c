import { withoutUndefined } from '../../../runtime/contract/shape/members.js';
import type { PropertyShape, Shape } from '../../../runtime/contract/types.js';
import { inside, type Misfit, misfit, type Walk } from './misfit.js';

type Fields = Shape & { kind: 'object' | 'record' };

/** The misfits of two objects or records; null where one of them is neither. */
export function fieldMisfits(from: Shape, to: Shape, walk: Walk): Misfit[] | null {
  if (!isFields(from) || !isFields(to)) return null;
  if (to.kind === 'record') return intoRecord(from, to.value, walk);
  const missing = to.properties.flatMap((property) => {
    const { present, found } = fieldOf(from, property.name);
    if (found === undefined) {
      return mayBeAbsent(property, walk.toAdmitsAbsence)
        ? []
        : inside(property.name, [misfit('missing', undefined, property.shape)]);
    }
    return inside(property.name, fieldMisfit(found, present, property, walk));
  });
  return [...missing, ...goneFields(from, to, walk)];
}

function isFields(shape: Shape): shape is Fields {
  return shape.kind === 'object' || shape.kind === 'record';
}

/** What an object has under a name. A record may have anything anywhere. */
function fieldOf(
  from: Fields,
  name: string,
): { readonly present: boolean; readonly found: PropertyShape | undefined } {
  if (from.kind === 'record') {
    return { present: false, found: { name, optional: true, shape: from.value } };
  }
  const found = from.properties.find((property) => property.name === name);
  return { present: found !== undefined && !found.optional, found };
}

function fieldMisfit(
  from: PropertyShape,
  present: boolean,
  to: PropertyShape,
  walk: Walk,
): Misfit[] {
  const absent = !present || walk.fromAdmitsAbsence(from.shape);
  const required: Misfit[] =
    absent && !mayBeAbsent(to, walk.toAdmitsAbsence)
      ? [misfit('required', from.shape, to.shape)]
      : [];
  // Whether a field is there is one question, what it holds another.
  return [...required, ...walk.misfits(withoutUndefined(from.shape), to.shape, false)];
}

function mayBeAbsent({ optional, shape }: PropertyShape, admits: (shape: Shape) => boolean) {
  return optional || admits(shape);
}

function intoRecord(from: Fields, value: Shape, walk: Walk): Misfit[] {
  if (from.kind === 'record') return inside(null, walk.misfits(from.value, value, false));
  return from.properties.flatMap((property) =>
    inside(property.name, walk.misfits(property.shape, value, false)),
  );
}

/** What is not declared is left behind in a row; where it is passed, the compiler refuses it. */
function goneFields(from: Fields, to: Fields & { kind: 'object' }, { way }: Walk): Misfit[] {
  if (way !== 'passed' || from.kind === 'record') return [];
  const declared = new Set(to.properties.map(({ name }) => name));
  return from.properties
    .filter(({ name }) => !declared.has(name))
    .flatMap(({ name, shape }) => inside(name, [misfit('gone', shape)]));
}
