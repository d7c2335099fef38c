import type { Issue } from '../../errors.js';
import type { Shape } from '../types.js';
import { boundedMessage, describe, pathText } from './describe.js';

/** A shape, compiled: from the program's value to JSON and back. */
export interface Converter {
  readonly encode: Convert;
  readonly decode: Convert;
}

/** Gives the converted value; or adds a problem to the run, and then what it gives only weighs the value in a union. */
export type Convert = (value: unknown, run: Run) => unknown;

/** What a converter of many parts is made with. */
export interface Compiler {
  compile(shape: Shape): Converter;
  /** The shapes that a value may have one of: unions and names opened up, the named ones still by name in `shape`. */
  members(shape: Shape): readonly Member[];
  /** How objects with these fields are converted, and no others of theirs. */
  declared(fields: readonly Field[]): Convert;
}

/** A declared field of an object, for one direction. */
export interface Field {
  readonly name: string;
  /** Not asked for where it is `undefined`. */
  readonly optional: boolean;
  /** Present even if it is `undefined`: a schema may tell that from an absent field. */
  readonly explicit: boolean;
  /** What it converts to is never `undefined`. */
  readonly always: boolean;
  /** Named as what every object inherits. */
  readonly inherited: boolean;
  readonly convert: Convert;
}

export interface Member {
  readonly shape: Shape;
  /** `shape` itself, or what its name stands for. */
  readonly opened: Shape;
}

/** One conversion of one whole value. */
export interface Run {
  readonly problems: Problem[];
  /** How many named shapes and levels of free JSON we are in, and have been in. */
  depth: number;
  levels: number;
  /** Set when nothing below can be trusted to end: every level gives up. */
  stopped: boolean;
}

export interface Problem {
  /** Innermost first: each level adds its own on the way out, so that a value without problems pays nothing. */
  readonly path: (string | number)[];
  /** What would have fitted, where that is all there is to say; a union puts several together. */
  readonly expected: string | null;
  /** The value, or else the message. */
  readonly got: unknown;
  /** Whether the value is of the right type, and only breaks a rule. */
  readonly broken?: true;
}

const deepest = 1_000;
/** Some 15 MB of JSON at the least; or a small value that refers to the same parts over and over. */
const mostLevels = 5_000_000;
/** Past this many problems a value is not looked at further. */
const mostProblems = 20;

export function newRun(): Run {
  return { problems: [], depth: 0, levels: 0, stopped: false };
}

export function mismatch(run: Run, expected: string, got: unknown): undefined {
  run.problems.push({ path: [], expected, got });
}

export function complain(run: Run, message: string): undefined {
  run.problems.push({ path: [], expected: null, got: message });
}

/** A value that is of its type and breaks a rule, which the message says. */
export function breaks(run: Run, message: string): void {
  run.problems.push({ path: [], expected: null, got: message, broken: true });
}

/** Places the problems that came up since `before` inside `segment`. True when the run has seen enough. */
export function placed(run: Run, before: number, segment: string | number): boolean {
  for (let i = before; i < run.problems.length; i++) run.problems[i]?.path.push(segment);
  return run.stopped || run.problems.length >= mostProblems;
}

/** Converts one level further down. Data that has no end, or as good as none, stops the run. */
export function deeper(convert: Convert, value: unknown, run: Run): unknown {
  run.levels++;
  if (run.depth >= deepest || run.levels > mostLevels) {
    run.stopped = true;
    return complain(run, run.depth >= deepest ? tooDeep : tooMuch);
  }
  run.depth++;
  const converted = convert(value, run);
  run.depth--;
  return converted;
}

export const tooDeep: string = `nested more than ${deepest} levels deep: does it contain itself?`;
const tooMuch = `more than ${mostLevels} levels in all: does it repeat itself?`;

export function issuesOf(problems: readonly Problem[]): Issue[] {
  const issues = problems.slice(0, mostProblems).map(({ path, expected, got }) => ({
    path: pathText(path.toReversed()),
    message: boundedMessage(
      expected === null ? String(got) : `expected ${expected}, got ${describe(got)}`,
    ),
  }));
  const more = problems.length >= mostProblems;
  const note = { path: '', message: `only the first ${mostProblems} problems are listed` };
  return more ? [...issues, note] : issues;
}
