/** What a worker gives to its handlers: a context that is made once, and middleware around each run. */
export interface WorkerSetup<Context = undefined> {
  /** Made once, when the worker starts; `job.context` in every handler. */
  readonly context?: (() => Context | Promise<Context>) | undefined;
  /** Called with the context when the worker has stopped. */
  readonly dispose?: ((context: Context) => unknown) | undefined;
  /** Around each run, in the order of the list, the first outermost. */
  readonly middleware?: readonly RunMiddleware<Context>[] | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: the context's type is known to the user's code alone.
export type AnySetup = WorkerSetup<any>;

/**
 * Runs around a handler. `next` runs what is inside, and resolves to what the handler returned. What the middleware
 * resolves to is the run's result, what it throws is the run's failure, `Retry`, `Fail` and `Snooze` included. A result
 * that `job.transaction` or `job.complete` has committed stands, whatever becomes of it here.
 */
export type RunMiddleware<Context = undefined> = (
  run: MiddlewareRun<Context>,
  next: () => Promise<unknown>,
) => Promise<unknown>;

/** What a middleware sees of a run. */
export interface MiddlewareRun<Context = undefined> {
  readonly task: string;
  readonly id: string;
  readonly attempt: number;
  readonly args: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly context: Context;
}

/** Declares the setup of the project's workers: the default export of the worker file, for `pgsched worker` and `createWorker` alike. */
export function defineWorker<Context = undefined>(
  setup: WorkerSetup<Context>,
): WorkerSetup<Context> {
  return setup;
}
