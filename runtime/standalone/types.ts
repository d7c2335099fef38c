import type { JobHandle, JobSettings } from '../client/types.js';
import type { ClientTaskContract } from '../contract/types.js';

/** The part of the contract that this client works by, as plain data. */
export interface StandaloneContract {
  /** The database schema that the generated code talks to unless told otherwise. */
  readonly schema: string;
  readonly tasks: { readonly [name: string]: StandaloneTask };
}

/** One task's; schemas stay with the manifest. */
export interface StandaloneTask extends Omit<ClientTaskContract, 'schemas'> {}

/** How a standalone client reaches its database. */
export interface StandaloneOptions {
  /**
   * Sends one statement, with `$1`, `$2`, … for the texts and nulls in `values`, and gives its rows. Within a transaction, the
   * jobs exist if and only if it commits; else each call is a transaction of its own.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the libraries' own signatures differ, and only `any` takes them all.
  query(text: string, values: any[]): PromiseLike<{ rows: any[] } | readonly any[]>;
  /** The database schema of this instance of pgsched. @default the contract's */
  schema?: string | undefined;
}

/** `enqueue.taskName(args, options)` and `enqueue.taskName.many(list, options)`. */
export interface EnqueueTask<A, R> {
  (args: A, options?: EnqueueOptions): Promise<JobHandle<R>>;
  /** One insert, atomic over the call, handles in the order of the list. Options for all, or per item; `onConflict` must be one for all. */
  many(
    list: readonly A[],
    options?: EnqueueOptions | ((args: A, index: number) => EnqueueOptions),
  ): Promise<JobHandle<R>[]>;
}

/** The same of a task that takes no args. */
export interface EnqueueTaskWithoutArgs<R> {
  (args?: undefined, options?: EnqueueOptions): Promise<JobHandle<R>>;
  many(
    list: readonly undefined[],
    options?: EnqueueOptions | ((args: undefined, index: number) => EnqueueOptions),
  ): Promise<JobHandle<R>[]>;
}

export interface EnqueueOptions extends JobSettings {}
