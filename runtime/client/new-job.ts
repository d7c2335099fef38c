import type { TaskCodec } from '../contract/codec.js';
import { priorityLevels } from '../contract/defaults.js';
import { evaluateKey } from '../contract/key.js';
import { unstorable } from '../contract/storable.js';
import { isTopic } from '../contract/topic.js';
import type { ClientTaskContract } from '../contract/types.js';
import { type Duration, milliseconds } from '../duration.js';
import { type Issue, PgschedError } from '../errors.js';
import type { OnConflict, Priority } from '../task.js';
import type { JobSettings } from './types.js';

/** A task as the client knows it. */
export interface ClientTask {
  readonly name: string;
  readonly contract: ClientTaskContract;
  readonly codec: TaskCodec;
}

/** What jobs share that differ in their args, time and key alone. */
export interface JobKind {
  readonly task: ClientTask;
  readonly priority: number;
  /** The call's own topic; null: the task's. */
  readonly topic: string | null;
  /** The call's own, in milliseconds; -1 is never, null is the task's. */
  readonly startWithin: number | null;
  /** Milliseconds for which the result is kept at least; null: nobody awaits it yet. */
  readonly awaited: number | null;
}

/** A job that is about to be inserted: checked, and in the database's terms. */
export interface NewJob {
  readonly kind: JobKind;
  readonly args: string | null;
  readonly runAt: string | null;
  readonly delay: number | null;
  readonly key: string | null;
  readonly headers: string | null;
}

/** The options of an enqueue, checked: all of a new job but what its args say. */
export interface JobOptions extends Pick<NewJob, 'kind' | 'runAt' | 'delay' | 'headers'> {
  /** The call's own; undefined: the task's rule makes it from the args. */
  readonly key: string | undefined;
}

export const argsLimit: number = 1024 * 1024;
const keyLimit = 200;

/** @throws InvalidOption */
export function jobOptions(
  task: ClientTask,
  options: JobSettings,
  awaited: number | null = null,
): JobOptions {
  return {
    kind: kindOf(task, options, awaited),
    ...whenOf(options.runAt, options.delay),
    key: options.key === undefined ? undefined : ownKey(options.key),
    headers: headersOf(options.headers),
  };
}

/** What the caller passed, checked and encoded; or what is wrong with the args. @throws InvalidOption, ArgsTooLarge */
export function newJob(
  args: unknown,
  options: JobOptions,
): { job: NewJob } | { issues: readonly Issue[] } {
  const { task } = options.kind;
  const encoded = task.codec.encodeArgs(args);
  if (!encoded.ok) return { issues: encoded.issues };
  const json = task.contract.args === null ? null : encoded.json;
  if (json !== null) checkSize(task.name, json);
  const key = options.key ?? taskKey(task, encoded.value);
  return { job: { ...options, args: json, key } };
}

/** The same, of a job that is enqueued by itself. @throws InvalidArgs, InvalidOption, ArgsTooLarge */
export function singleJob(args: unknown, options: JobOptions): NewJob {
  const made = newJob(args, options);
  if ('issues' in made) throw invalidArgs(options.kind.task.name, made.issues);
  return made.job;
}

export function invalidArgs(task: string, issues: readonly Issue[]): PgschedError {
  const shown = issues.slice(0, 20).map((issue) => {
    const item = issue.index === undefined ? '' : `[${issue.index}] `;
    return `  ${item}${issue.path === '' ? 'args' : issue.path}: ${issue.message}`;
  });
  if (issues.length > shown.length) shown.push(`  … and ${issues.length - shown.length} more`);
  return new PgschedError('InvalidArgs', {
    message: `The args of ${task} do not fit its contract; nothing was enqueued.\n${shown.join('\n')}`,
    details: { task, issues },
  });
}

/** What applies to a conflict: the call's option, else the task's, else the kind of call's default. */
export function conflictOf(
  task: Pick<ClientTaskContract, 'onConflict'>,
  option: OnConflict | undefined,
  fallback: OnConflict,
): OnConflict {
  if (option !== undefined && !['raise', 'ignore', 'replace'].includes(option)) {
    throw invalidOption(`onConflict must be 'raise', 'ignore' or 'replace'; got ${show(option)}.`);
  }
  return option ?? task.onConflict ?? fallback;
}

const plainKinds = new WeakMap<ClientTask, JobKind>();

/** Jobs without options of their own are of one kind for good: whoever groups them need not compare. */
function kindOf(
  task: ClientTask,
  { priority, topic, startWithin }: JobSettings,
  awaited: number | null,
): JobKind {
  const plain =
    priority === undefined && topic === undefined && startWithin === undefined && awaited === null;
  const known = plain ? plainKinds.get(task) : undefined;
  if (known !== undefined) return known;
  const kind: JobKind = {
    task,
    priority: priorityOf(priority, task.contract.priority),
    topic: topicOf(task, topic),
    startWithin: startWithinOf(startWithin),
    awaited,
  };
  if (plain) plainKinds.set(task, kind);
  return kind;
}

function checkSize(task: string, json: string): void {
  // A UTF-16 unit is at most three bytes: most texts need no counting.
  if (json.length * 3 <= argsLimit) return;
  const size = utf8Length(json);
  if (size <= argsLimit) return;
  throw new PgschedError('ArgsTooLarge', {
    message: `The args of ${task} are ${size} bytes of JSON, more than the limit of ${argsLimit}. Store the data elsewhere and pass a reference to it.`,
    details: { task, size, limit: argsLimit },
  });
}

function priorityOf(option: Priority | undefined, fallback: number): number {
  if (option === undefined) return fallback;
  const priority = typeof option === 'string' ? priorityLevels[option] : option;
  if (priority === undefined || !Number.isInteger(priority) || Math.abs(priority) > 32_767) {
    throw invalidOption(
      `priority must be ${Object.keys(priorityLevels).join(', ')}, or a whole number from -32767 to 32767; got ${show(option)}.`,
    );
  }
  return priority;
}

function topicOf(task: ClientTask, option: string | undefined): string | null {
  if (option === undefined || option === task.contract.topic) return null;
  if (typeof option === 'string' && isTopic(option)) return option;
  throw invalidOption(
    `topic must be names with dots between them, without * and spaces; got ${show(option)}.`,
  );
}

function startWithinOf(option: Duration | null | undefined): number | null {
  if (option === undefined) return null;
  return option === null ? -1 : milliseconds(option, 'startWithin');
}

function whenOf(runAt: Date | string | undefined, delay: Duration | undefined): PlaceInTime {
  if (runAt !== undefined && delay !== undefined) {
    throw invalidOption('runAt and delay exclude each other: give one of them.');
  }
  return {
    runAt: runAt === undefined ? null : instant(runAt),
    delay: delay === undefined ? null : milliseconds(delay, 'delay'),
  };
}

/** ISO text of an instant. Text without an offset is refused: it would mean another instant in another time zone. */
export function instant(value: Date | string): string {
  if (value instanceof Date) {
    const year = value.getUTCFullYear();
    if (year >= 1 && year <= 9999) return value.toISOString();
  } else if (typeof value === 'string' && isInstant(value)) {
    return value;
  }
  throw invalidOption(
    `runAt must be a valid Date, or a text with an offset such as '2030-01-31T09:00:00Z', of the years 1 to 9999; got ${show(value)}.`,
  );
}

/** When a job is to run: an instant, or so many milliseconds from now by the database's clock. */
export interface PlaceInTime {
  readonly runAt: string | null;
  readonly delay: number | null;
}

/** An instant, or so long from now by the database's clock. */
export function placeInTime(at: Date | Duration): PlaceInTime {
  return at instanceof Date
    ? { runAt: instant(at), delay: null }
    : { runAt: null, delay: milliseconds(at, 'at') };
}

/** What PostgreSQL reads as we do. `Date.parse` alone would take the 30th of February for the 2nd of March. */
function isInstant(text: string): boolean {
  const iso =
    /^((?!0000)\d{4}-\d\d-\d\d)[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-5])(?::?\d\d)?)$/i;
  const day = Date.parse(`${iso.exec(text)?.[1]}T00:00Z`);
  if (Number.isNaN(day) || !text.startsWith(new Date(day).toISOString().slice(0, 10))) return false;
  // It wants minutes in the offset.
  return !Number.isNaN(Date.parse(text.replace(/([+-]\d\d)$/, '$1:00')));
}

function taskKey(task: ClientTask, stored: unknown): string | null {
  return task.contract.key === null ? null : checkKey(evaluateKey(task.contract.key, stored));
}

function ownKey(option: string): string {
  if (typeof option !== 'string') throw invalidOption(`key must be a text; got ${show(option)}.`);
  return checkKey(option);
}

function checkKey(key: string): string {
  if (key === '' || utf8Length(key) > keyLimit || unstorable(key) !== null) {
    throw invalidOption(
      `key must be a text of 1 to ${keyLimit} bytes without NUL or lone surrogates; got ${show(key)}. For a longer one pass a hash of it.`,
    );
  }
  return key;
}

function headersOf(headers: Readonly<Record<string, string>> | undefined): string | null {
  if (headers === undefined) return null;
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw invalidOption(`headers must be an object of texts; got ${show(headers)}.`);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || unstorable(name) !== null || unstorable(value) !== null) {
      throw invalidOption(
        `headers must be texts without NUL or lone surrogates; ${show(name)} is not.`,
      );
    }
  }
  return JSON.stringify(headers);
}

export function invalidOption(message: string): PgschedError {
  return new PgschedError('InvalidOption', { message });
}

/** In bytes. */
function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
