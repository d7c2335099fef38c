import type { Shape } from '../../../runtime/contract/types.js';
import { constraintsOf } from './constraints.js';
import { inside, type Misfit, misfit, type Walk } from './misfit.js';

/** A list of any make, by its places. */
interface Listing {
  readonly items: readonly Shape[];
  /** What follows the items; null: nothing. */
  readonly rest: Shape | null;
  /** How many there are at the most. */
  readonly most: number;
}

/** The misfits of two lists; null where one of them is none. */
export function listMisfits(from: Shape, to: Shape, walk: Walk): Misfit[] | null {
  const [a, b] = [listing(from), listing(to)];
  if (!a || !b) return null;
  // As JSON every list is an array; in the program a Set is a Set.
  if (walk.way !== 'stored' && make(from) !== make(to)) return [misfit('type', from, to)];
  if (!countsFit(from, to, a, b, walk)) return [misfit('type', from, to)];

  const places = Math.max(a.items.length, b.items.length);
  const found: Misfit[] = [];
  for (let place = 0; place < places; place++) {
    const [x, y] = [a.items[place] ?? a.rest, b.items[place] ?? b.rest];
    if (x && y) found.push(...inside(place, walk.misfits(x, y, true)));
  }
  if (a.rest && b.rest) found.push(...inside(null, walk.misfits(a.rest, b.rest, true)));
  return found;
}

function listing(shape: Shape): Listing | null {
  const { maxItems = Infinity } = constraintsOf(shape);
  switch (shape.kind) {
    case 'array':
    case 'set':
      return { items: [], rest: shape.item, most: maxItems };
    case 'map': {
      const pair: Shape = { kind: 'tuple', items: [shape.key, shape.value] };
      return { items: [], rest: pair, most: maxItems };
    }
    case 'tuple': {
      const most = shape.rest ? maxItems : shape.items.length;
      return { items: shape.items, rest: shape.rest ?? null, most };
    }
    default:
      return null;
  }
}

/** In the program a tuple is an array. */
function make({ kind }: Shape): string {
  return kind === 'tuple' ? 'array' : kind;
}

/** As many items as the first may have, the second may have too; and they are as distinct. */
function countsFit(from: Shape, to: Shape, a: Listing, b: Listing, walk: Walk): boolean {
  const least = (shape: Shape, { items }: Listing, admitsAbsence: (shape: Shape) => boolean) =>
    Math.max(
      items.findLastIndex((item) => !admitsAbsence(item)) + 1,
      constraintsOf(shape).minItems ?? 0,
    );
  return (
    least(from, a, walk.fromAdmitsAbsence) >= least(to, b, walk.toAdmitsAbsence) &&
    a.most <= b.most &&
    (!constraintsOf(to).uniqueItems || constraintsOf(from).uniqueItems === true)
  );
}
