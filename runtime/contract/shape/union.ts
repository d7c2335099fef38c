import type { Shape } from '../types.js';
import {
  type Compiler,
  type Converter,
  type Member,
  mismatch,
  type Problem,
  placed,
  type Run,
} from './converter.js';
import { isObject, read } from './objects.js';

type Direction = 'encode' | 'decode';

/**
 * One of several shapes. Single values are looked up, objects are told apart by a literal field where all have one,
 * and of several shapes that fit the one that keeps most of the value is taken. A value fits that only breaks a rule: else one
 * with a bad field would be taken for another shape, without that field.
 */
export function union(shape: Shape & { kind: 'union' }, compiler: Compiler): Converter {
  const members = compiler.members(shape);
  const atoms = new Set(members.flatMap(({ opened }) => atomOf(opened)));
  const others = members.filter(({ opened }) => atomOf(opened).length === 0);
  const candidates = others.map((member) => candidate(member, compiler));
  const tag = findTag(others, compiler);

  const choose = (direction: Direction) => (value: unknown, run: Run) => {
    if (atoms.size > 0 && atoms.has(value)) return value;
    if (tag === null || !isObject(value)) return bestFit(value, candidates, atoms, direction, run);
    const label = read(value, tag.name);
    const labelled = tag.candidates.get(label);
    if (labelled) return bestFit(value, labelled, noAtoms, direction, run);
    const before = run.problems.length;
    mismatch(run, oneOf([...tag.candidates.keys()].map((known) => JSON.stringify(known))), label);
    placed(run, before, tag.name);
    return undefined;
  };
  return { encode: choose('encode'), decode: choose('decode') };
}

const noAtoms: ReadonlySet<unknown> = new Set();

/** The only value of a shape that has but one, in a list; else nothing. */
function atomOf(shape: Shape): unknown[] {
  if (shape.kind === 'literal') return [shape.value];
  if (shape.kind === 'null') return [null];
  return shape.kind === 'undefined' ? [undefined] : [];
}

interface Candidate {
  readonly converter: Converter;
  /** What `typeof` says of each of its values; null: this and that. Others need not be tried. */
  readonly types: Readonly<Record<Direction, string | null>>;
}

function candidate({ shape, opened }: Member, compiler: Compiler): Candidate {
  return {
    converter: compiler.compile(shape),
    types: { encode: typeGiven(opened), decode: typeStored(opened) },
  };
}

function typeGiven({ kind }: Shape): string | null {
  switch (kind) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return kind;
    case 'template':
      return 'string';
    case 'json':
      return null;
    default:
      return 'object';
  }
}

function typeStored(shape: Shape): string | null {
  const coded = ['date', 'bigint', 'bytes', 'url'].includes(shape.kind);
  return coded ? 'string' : typeGiven(shape);
}

interface Tag {
  readonly name: string;
  readonly candidates: ReadonlyMap<unknown, readonly Candidate[]>;
}

/** The field whose literals tell the objects of a union apart best, if every object has such a field. */
function findTag(members: readonly Member[], compiler: Compiler): Tag | null {
  const objects = members.flatMap((member) =>
    member.opened.kind === 'object' ? [{ member, properties: member.opened.properties }] : [],
  );
  const open = members.some(({ opened }) => opened.kind === 'record' || opened.kind === 'json');
  if (open || objects.length < 2) return null;

  const tags = (objects[0]?.properties ?? []).flatMap(({ name }) => {
    const candidates = new Map<unknown, Candidate[]>();
    for (const { member, properties } of objects) {
      const property = properties.find((other) => other.name === name);
      const labels = property && !property.optional ? labelsOf(property.shape, compiler) : [];
      if (labels.length === 0) return [];
      const labelled = candidate(member, compiler);
      for (const label of labels)
        candidates.set(label, [...(candidates.get(label) ?? []), labelled]);
    }
    return [{ name, candidates }];
  });
  return tags.reduce<Tag | null>(
    (best, next) => (best && best.candidates.size >= next.candidates.size ? best : next),
    null,
  );
}

/** The literals of a shape that is nothing but literals; else nothing. */
function labelsOf(shape: Shape, compiler: Compiler): (string | number | boolean)[] {
  const members = compiler.members(shape);
  const labels = members.flatMap(({ opened }) => (opened.kind === 'literal' ? [opened.value] : []));
  return labels.length === members.length ? labels : [];
}

function bestFit(
  value: unknown,
  candidates: readonly Candidate[],
  atoms: ReadonlySet<unknown>,
  direction: Direction,
  run: Run,
): unknown {
  const type = typeof value;
  const before = run.problems.length;
  const fits: Fit[] = [];
  const failures: Problem[][] = [];
  for (let place = 0; place < candidates.length; place++) {
    const { converter, types } = candidates[place] as Candidate;
    if (types[direction] !== null && types[direction] !== type) continue;
    const converted = converter[direction](value, run);
    if (run.stopped) return undefined;
    if (run.problems.length === before && !isComposed(converted)) return converted;
    const problems = run.problems.splice(before);
    if (problems.some(({ broken }) => !broken)) failures[place] = problems;
    else fits.push({ converted, problems });
  }
  const best = fits.length > 1 ? heaviest(fits) : fits[0];
  if (best) {
    run.problems.push(...best.problems);
    return best.converted;
  }

  const all = candidates.map(({ converter }, place) => {
    // Of the wrong type: it goes no deeper to say so.
    if (!failures[place]) converter[direction](value, run);
    return failures[place] ?? run.problems.splice(before);
  });
  run.problems.push(...closest(value, all, atoms));
  return undefined;
}

interface Fit {
  readonly converted: unknown;
  /** The rules that the value breaks. */
  readonly problems: readonly Problem[];
}

function isComposed(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The problems of the member that the value comes closest to: one of the right type, with the fewest problems. */
function closest(
  value: unknown,
  failures: readonly Problem[][],
  atoms: ReadonlySet<unknown>,
): readonly Problem[] {
  const isWrongType = ([problem]: Problem[]) =>
    problem?.path.length === 0 && problem.expected !== null;
  const near = failures.filter((problems) => !isWrongType(problems));
  if (near.length > 0)
    return near.reduce((best, next) => (next.length < best.length ? next : best));

  const known = [...atoms].filter((atom) => atom !== undefined).map((atom) => JSON.stringify(atom));
  const expected = failures.flatMap(([problem]) => problem?.expected ?? []);
  return [{ path: [], expected: oneOf([...expected, ...known]), got: value }];
}

/** Of equals one that breaks no rule, else the first. */
function heaviest(fits: readonly Fit[]): Fit | undefined {
  const weights = fits.map(({ converted }) => weight(converted));
  const most = Math.max(...weights);
  const best = fits.filter((_, index) => weights[index] === most);
  return best.find(({ problems }) => problems.length === 0) ?? best[0];
}

/** How much there is in a value. */
function weight(value: unknown): number {
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : 1;
  if (value instanceof Map) return weight([...value]);
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].reduce<number>((sum, item) => sum + weight(item), 1);
  }
  return isObject(value) ? weight(Object.values(value)) : 1;
}

/** `a, b or c`. */
function oneOf(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const last = distinct.pop() ?? 'nothing';
  return distinct.length === 0 ? last : `${distinct.join(', ')} or ${last}`;
}
