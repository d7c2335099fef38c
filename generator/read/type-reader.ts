import type { Node, Type, ts } from 'ts-morph';
import { shapeFaults } from '../../runtime/contract/shape-faults.js';
import type { Shape } from '../../runtime/contract/types.js';
import { builtInName, readBuiltIn } from './read-built-in.js';
import { readList } from './read-list.js';
import { readObject } from './read-object.js';
import { readScalar } from './read-scalar.js';
import { json, presentMembers, readUnion } from './read-union.js';
import {
  named,
  orUndefined,
  type ReadType,
  refuse,
  type TypeProblem,
  type TypeWalk,
  withUndefined,
} from './type-walk.js';

/** Reads the types of one task. */
export interface TypeReader {
  /** Types that refer to themselves, by the name that `ref` uses. */
  readonly definitions: ReadonlyMap<string, ReadType>;
  /** `what` begins the paths in messages; `at` is where a problem is placed that has no place of its own. `constraints`: by tags too. */
  read(type: Type, at: Node, what: string, constraints?: boolean): ReadType & TypeFindings;
}

interface TypeFindings {
  /** False where `text` does not say all of the type: a brand, an enum. */
  readonly exact: boolean;
  readonly problems: readonly TypeProblem[];
}

export function createTypeReader(): TypeReader {
  const definitions = new Map<string, Definition>();
  const known = { definitions, names: new Map<Key, string>(), ids: new Map<ts.Type, number>() };
  return {
    definitions,
    read(type, at, what, constraints = false) {
      const walk = startWalk({ ...known, constraints }, at, what);
      const { shape, text } = walk.read(type);
      const problems = walk.problems.length > 0 ? walk.problems : faultsOf(shape, what, walk);
      return { shape, text, exact: walk.exact, problems };
    },
  };
}

/** What tells types apart. */
type Key = ts.Type | string;

interface Definition extends ReadType {
  readonly exact: boolean;
}

interface Walk extends TypeWalk {
  readonly definitions: Map<string, Definition>;
  /** The definition of each type that has one. */
  readonly names: Map<Key, string>;
  readonly ids: Map<ts.Type, number>;
  /** Types that are being read, and whether one met itself inside. */
  readonly open: Map<Key, { readonly name: string; met: boolean }>;
  /** How many more parts may be read. */
  budget: number;
}

/** A generic type can expand without end, and shared parts multiply. */
const deepest = 60;
const largest = 10_000;

type Known = Pick<Walk, 'definitions' | 'names' | 'ids' | 'constraints'>;

function startWalk(known: Known, at: Node, path: string): Walk {
  const walk: Walk = {
    read: (type) => readType(type, walk),
    ...known,
    open: new Map(),
    problems: [],
    places: new Map(),
    exact: true,
    at,
    path,
    budget: largest,
  };
  return walk;
}

function readType(type: Type, walk: Walk): ReadType {
  // One problem says it all.
  if (walk.budget === 0 && walk.problems.length > 0) return json;
  if (walk.budget === 0 || walk.open.size > deepest) {
    walk.budget = 0;
    return refuse(walk, 'nests without end, or has too many parts: make it smaller.');
  }
  walk.budget--;
  return readScalar(type, walk) ?? readComposed(type, walk);
}

/** Reads a type with parts. `T | undefined` is read as T, so that a T which refers to itself is known again there. */
function readComposed(type: Type, walk: Walk): ReadType {
  if (!type.isUnion()) {
    return readOnce(type.compilerType, type, walk, () => readParts(type, walk));
  }
  const present = presentMembers(type);
  const [only] = present;
  const { shape, text } =
    only && present.length === 1
      ? walk.read(only)
      : readOnce(unionKey(present, walk), type, walk, () => readUnion(present, walk));
  return present.length === type.getUnionTypes().length
    ? { shape, text }
    : { shape: withUndefined(shape), text: orUndefined(text) };
}

/** TypeScript makes a new type of every union that it takes apart; the members stay the same. */
function unionKey(members: readonly Type[], { ids }: Walk): string {
  const idOf = ({ compilerType }: Type) => {
    const id = ids.get(compilerType) ?? ids.size;
    ids.set(compilerType, id);
    return id;
  };
  return members.map(idOf).join('|');
}

/** Reads a type that may refer to itself; if it does, it becomes a definition. */
function readOnce(key: Key, type: Type, walk: Walk, read: () => ReadType): ReadType {
  const { definitions, names, open } = walk;
  const known = names.get(key);
  if (known !== undefined) {
    walk.exact &&= definitions.get(known)?.exact ?? true;
    return reference(known);
  }
  const self = open.get(key);
  if (self) {
    self.met = true;
    return reference(self.name);
  }
  const frame = { name: freeName(type, walk), met: false };
  open.set(key, frame);
  const found = read();
  open.delete(key);
  if (!frame.met) return found;
  const exact = walk.exact && walk.problems.length === 0;
  definitions.set(frame.name, { ...found, exact });
  names.set(key, frame.name);
  return reference(frame.name);
}

function reference(name: string): ReadType {
  return { shape: { kind: 'ref', name }, text: { ref: name } };
}

/** The type's own name, with a number if another has it. */
function freeName(type: Type, { definitions, open }: Walk): string {
  const own = (type.getAliasSymbol() ?? type.getSymbol())?.getName() ?? '';
  const base = /^[A-Za-z]\w*$/.test(own) ? own.charAt(0).toUpperCase() + own.slice(1) : 'Shape';
  const opened = new Set([...open.values()].map(({ name }) => name));
  const isTaken = (name: string) => definitions.has(name) || opened.has(name);
  let name = base;
  for (let count = 2; isTaken(name); count++) name = `${base}${count}`;
  return name;
}

function readParts(type: Type, walk: TypeWalk): ReadType {
  if (type.isIntersection()) return readIntersection(type, walk);
  if (!type.isObject()) return refuse(walk, `is ${named(type, walk.at)}, which is no data.`);
  return readList(type, walk) ?? readBuiltIn(type, walk) ?? readObject(type, walk);
}

/** Objects merge into one. Beside a value that is no plain object, the other parts are brands: they add no data. */
function readIntersection(type: Type, walk: TypeWalk): ReadType {
  const value = type
    .getIntersectionTypes()
    .find((part) => !part.isObject() || part.isArray() || part.isTuple() || builtInName(part));
  if (!value) return readObject(type, walk);
  walk.exact = false;
  return walk.read(value);
}

/** What the shape as a whole cannot be, placed at the nearest field that the user wrote. */
function faultsOf(shape: Shape, what: string, { definitions, places, at }: Walk): TypeProblem[] {
  const shapes = Object.fromEntries([...definitions].map(([name, read]) => [name, read.shape]));
  return shapeFaults(shape, shapes).map(({ path, message }) => {
    const full = path === '' || path.startsWith('[') ? what + path : `${what}.${path}`;
    let near = full;
    while (near !== '' && !places.has(near)) {
      near = near.slice(0, Math.max(0, near.lastIndexOf('.'), near.lastIndexOf('[')));
    }
    return { node: places.get(near) ?? at, message: `${full}: ${message}.` };
  });
}
