import type { Node } from 'ts-morph';
import { type Duration, milliseconds } from '../../runtime/duration.js';
import { isPgschedError } from '../../runtime/errors.js';
import type { Static } from './evaluate.js';

/** A known value that an option does not take. */
export class InvalidValue extends Error {
  readonly node: Node;

  constructor(node: Node, message: string) {
    super(message);
    this.node = node;
  }
}

export function scalarOf(found: Static): unknown {
  return found.kind === 'value' ? found.value : undefined;
}

/** The value as a message shows it. */
export function show(found: Static): string {
  if (found.kind === 'array') return 'an array';
  if (found.kind === 'object') return 'an object';
  return typeof found.value === 'string' ? JSON.stringify(found.value) : String(found.value);
}

export function numberFrom(
  found: Static,
  what: string,
  least: number,
  most: number = Number.MAX_VALUE,
): number {
  const value = scalarOf(found);
  if (typeof value === 'number' && value >= least && value <= most) return value;
  const range = most === Number.MAX_VALUE ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new InvalidValue(found.node, `${what} must be a number ${range}; got ${show(found)}.`);
}

export function wholeNumber(found: Static, what: string, least: number, most: number): number {
  const value = scalarOf(found);
  if (Number.isInteger(value)) return numberFrom(found, what, least, most);
  throw new InvalidValue(
    found.node,
    `${what} must be a whole number from ${least} to ${most}; got ${show(found)}.`,
  );
}

/** Milliseconds of a duration, at least `least`. */
export function duration(found: Static, what: string, least = 0): number {
  const value = scalarOf(found);
  try {
    const ms = milliseconds(value as Duration, what);
    if (ms >= least) return ms;
  } catch (error) {
    if (!isPgschedError(error)) throw error;
    throw new InvalidValue(
      found.node,
      found.kind === 'value' ? error.message : `${what} must be a duration; got ${show(found)}.`,
    );
  }
  throw new InvalidValue(found.node, `${what} must be at least ${least} ms; got ${show(found)}.`);
}
