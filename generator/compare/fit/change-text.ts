import type { Misfit, Segment } from './misfit.js';
import { shapeText } from './shape-text.js';

/** Where a misfit is: `args.items[].price`, `result["two words"]`. */
export function placeText(root: string, path: readonly Segment[]): string {
  return path.reduce<string>((text, segment) => {
    if (segment === null) return `${text}[]`;
    if (typeof segment === 'number') return `${text}[${segment}]`;
    return /^[A-Za-z_$][\w$]*$/.test(segment)
      ? `${text}.${segment}`
      : `${text}[${JSON.stringify(segment)}]`;
  }, root);
}

/** What changed at a place, where values go from what was to what is. */
export function narrowed({ kind, from, to, lost }: Misfit): string {
  switch (kind) {
    case 'missing':
      return 'is new and required';
    case 'required':
      return 'was optional, is required';
    case 'gone':
      return 'is gone';
    case 'type':
      return lost.length > 0
        ? `takes ${lost.map(shapeText).join(' and ')} no more`
        : `was ${from ? shapeText(from) : 'nothing'}, is ${to ? shapeText(to) : 'nothing'}`;
  }
}

/** The same where values go back, from what is to what was. */
export function widened({ kind, from, to, lost }: Misfit): string {
  switch (kind) {
    case 'missing':
      return 'is gone';
    case 'required':
      return 'was always there, is optional';
    case 'gone':
      return 'is new';
    case 'type':
      return lost.length > 0
        ? `may be ${lost.map(shapeText).join(' or ')} now`
        : `was ${to ? shapeText(to) : 'nothing'}, is ${from ? shapeText(from) : 'nothing'}`;
  }
}

/** The misfits of places that are not in, around or among others. */
export function apart(misfits: readonly Misfit[], others: readonly Misfit[]): Misfit[] {
  return misfits.filter(({ path }) => !others.some((other) => isWithin(path, other.path)));
}

/** Whether one path leads into the other, either way. */
function isWithin(a: readonly Segment[], b: readonly Segment[]): boolean {
  const common = Math.min(a.length, b.length);
  return a.slice(0, common).every((segment, at) => segment === b[at]);
}
