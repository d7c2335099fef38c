import type { Duration } from './duration.js';
import type { StandardSchema } from './standard-schema.js';

/** A named level, or a smallint: greater runs first. `low` −10, `normal` 0, `high` 10, `critical` 20. */
export type Priority = 'low' | 'normal' | 'high' | 'critical' | number;

/**
 * What an enqueue does when another job of the task already holds its key: `raise` rejects with `DuplicateJob`, `ignore`
 * gives the handle of that job, `replace` makes that job the new one while it still waits (a running one raises).
 */
export type OnConflict = 'raise' | 'ignore' | 'replace';

/** How long an ended job is kept, from its end: a duration, not at all, or for ever. */
export type Retention = Duration | 'none' | 'forever';

/** How long a job holds its key: while it waits and runs, or as long as it is kept after its end too. */
export type KeyScope = 'active' | 'history';

/**
 * How long after a failed run the next one starts. With `n` the number of failed runs so far:
 * `exponential` base × factor^(n−1), `linear` base × n, `fixed` delay, `list` delays[n−1] (the last repeats).
 * `max` caps it (default 5m, or `base` if that is longer); `jitter` (0 to 1) then spreads it evenly over ± that share
 * (default 0.1 for exponential and linear, 0 for fixed and list). `factor` is 2 by default.
 */
export type Backoff =
  | {
      kind: 'exponential';
      base: Duration;
      factor?: number | undefined;
      max?: Duration | undefined;
      jitter?: number | undefined;
    }
  | {
      kind: 'linear';
      base: Duration;
      max?: Duration | undefined;
      jitter?: number | undefined;
    }
  | { kind: 'fixed'; delay: Duration; jitter?: number | undefined }
  | { kind: 'list'; delays: readonly Duration[]; jitter?: number | undefined };

/** What a task declares. Every option must be known without running the manifest: a literal, a const, or arithmetic on them. */
export interface TaskOptions<A, R, AOut, ROut> {
  /** Schema of the args (valibot, or any Standard Schema). Without one, the type argument is compiled to a validator. */
  args?: StandardSchema<A, AOut> | undefined;
  /** Schema of what the handler returns. */
  result?: StandardSchema<R, ROut> | undefined;
  /**
   * Of the args, as rows hold them. Raise it with a change that rows of the last released version would not fit: `generate`
   * then writes the upcaster to fill in, and workers bring older rows up to date before they run. @default 1
   */
  version?: number | undefined;
  /** Names that the task had before it was renamed or moved: its jobs, keys and old callers stay with it. */
  formerly?: readonly string[] | undefined;
  /** Runs in all, the first included. @default 3 */
  maxAttempts?: number | undefined;
  /** Recorded starts that may end with a dead worker; the last of them fails the job. @default 3 */
  maxRescues?: number | undefined;
  /** When a failed run is repeated. @default exponential, base 1s, factor 2, max 5m, jitter 0.1 */
  backoff?: Backoff | undefined;
  /** How long one run may take before its signal aborts and the run fails as `TimedOut`. @default '60s' */
  timeout?: Duration | undefined;
  /** @default 'normal' */
  priority?: Priority | undefined;
  /** Where the task's jobs are routed: names with dots between them. @default the task's name */
  topic?: string | undefined;
  /** How late a job may start; after that it expires unstarted. null: never. Judged on when it was due. @default null */
  startWithin?: Duration | null | undefined;
  /**
   * How long ended jobs are kept, for all or by how they ended. A result that somebody awaits is kept until then, whatever this says.
   *
   * @default completed 1d, failed 7d, cancelled 3d, expired 7d
   */
  retention?:
    | Retention
    | {
        completed?: Retention | undefined;
        failed?: Retention | undefined;
        cancelled?: Retention | undefined;
        expired?: Retention | undefined;
      }
    | undefined;
  /** The idempotency key of a job: a text of args' fields, compiled to a template and never called. */
  key?: ((args: NoInfer<A>) => string) | undefined;
  /** @default 'active' */
  keyScope?: KeyScope | undefined;
  /** @default 'raise' for a single enqueue, 'ignore' for `.many` */
  onConflict?: OnConflict | undefined;
}

/** A declared task, whatever its types. */
export interface AnyTask {
  readonly '~pgsched': 'task';
  readonly options: object;
}

/** A declared task. `A` is what callers pass and the row stores, `AOut` what the handler gets; `R` what it returns, `ROut` what callers get. */
export interface Task<A, R, AOut = A, ROut = R> extends AnyTask {
  readonly '~types'?: { args: A; result: R; parsedArgs: AOut; parsedResult: ROut };
}

/** Tasks by name; groups nest to any depth. */
export interface Group {
  readonly [name: string]: AnyTask | Group;
}

/**
 * Declares a task, by types (`task<Args, Result>({ … })`) or by schemas (`task({ args: v.object({ … }) })`).
 * The name is the place in the manifest.
 */
export function task<A = void, R = void, AOut = A, ROut = R>(
  options: TaskOptions<A, R, AOut, ROut> = {},
): Task<A, R, AOut, ROut> {
  return { '~pgsched': 'task', options };
}

/** What a manifest says beside its tasks. */
export interface ManifestOptions {
  /**
   * Names of tasks that were deleted. After `migrate` SQL cannot enqueue them any more; jobs of theirs that still wait, or that
   * older clients enqueue, are run by workers that know them, and reported by the others.
   */
  retired?: readonly string[] | undefined;
}

/** The manifest: every task of the project. Export it as the default of the manifest file. */
export function defineTasks<M extends Group>(tasks: M, options?: ManifestOptions): M;
export function defineTasks(tasks: Group): Group {
  return tasks;
}
