import type { Node } from 'ts-morph';
import { priorityLevels, taskDefaults } from '../../runtime/contract/defaults.js';
import { isTopic } from '../../runtime/contract/topic.js';
import type { TaskContract } from '../../runtime/contract/types.js';
import type { ErrorName } from '../../runtime/errors.js';
import { closest } from '../closest.js';
import { readBackoff } from './backoff.js';
import { evaluate, fieldsOf, type Static } from './evaluate.js';
import { readFormerNames } from './former-names.js';
import { compileKey, InvalidKey } from './key-template.js';
import { excerpt, NotStatic } from './resolve.js';
import { readRetention } from './retention.js';
import { duration, InvalidValue, scalarOf, show, wholeNumber } from './value.js';

/** What a task's options say, every default filled in. */
export type Options = Pick<
  TaskContract,
  | 'version'
  | 'formerly'
  | 'maxAttempts'
  | 'maxRescues'
  | 'timeout'
  | 'priority'
  | 'backoff'
  | 'startWithin'
  | 'retention'
  | 'key'
  | 'keyScope'
  | 'onConflict'
  | 'schemas'
> & {
  /** null: the task's name. */
  readonly topic: string | null;
};

export type Report = (
  name: ErrorName,
  node: Node,
  message: string,
  other?: { readonly node: Node; readonly message: string },
) => void;

const none: Options = {
  version: 1,
  maxAttempts: taskDefaults.maxAttempts,
  maxRescues: taskDefaults.maxRescues,
  timeout: taskDefaults.timeout,
  priority: taskDefaults.priority,
  backoff: taskDefaults.backoff,
  topic: null,
  startWithin: null,
  retention: taskDefaults.retention,
  key: null,
  keyScope: 'active',
  onConflict: null,
  schemas: { args: false, result: false },
};

/** Reads the options of one task from their syntax; what is wrong is reported at its place and left at its default. */
export function readOptions(options: Node | undefined, report: Report): Options {
  if (options === undefined) return none;
  const fields = attempt('The options', options, report, () => fieldsOf(options));
  if (!fields) return none;
  const read = { ...none };
  for (const [name, { name: nameNode, value }] of fields) {
    const reader = readers.get(name);
    if (!reader) {
      report('InvalidTaskOption', nameNode, unknownOption(name));
    } else if (!isUndefined(value)) {
      Object.assign(
        read,
        attempt(name, value, report, () => reader(value)),
      );
    }
  }
  const has = (name: string) => {
    const field = fields.get(name);
    return field !== undefined && !isUndefined(field.value);
  };
  const retention = fields.get('retention');
  if (retention && read.keyScope === 'history' && Object.values(read.retention).includes(0)) {
    report('InvalidTaskOption', retention.value, keyWithoutJob);
  }
  return { ...read, schemas: { args: has('args'), result: has('result') } };
}

const keyWithoutJob =
  "keyScope 'history' holds a key for as long as its job is kept, which with this retention is not at all. Give it a duration, or leave keyScope at 'active'.";

const conflicts = ['raise', 'ignore', 'replace'] as const;

type Reader = (node: Node) => Partial<Options>;

/** One reader per option. Schemas are read by their types alone. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['args', () => ({})],
  ['result', () => ({})],
  ['version', evaluated((version) => ({ version: wholeNumber(version, 'version', 1, 32_767) }))],
  ['formerly', evaluated((formerly) => ({ formerly: readFormerNames(formerly) }))],
  [
    'maxAttempts',
    evaluated((maxAttempts) => ({
      maxAttempts: wholeNumber(maxAttempts, 'maxAttempts', 1, 32_767),
    })),
  ],
  [
    'maxRescues',
    evaluated((maxRescues) => ({ maxRescues: wholeNumber(maxRescues, 'maxRescues', 1, 32_767) })),
  ],
  ['timeout', evaluated((timeout) => ({ timeout: duration(timeout, 'timeout', 1) }))],
  ['priority', evaluated((priority) => ({ priority: readPriority(priority) }))],
  ['backoff', evaluated((backoff) => ({ backoff: readBackoff(backoff) }))],
  ['topic', evaluated((topic) => ({ topic: readTopic(topic) }))],
  ['startWithin', evaluated((startWithin) => ({ startWithin: readStartWithin(startWithin) }))],
  ['retention', evaluated((retention) => ({ retention: readRetention(retention) }))],
  [
    'keyScope',
    evaluated((keyScope) => ({ keyScope: oneOf(keyScope, 'keyScope', ['active', 'history']) })),
  ],
  [
    'onConflict',
    evaluated((onConflict) => ({
      onConflict: oneOf(onConflict, 'onConflict', conflicts),
    })),
  ],
  ['key', (node) => ({ key: compileKey(node) })],
]);

/** `undefined`, written or by a const, leaves an option at its default. */
function evaluated(read: (found: Static) => Partial<Options>): Reader {
  return (node) => {
    const found = evaluate(node);
    return found.kind === 'value' && found.value === undefined ? {} : read(found);
  };
}

function readPriority(found: Static): number {
  const value = scalarOf(found);
  const level = typeof value === 'string' ? priorityLevels[value] : value;
  if (typeof level === 'number' && Number.isInteger(level) && Math.abs(level + 0.5) <= 32_767.5) {
    return level;
  }
  throw new InvalidValue(
    found.node,
    `priority must be ${Object.keys(priorityLevels).join(', ')}, or a whole number from -32768 to 32767; got ${show(found)}.`,
  );
}

function readTopic(found: Static): string {
  const value = scalarOf(found);
  if (typeof value === 'string' && isTopic(value)) return value;
  throw new InvalidValue(
    found.node,
    `topic must be names with dots between them, without * and spaces; got ${show(found)}.`,
  );
}

function readStartWithin(found: Static): number | null {
  return scalarOf(found) === null ? null : duration(found, 'startWithin', 0);
}

function oneOf<T extends string>(found: Static, option: string, values: readonly T[]): T {
  const value = scalarOf(found);
  if (values.includes(value as T)) return value as T;
  const wanted = values.map((name) => `'${name}'`).join(', ');
  throw new InvalidValue(found.node, `${option} must be one of ${wanted}; got ${show(found)}.`);
}

function unknownOption(name: string): string {
  const near = closest(name, readers.keys());
  const hint =
    near === null ? `A task has ${[...readers.keys()].join(', ')}.` : `Did you mean \`${near}\`?`;
  return `\`${name}\` is no option of a task. ${hint}`;
}

function isUndefined(node: Node): boolean {
  return node.getText() === 'undefined';
}

/** Runs one reader and turns what it throws into a finding. */
function attempt<T>(what: string, node: Node, report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotStatic) {
      const use = isWithin(error.node, node) ? undefined : { node, message: 'it is used here' };
      report('NotStatic', error.node, notStatic(what, error.node), use);
    } else if (error instanceof InvalidKey) {
      report('InvalidKeyFunction', error.node, error.message);
    } else if (error instanceof InvalidValue) {
      report('InvalidTaskOption', error.node ?? node, error.message);
    } else {
      throw error;
    }
    return undefined;
  }
}

function isWithin(node: Node, outer: Node): boolean {
  return node === outer || node.getAncestors().includes(outer);
}

function notStatic(what: string, node: Node): string {
  return `${what} must be known without running the manifest: use a literal or a const. \`${excerpt(node)}\` is neither.`;
}
