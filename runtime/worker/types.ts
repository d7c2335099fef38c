/// <reference lib="esnext.disposable" preserve="true" />
import type { PoolClient } from 'pg';
import type { AnyTx, QueryPool } from '../client/transaction.js';
import type { Duration } from '../duration.js';

/** What a handler gets beside its args. */
export interface Job<R = unknown, Context = undefined> {
  readonly id: string;
  readonly task: string;
  readonly topic: string;
  /** This run's number, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Aborts on timeout, cancel, a lost lease, and the shutdown deadline; `reason` says which. It is made when it is first read: a
   * copy of the job by `{ ...job }` has none.
   */
  readonly signal: AbortSignal;
  readonly context: Context;
  /**
   * Says how far the run has come: a fraction from 0 to 1, and data that JSON can hold. Written at most once a second,
   * the latest counts.
   */
  progress(fraction: number, data?: unknown): Promise<void>;
  /**
   * Runs `fn` in a transaction that also completes the job: its effects and the completion commit together, exactly once.
   * A lost lease rolls it all back.
   *
   * @throws LeaseLost when the job is no longer this run's
   */
  transaction(fn: (tx: PoolClient) => Promise<R>): Promise<R>;
  /** Completes the job inside a transaction of the handler's own. @throws LeaseLost, so that you roll back */
  complete(
    tx: AnyTx,
    ...result: [R] extends [void] ? [result?: undefined] : [result: R]
  ): Promise<R>;
}

/** What runs a task: gets the parsed args, returns the result. */
export type Handler<A, R, Context = undefined> = (args: A, job: Job<R, Context>) => Promise<R> | R;

// biome-ignore lint/suspicious/noExplicitAny: a registry holds handlers of all types.
export type AnyHandler = (args: any, job: any) => unknown;

export interface WorkerOptions {
  /** @default `PGSCHED_DATABASE_URL`, else `DATABASE_URL`, else `PG*` */
  connectionString?: string | undefined;
  /** The pool that `job.transaction` uses. @default the worker's own, of `concurrency` connections at most */
  pool?: QueryPool | undefined;
  /** @default the contract's */
  schema?: string | undefined;
  /** False for transaction-mode poolers. @default true */
  prepare?: boolean | undefined;
  /** Takes only jobs whose topic fits one of these patterns: `*` is one name, `**` any number of names. @default all */
  topics?: readonly string[] | undefined;
  /** Runs at once. @default 25 */
  concurrency?: number | undefined;
  /** Polling when NOTIFY is silent: from `min` after work to `max` when idle, jitter 10 %. @default 50 ms to 1 s */
  poll?: { min?: Duration | undefined; max?: Duration | undefined } | undefined;
  /** How often the worker shows that it lives. @default '1s' */
  beat?: Duration | undefined;
  /** A worker whose beat stands still for this long is dead to the others. @default '15s' */
  lease?: Duration | undefined;
  /** How long a handler may block the event loop before the beat stops for it. @default '60s' */
  maxBlock?: Duration | undefined;
  /**
   * After how long the worker reports that a transaction, a slot or a standby keeps vacuum from removing dead rows.
   * @default '5m'
   */
  horizonLimit?: Duration | undefined;
  /** Where the worker reports. @default warnings and errors to stderr */
  onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/** What a worker reports. */
export type WorkerEvent =
  | {
      readonly type: 'started';
      readonly instance: string;
      readonly tasks: readonly string[];
      readonly schema: string;
      readonly concurrency: number;
    }
  | { readonly type: 'stopped' }
  | { readonly type: 'completed'; readonly id: string; readonly task: string; readonly ms: number }
  | {
      readonly type: 'failed' | 'retried';
      readonly id: string;
      readonly task: string;
      readonly attempt: number;
      readonly error: unknown;
    }
  | { readonly type: 'expired' | 'leaseLost'; readonly id: string; readonly task: string }
  | { readonly type: 'rescued'; readonly jobs: number }
  /** Somebody has kept vacuum from removing dead rows for long; told once of each. `message` says it in words. */
  | { readonly type: 'horizonHeld'; readonly message: string; readonly holder: HorizonHolder }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'error'; readonly message: string; readonly error: unknown };

/** Who keeps vacuum from removing dead rows. */
export interface HorizonHolder {
  readonly kind: 'session' | 'prepared transaction' | 'replication slot' | 'standby';
  /** Of the server's process; null for a prepared transaction, and for a slot that nobody uses. */
  readonly pid: number | null;
  /** The session's or the standby's application name, the transaction's identifier, the slot's name. */
  readonly name: string | null;
  readonly role: string | null;
  /** Such as `idle in transaction`. */
  readonly state: string | null;
  /** How long it has held, in milliseconds: since its transaction began; of a slot or a standby, since this worker first saw it hold. */
  readonly ms: number;
}

/** What keeps the queue's tables from being cleaned up. */
export interface Horizon {
  /** Whose snapshot is the oldest; null: nobody's. */
  readonly holder: HorizonHolder | null;
  /** False: the worker's role is no member of `pg_read_all_stats`, so that a holder of another role cannot be seen. */
  readonly complete: boolean;
  /** Rows that vacuum has still to remove, as the server estimates. */
  readonly deadRows: { readonly job: number; readonly jobKey: number };
}

export interface WorkerStats {
  /** Handlers that run now. */
  readonly running: number;
  /** Claimed, not yet started. */
  readonly buffered: number;
  readonly completed: number;
  readonly failed: number;
  readonly retried: number;
  /** Who keeps vacuum from removing dead rows, as of the last look, which is half a minute ago at most; null before the first. */
  readonly horizon: Horizon | null;
}

export type WorkerState = 'new' | 'starting' | 'running' | 'stopping' | 'stopped';

export interface Worker extends AsyncDisposable {
  readonly state: WorkerState;
  /** Resolves once the worker is registered and claims. @throws DatabaseUnreachable, SchemaOutOfDate */
  start(): Promise<void>;
  /** Stops claiming, lets running handlers finish until `drain` (default '30s'), then aborts them; gives back what did not start. */
  stop(options?: { drain?: Duration | undefined }): Promise<void>;
  stats(): WorkerStats;
}
