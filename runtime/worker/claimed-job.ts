import type { TaskCodec } from '../contract/codec.js';
import { taskDefaults } from '../contract/defaults.js';
import { forEver } from '../contract/sql-defaults.js';
import type { EndStatus, TaskContract } from '../contract/types.js';
import type { AnyHandler } from './types.js';

/** A task that this worker serves. */
export interface ServedTask {
  readonly name: string;
  readonly contract: TaskContract;
  readonly codec: TaskCodec;
  readonly handler: AnyHandler;
  /** The task's number in the database. */
  readonly number: number;
}

/** Tasks and the payload versions of theirs that this worker takes. */
export interface Kinds {
  readonly tasks: number[];
  readonly versions: number[];
}

export function kindsOf(tasks: readonly ServedTask[]): Kinds {
  return {
    tasks: tasks.flatMap((task) => task.codec.versions.map(() => task.number)),
    versions: tasks.flatMap((task) => task.codec.versions),
  };
}

/** What proves in every write that a job is this worker's. */
export interface Holding {
  readonly id: string;
  readonly fence: string;
}

/** A job that is this worker's. */
export interface ClaimedJob extends Holding {
  readonly task: ServedTask;
  /** The payload version of its args. */
  readonly version: number;
  readonly attempt: number;
  /** It was rescued from a dead worker: its start is recorded before it runs. */
  readonly suspect: boolean;
  /** How many of its recorded starts ended with a dead worker. */
  readonly rescues: number;
  /** The instant after which it is too late to start, on this process' monotonic clock. */
  readonly startBy: number;
  readonly topic: string;
  readonly args: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a run ends: the arguments of a settle. */
export interface Settlement extends Holding {
  /** interrupt: it had started, and is given back as it was; release: it had not. */
  readonly outcome:
    | 'completed'
    | 'failed'
    | 'cancelled'
    | 'expired'
    | 'retry'
    | 'snooze'
    | 'interrupt'
    | 'release';
  /** JSON of the result or error. */
  readonly value: string | null;
  /** Milliseconds until the next run; null: the policy decides. */
  readonly delay: number | null;
  /** JSON of the backoff policy. */
  readonly policy: string | null;
  /** How long to keep what ends: milliseconds, 0 not at all, -1 for ever; null: the default of its outcome. */
  readonly retain: number | null;
}

/** How a task's jobs are kept that end so, as a settlement says it. Not at all for what goes on. */
export function retainOf(contract: TaskContract, outcome: Settlement['outcome']): number | null {
  if (!(outcome in contract.retention)) return null;
  const ms = contract.retention[outcome as EndStatus];
  if (ms === taskDefaults.retention[outcome as EndStatus]) return null;
  return ms ?? forEver;
}

/**
 * A row of a claim that is a job. Not made from the query's own type: a user's compiler would have to find pgtyped's types through it.
 */
export interface ClaimedRow {
  readonly id: string;
  readonly task: number;
  readonly version: number;
  readonly attempt: number;
  readonly suspect: boolean;
  readonly rescues: number;
  readonly topic: string | null;
  readonly args: unknown;
  readonly headers: unknown;
  readonly late: number | null;
  readonly startWithin: string | null;
}

export function claimedJob(
  row: ClaimedRow,
  fence: string,
  task: ServedTask,
  now: number,
): ClaimedJob {
  return {
    id: row.id,
    fence,
    task,
    version: row.version,
    attempt: row.attempt,
    suspect: row.suspect,
    rescues: row.rescues,
    startBy: startBy(row, task, now),
    topic: row.topic ?? task.contract.topic,
    args: row.args,
    headers: (row.headers ?? {}) as Record<string, string>,
  };
}

/** The call's own limit, else the task's; none for a job that has started before. */
function startBy(row: ClaimedRow, task: ServedTask, now: number): number {
  const own = row.startWithin === null ? task.contract.startWithin : Number(row.startWithin);
  if (row.late === null || own === null || own < 0) return Number.POSITIVE_INFINITY;
  return now + own - row.late;
}
