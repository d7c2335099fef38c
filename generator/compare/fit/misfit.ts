import type { Definitions } from '../../../runtime/contract/shape/members.js';
import type { Shape } from '../../../runtime/contract/types.js';

/** A shape with what its names stand for. */
export interface Payload {
  readonly shape: Shape;
  readonly definitions: Definitions;
}

/**
 * How values go from one shape to the other. `stored`: as JSON, written by the one and read by the other. `passed`: in the
 * program, where a Date is no text and a field that is not declared is an error. `given`: in the program, where more fields do
 * no harm.
 */
export type Way = 'stored' | 'passed' | 'given';

/** A place where some value of the first shape is none of the second. */
export interface Misfit {
  /** Names of fields, numbers of tuple items, and null for the items of a list or the values of a record. */
  readonly path: readonly Segment[];
  /**
   * `missing`: never there, and must be. `required`: may be absent, and must not. `gone`: there, and not declared any more.
   * `type`: there, and of a kind that is not taken.
   */
  readonly kind: 'missing' | 'required' | 'gone' | 'type';
  /** The first shape at this place; undefined where it has none. */
  readonly from: Shape | undefined;
  /** The second shape at this place; undefined where it has none. */
  readonly to: Shape | undefined;
  /** The members of `from` that do not fit; empty: all of it. */
  readonly lost: readonly Shape[];
}

export type Segment = string | number | null;

export function misfit(kind: Misfit['kind'], from?: Shape, to?: Shape): Misfit {
  return { path: [], kind, from, to, lost: [] };
}

/** The misfits of a part, seen from the whole. */
export function inside(segment: Segment, misfits: readonly Misfit[]): Misfit[] {
  return misfits.map((found) => ({ ...found, path: [segment, ...found.path] }));
}

/** What the parts of a comparison share. */
export interface Walk {
  readonly way: Way;
  /** `placed`: in a list, where `undefined` travels as null. */
  misfits(from: Shape, to: Shape, placed: boolean): Misfit[];
  /** Whether a shape of the first, or of the second side admits `undefined`. */
  fromAdmitsAbsence(shape: Shape): boolean;
  toAdmitsAbsence(shape: Shape): boolean;
}
