/// <reference lib="esnext.disposable" preserve="true" />
import type { PoolClient } from 'pg';
import type { AnyTx } from '../client/transaction.js';
import type { Params } from '../client/types.js';
import type { Job } from '../worker/types.js';

export interface TestingOptions<Context = undefined> {
  /** @default `PGSCHED_DATABASE_URL`, else `DATABASE_URL`, else `PG*` */
  connectionString?: string | undefined;
  /** @default the contract's */
  schema?: string | undefined;
  /** What `job.context` is. @default what the worker file makes, once; its `dispose` is called by `close()` */
  context?: Context | undefined;
}

export interface PerformOptions<Context = undefined> {
  /** @default that of `createTesting` */
  context?: Context | undefined;
  /** An open transaction of the test's own, for handlers that use `job.transaction`. Nothing commits it. */
  tx?: PoolClient | undefined;
  /** Parts of the handler's `job`, in place of a first run's. */
  job?: Partial<Omit<Job<unknown, Context>, 'context'>> | undefined;
}

export interface EnqueuedOptions {
  /** The transaction to look from. @default what is committed */
  tx?: AnyTx | undefined;
}

export interface DrainOptions {
  /** Runs at once. @default 1 */
  concurrency?: number | undefined;
}

/** A waiting job. */
export interface EnqueuedJob<A> {
  readonly id: string;
  /** As they were passed. */
  readonly args: A;
  readonly topic: string;
  readonly priority: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly runAt: Date;
  /** Runs so far. */
  readonly attempt: number;
}

/** Test helpers of a project: `T` is the generated table of tasks. */
export interface Testing<T extends TestedTasks<T>, Context = undefined> extends AsyncDisposable {
  /**
   * Runs a task's handler, without a database and without middleware: args are checked and parsed, the result too.
   * What the handler throws is thrown as it is.
   *
   * @throws InvalidArgs, InvalidResult
   */
  perform<N extends keyof T & string>(
    task: N,
    ...params: Params<T[N]['args'], PerformOptions<Context>>
  ): Promise<T[N]['result']>;
  /** The task's waiting jobs, in the order in which they were enqueued. */
  enqueued<N extends keyof T & string>(
    task: N,
    options?: EnqueuedOptions,
  ): Promise<EnqueuedJob<T[N]['args']>[]>;
  /**
   * Runs all jobs that are due, and those that they enqueue, by a worker with the project's handlers and middleware.
   * Stops at the first run that fails, and throws what its handler threw. Answers how many jobs were completed.
   */
  drain(options?: DrainOptions): Promise<number>;
  /** Ends its connections, and disposes of the context that it has made. */
  close(): Promise<void>;
}

type TestedTasks<T> = { readonly [N in keyof T]: { args: unknown; result: unknown } };
