/// <reference lib="esnext.disposable" preserve="true" />
import type { Duration } from '../duration.js';
import type { OnConflict, Priority } from '../task.js';
import type { EnqueueMiddleware } from './middleware.js';
import type { AnyTx, QueryPool } from './transaction.js';

/** How a client reaches its database. Nothing is opened before first use. */
export interface ClientOptions {
  /** @default `PGSCHED_DATABASE_URL`, else `DATABASE_URL`, else `PG*` */
  connectionString?: string | undefined;
  /** A pg Pool to use instead of the client's own; `close()` leaves it open. */
  pool?: QueryPool | undefined;
  /** The database schema of this instance of pgsched. @default the contract's */
  schema?: string | undefined;
  /** False for transaction-mode poolers: no named prepared statements. @default true */
  prepare?: boolean | undefined;
  /** Runs around each enqueue, the first outermost. */
  middleware?: readonly EnqueueMiddleware[] | undefined;
  /** Where warnings go. @default `process.emitWarning` */
  onWarning?: ((message: string) => void) | undefined;
}

/** What an enqueue may say of its job. */
export interface JobSettings {
  /** When to run. An instant that has passed means now; text must carry an offset. Not together with `delay`. */
  runAt?: Date | string | undefined;
  /** How long from now to run, by the database's clock. */
  delay?: Duration | undefined;
  /** @default the task's */
  priority?: Priority | undefined;
  /** Where the job is routed: names with dots between them. @default the task's */
  topic?: string | undefined;
  /** How late the job may start; after that it expires unstarted. null: never. @default the task's */
  startWithin?: Duration | null | undefined;
  /** Idempotency key: unique among the task's waiting and running jobs. @default computed by the task's `key` */
  key?: string | undefined;
  /** @default the task's; else 'raise' for a single enqueue, 'ignore' for `.many` */
  onConflict?: OnConflict | undefined;
  /** Text that travels with the job. */
  headers?: Readonly<Record<string, string>> | undefined;
}

export interface EnqueueOptions extends JobSettings {
  /** The caller's open transaction: the job exists if and only if it commits. */
  tx?: AnyTx | undefined;
}

/** Of one item of `.many`. `tx` and `onConflict` hold for the whole call: they must be the same for every item. */
export type ItemOptions = EnqueueOptions;

export interface CallOptions extends Omit<EnqueueOptions, 'tx' | 'runAt' | 'delay'> {
  /** Bounds the whole request; the job is cancelled when it is over. @default '30s' */
  timeout?: Duration | undefined;
  signal?: AbortSignal | undefined;
}

export interface ResultOptions {
  /** Rejects with `ResultTimeout` after this; the job goes on. @default no limit */
  timeout?: Duration | undefined;
  signal?: AbortSignal | undefined;
}

/** What the caller has of a job. */
export interface JobHandle<R> {
  readonly id: string;
  readonly task: string;
  /** `existing`: another job holds the key, and this is its handle. `replaced`: that job waited, and is the new one now. */
  readonly outcome: 'created' | 'existing' | 'replaced';
  /**
   * Waits for the job to end. Only watches: giving up leaves the job alone.
   *
   * @throws JobFailed, JobCancelled, JobExpired: how it ended, with the remote error in `details`
   * @throws ResultTimeout, ResultGone, NotCommitted
   */
  result(options?: ResultOptions): Promise<R>;
  /** Cancels the job wherever it is. True only if it was waiting or running; a running one stops by its signal. */
  cancel(): Promise<boolean>;
  /** Moves a waiting job in time: to an instant, or so long from now. False: it does not wait any more. */
  reschedule(at: Date | Duration): Promise<boolean>;
  /** How far the running job has come, as its handler said last. null: it does not run, or has said nothing. */
  progress(): Promise<Progress | null>;
}

/** What a handler said with `job.progress(fraction, data)`. */
export interface Progress {
  /** From 0 to 1. */
  readonly fraction: number;
  readonly data: unknown;
  readonly at: Date;
}

/** Args come first unless the task takes none. */
export type Params<A, Options> = [A] extends [void]
  ? [args?: undefined, options?: Options]
  : [args: A, options?: Options];

/** `enqueue.taskName(args, options)` and `enqueue.taskName.many(list, options)`. */
export type EnqueueTask<A, R> = ((
  ...params: Params<A, EnqueueOptions>
) => Promise<JobHandle<R>>) & {
  /**
   * One insert per 1,000 (with keys, or in a transaction: one insert), atomic over the call, handles in the order of the list. Options for all, or per item.
   */
  many(
    list: readonly A[],
    options?: EnqueueOptions | ((args: A, index: number) => ItemOptions),
  ): Promise<JobHandle<R>[]>;
};

/** `call.taskName(args, options)`: enqueue, wait, return the result. */
export type CallTask<A, R> = (...params: Params<A, CallOptions>) => Promise<R>;

/** How a job stands. */
export type JobStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled' | 'expired';

/** A job, read from the database. */
export interface JobInfo<R = unknown> {
  readonly id: string;
  readonly task: string;
  readonly topic: string;
  readonly status: JobStatus;
  readonly attempt: number;
  readonly priority: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a completed job. */
  readonly result: R | null;
  /** Of a failed job. */
  readonly error: RemoteError | null;
  /** The failed runs before, the last 20 at most. */
  readonly failures: readonly (RemoteError & { readonly attempt: number; readonly at: string })[];
  readonly createdAt: Date;
  readonly runAt: Date;
  readonly endedAt: Date | null;
}

/** A handler's error as the database keeps it. */
export interface RemoteError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: RemoteError | undefined;
}

/** Which jobs. Every part that is given must fit. */
export interface JobFilter<N extends string = string> {
  id?: string | readonly string[] | undefined;
  task?: N | readonly N[] | undefined;
  /** A pattern of topics: `*` is one name, `**` any number of names. */
  topic?: string | undefined;
  status?: JobStatus | readonly JobStatus[] | undefined;
  key?: string | undefined;
  /** Enqueued longer ago than this. */
  olderThan?: Duration | undefined;
}

/** What to pause or resume. */
export interface PauseTarget<N extends string = string> {
  task?: N | undefined;
  /** A pattern of topics; topics that come to be later fall under it too. */
  topic?: string | undefined;
}

export type JobEventType =
  | 'enqueued'
  | 'started'
  | 'progressed'
  | 'retried'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'expired';

/** Something that happened to a job. Told as it happens, and not stored. */
export type AnyJobEvent<N extends string = string> =
  | {
      readonly type: Exclude<JobEventType, 'progressed'>;
      readonly id: string;
      readonly task: N;
      readonly attempt: number;
      readonly at: Date;
    }
  | {
      readonly type: 'progressed';
      readonly id: string;
      readonly task: N;
      readonly attempt: number;
      readonly at: Date;
      readonly fraction: number;
      readonly data: unknown;
    };

export interface EventFilter<N extends string = string> {
  task?: N | readonly N[] | undefined;
  type?: JobEventType | readonly JobEventType[] | undefined;
  id?: string | readonly string[] | undefined;
  /** Ends the iteration. */
  signal?: AbortSignal | undefined;
}

/** Jobs as things: `T` is the generated table of tasks. Changes go in batches of 1,000, each of which commits by itself. */
export interface Jobs<T> {
  /** null: the task has no such job, or retention has dropped it. */
  get<N extends keyof T & string>(task: N, id: string): Promise<JobInfo<ResultOf<T[N]>> | null>;
  /** In order of id, at most `limit` (default 100) of those after the id `after`. */
  list<N extends keyof T & string = keyof T & string>(
    filter?: JobFilter<N> & { limit?: number | undefined; after?: string | undefined },
  ): Promise<JobInfo<ResultOf<T[N]>>[]>;
  /** Cancels waiting and running jobs. Answers how many. */
  cancel(filter: JobFilter<keyof T & string>): Promise<number>;
  /** Puts failed, cancelled and expired jobs back to pending, attempts from 0. Answers how many; one whose key another job holds stays. */
  redrive(filter: JobFilter<keyof T & string>): Promise<number>;
  /** Moves waiting jobs in time. Answers how many. */
  reschedule(filter: JobFilter<keyof T & string>, at: Date | Duration): Promise<number>;
  /** Removes ended jobs. Answers how many. */
  purge(filter: JobFilter<keyof T & string>): Promise<number>;
  /** No worker claims jobs of it until it is resumed. What runs goes on. Persistent, for the whole fleet. */
  pause(what: PauseTarget<keyof T & string>): Promise<void>;
  resume(what: PauseTarget<keyof T & string>): Promise<void>;
  paused(): Promise<{ tasks: string[]; topics: string[] }>;
  /** What happens to jobs, while you iterate. Best effort: what happens while the connection is lost is not told later. */
  events<N extends keyof T & string = keyof T & string>(
    filter?: EventFilter<N>,
  ): AsyncIterable<AnyJobEvent<N>>;
}

type ResultOf<T> = T extends { result: infer R } ? R : never;
