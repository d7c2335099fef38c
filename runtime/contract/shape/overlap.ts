import type { Shape } from '../types.js';
import { type Definitions, definition, membersOf } from './members.js';
import { readsAs } from './texts.js';

/**
 * How the JSON texts of two shapes relate. `apart`: no text fits both. `alike`: some do, and mean the same either way.
 * `mixed`: some may mean one thing to one and another thing to the other.
 */
export type Overlap = 'apart' | 'alike' | 'mixed';

/** Errs towards `mixed`. `placed`: in a list, where `undefined` travels as null. */
export function overlap(
  one: Shape,
  other: Shape,
  definitions: Definitions,
  placed: boolean,
): Overlap {
  // Names refer to themselves: a pair that is being looked at already adds nothing new.
  const underway = new Set<string>();
  return between(one, other, placed);

  function between(a: Shape, b: Shape, inList: boolean): Overlap {
    if (a.kind !== 'union' && a.kind !== 'ref' && b.kind !== 'union' && b.kind !== 'ref') {
      return betweenOpened(a, b, inList);
    }
    const pair = JSON.stringify([a, b]);
    if (underway.has(pair)) return 'alike';
    underway.add(pair);
    const found = membersOf(a, definitions).flatMap((x) =>
      membersOf(b, definitions).map((y) => betweenOpened(x.opened, y.opened, inList)),
    );
    underway.delete(pair);
    if (found.includes('mixed')) return 'mixed';
    return found.includes('alike') ? 'alike' : 'apart';
  }

  function betweenOpened(a: Shape, b: Shape, inList: boolean): Overlap {
    if (a.kind === 'undefined' || b.kind === 'undefined') return betweenAbsent(a, b, inList);
    if (a.kind === 'json') return carriesMore(b, definitions, inList) ? 'mixed' : 'alike';
    if (b.kind === 'json') return betweenOpened(b, a, inList);
    if (travel(a) !== travel(b)) return 'apart';
    switch (travel(a)) {
      case 'text':
        return betweenTexts(a, b);
      case 'list':
        return betweenLists(a, b);
      case 'fields':
        return betweenFields(a, b);
      default:
        return a.kind === 'literal' && b.kind === 'literal' && a.value !== b.value
          ? 'apart'
          : 'alike';
    }
  }

  function betweenLists(a: Shape, b: Shape): Overlap {
    if (a.kind === 'set' && b.kind === 'set') return whole([part(a.item, b.item, false)]);
    if (a.kind === 'map' && b.kind === 'map') {
      return whole([part(a.key, b.key, false), part(a.value, b.value, false)]);
    }
    const [left, right] = [positions(a), positions(b)];
    if (!left || !right) return 'mixed';

    const length = Math.max(left.items.length, right.items.length);
    return whole(
      Array.from({ length: length + 1 }, (_, index) => {
        const [x, y] = [left.items[index] ?? left.rest, right.items[index] ?? right.rest];
        const required = [left, right].map(({ items }) => needed(items[index]));
        if (x && y) return part(x, y, required.every(Boolean));
        return { overlap: 'apart', required: required.some(Boolean) };
      }),
    );
  }

  function betweenFields(a: Shape, b: Shape): Overlap {
    if (a.kind === 'record' && b.kind === 'record') {
      return whole([{ overlap: between(a.value, b.value, false), required: false }]);
    }
    if (a.kind === 'record') return betweenFields(b, a);
    if (a.kind !== 'object') return 'mixed';
    return whole(
      a.properties.flatMap((property) => {
        const required = !property.optional && needed(property.shape);
        if (b.kind === 'record') {
          return [{ overlap: between(property.shape, b.value, false), required }];
        }
        const twin = b.kind === 'object' && b.properties.find(({ name }) => name === property.name);
        return twin
          ? [
              {
                overlap: between(property.shape, twin.shape, false),
                required: required && !twin.optional && needed(twin.shape),
              },
            ]
          : [];
      }),
    );
  }

  function part(a: Shape, b: Shape, required: boolean): Part {
    return { overlap: between(a, b, true), required };
  }

  function needed(shape: Shape | undefined): boolean {
    return (
      shape !== undefined &&
      !membersOf(shape, definitions).some(({ opened }) => opened.kind === 'undefined')
    );
  }
}

interface Part {
  readonly overlap: Overlap;
  /** Both sides always have this part. */
  readonly required: boolean;
}

/** One part that is always there and never fits both keeps the whole apart, whatever the other parts are. */
function whole(parts: readonly Part[]): Overlap {
  if (parts.some((part) => part.required && part.overlap === 'apart')) return 'apart';
  return parts.some((part) => part.overlap === 'mixed') ? 'mixed' : 'alike';
}

function positions(shape: Shape): { items: readonly Shape[]; rest: Shape | undefined } | null {
  if (shape.kind === 'array') return { items: [], rest: shape.item };
  return shape.kind === 'tuple' ? { items: shape.items, rest: shape.rest } : null;
}

function betweenAbsent(a: Shape, b: Shape, inList: boolean): Overlap {
  if (a.kind === b.kind) return 'alike';
  const other = a.kind === 'undefined' ? b.kind : a.kind;
  return inList && (other === 'null' || other === 'json') ? 'mixed' : 'apart';
}

function betweenTexts(a: Shape, b: Shape): Overlap {
  if (a.kind === b.kind) {
    return a.kind === 'literal' && b.kind === 'literal' && a.value !== b.value ? 'apart' : 'alike';
  }
  const [coded, other] = isCoded(a) ? [a, b] : [b, a];
  if (!isCoded(coded)) return 'alike';
  if (isCoded(other)) {
    const digits = [coded.kind, other.kind].every((kind) => kind === 'bigint' || kind === 'bytes');
    return digits ? 'mixed' : 'apart';
  }
  if (other.kind !== 'literal') return 'mixed';
  return readsAs(coded.kind, String(other.value)) ? 'mixed' : 'apart';
}

type Coded = Shape & { kind: 'date' | 'bigint' | 'bytes' | 'url' };

function isCoded(shape: Shape): shape is Coded {
  return ['date', 'bigint', 'bytes', 'url'].includes(shape.kind);
}

/** Whether some value of the shape reads as something else than its JSON. */
function carriesMore(
  shape: Shape,
  definitions: Definitions,
  placed: boolean,
  within: ReadonlySet<string> = new Set(),
): boolean {
  const more = (inner: Shape, inList: boolean) => carriesMore(inner, definitions, inList, within);
  switch (shape.kind) {
    case 'undefined':
      return placed;
    case 'date':
    case 'bigint':
    case 'bytes':
    case 'url':
    case 'set':
    case 'map':
      return true;
    case 'array':
      return more(shape.item, true);
    case 'tuple':
      return [...shape.items, ...(shape.rest ? [shape.rest] : [])].some((item) => more(item, true));
    case 'record':
      return more(shape.value, false);
    case 'object':
      return shape.properties.some((property) => more(property.shape, false));
    case 'union':
      return shape.members.some((member) => more(member, placed));
    case 'ref': {
      const visit = `${shape.name} ${placed}`;
      if (within.has(visit)) return false;
      const named = definition(shape.name, definitions);
      return carriesMore(named, definitions, placed, new Set([...within, visit]));
    }
    default:
      return false;
  }
}

type Travel = 'text' | 'number' | 'boolean' | 'null' | 'list' | 'fields';

/** The kind of JSON value that a shape travels as. */
function travel(shape: Shape): Travel {
  switch (shape.kind) {
    case 'literal':
      return typeof shape.value === 'string' ? 'text' : (typeof shape.value as Travel);
    case 'number':
    case 'boolean':
    case 'null':
      return shape.kind;
    case 'array':
    case 'tuple':
    case 'set':
    case 'map':
      return 'list';
    case 'object':
    case 'record':
      return 'fields';
    default:
      return 'text';
  }
}
