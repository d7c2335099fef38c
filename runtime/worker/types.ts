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
  /** Aborts on timeout, cancel, a lost lease, and the shutdown deadline; `reason` says which. */
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
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'error'; readonly message: string; readonly error: unknown };

export interface WorkerStats {
  /** Handlers that run now. */
  readonly running: number;
  /** Claimed, not yet started. */
  readonly buffered: number;
  readonly completed: number;
  readonly failed: number;
  readonly retried: number;
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
