import { recordStart } from '../../queries/worker.queries.js';
import { chain } from '../chain.js';
import { shapeCodec } from '../contract/shape.js';
import type { TaskContract } from '../contract/types.js';
import { isConnectionError } from '../database/connection.js';
import type { Run as RunStatement } from '../database/statements.js';
import { type Duration, milliseconds } from '../duration.js';
import type { Issue } from '../errors.js';
import type { Retry, Snooze } from '../outcome.js';
import type { RunMiddleware } from '../worker-setup.js';
import { type ClaimedJob, type Holding, retainOf, type Settlement } from './claimed-job.js';
import { JobCompletion, type TransactionPool } from './completion.js';
import { JobArgument } from './job-argument.js';
import type { ProgressReports } from './progress.js';
import { toRemoteError } from './remote-error.js';
import {
  afterCompletion,
  badProgress,
  badResult,
  badRow,
  cancelled,
  leaseLost,
  timedOut,
  unreadable,
} from './run-errors.js';
import { RunSignal } from './run-signal.js';
import type { Settled } from './settler.js';
import type { WorkerEvent } from './types.js';

// biome-ignore lint/suspicious/noExplicitAny: the context's type is known to the user's code alone.
type AnyMiddleware = RunMiddleware<any>;

/** What a run needs of its worker. */
export interface RunContext {
  readonly run: RunStatement;
  readonly pool: TransactionPool;
  readonly progress: ProgressReports;
  /** What the worker's setup made, and its middleware. */
  readonly setup: { readonly context: unknown; readonly middleware: readonly AnyMiddleware[] };
  settle(settlement: Settlement): Promise<Settled>;
  /** How many settlements are under way. */
  unsettled(): number;
  /** Whether a settlement of this holding is under way. */
  isSettling(holding: Holding): boolean;
  /** The handler is about to be called. */
  started(job: ClaimedJob): void;
  report(event: WorkerEvent): void;
}

/** Why a run's signal aborts, beside a timeout. */
export type AbortCause = 'cancelled' | 'leaseLost' | 'overdue' | 'shutdown';

/** What the handler returned or threw. */
type Ending = { readonly value: unknown } | { readonly thrown: unknown };

/** One execution of a claimed job. Its place is free when the handler has returned, whatever was settled before. */
export class Run {
  readonly job: ClaimedJob;
  readonly #context: RunContext;
  readonly #abort = new RunSignal();
  readonly #completion: JobCompletion;
  readonly #startedAt = performance.now();
  /** Settled already, or no longer ours to settle. */
  #over = false;
  #cancelled = false;

  constructor(job: ClaimedJob, context: RunContext) {
    this.job = job;
    this.#context = context;
    this.#completion = new JobCompletion(job, context.pool, this.#abort);
  }

  /** Resolves when the handler has returned and its outcome, if it is ours to tell, is settled. Never rejects. */
  async execute(onReturned: (run: Run) => void): Promise<void> {
    let ending: Ending | undefined;
    try {
      ending = await this.#call();
    } catch (error) {
      await this.#broke(error);
    } finally {
      onReturned(this);
    }
    if (ending === undefined) return;
    try {
      // In the same turn, so that who waits for handlers to return finds their settlements under way.
      await this.#end(ending);
    } catch (error) {
      await this.#broke(error);
    }
  }

  abort(cause: AbortCause): void {
    const { id, task } = this.job;
    if (cause === 'cancelled') {
      // The row stays until the handler has stopped; cancelled is its only possible end.
      this.#cancelled = true;
      this.#abort.abort(cancelled(this.job));
      return;
    }
    if (cause === 'leaseLost') {
      // What has timed out, been released, or is about to be committed, is none of ours already.
      if (this.#over || this.#completion.begun) return;
      this.#over = true;
      this.#abort.abort(leaseLost(this.job));
      this.#context.report({ type: 'leaseLost', id, task: task.name });
      return;
    }
    this.#abort.abort(
      cause === 'overdue'
        ? leaseLost(this.job)
        : new Error(`The worker shuts down; job ${id} runs again elsewhere.`),
    );
    void this.#settle('interrupt', null);
  }

  /** Such as a result or an error whose reading throws. Without a settle the job would run for ever. */
  async #broke(error: unknown): Promise<void> {
    const { id } = this.job;
    this.#context.report({ type: 'error', message: `The run of job ${id} broke.`, error });
    if (isConnectionError(error)) await this.#settle('release', null);
    else await this.#fail(unreadable(this.job));
  }

  /** Calls the handler. Undefined: it was not called, and the job is settled. */
  async #call(): Promise<Ending | undefined> {
    if (this.job.suspect && !(await this.#begin())) return undefined;
    if (performance.now() > this.job.startBy) {
      await this.#expire();
      return undefined;
    }
    const args = this.job.task.codec.decodeArgs(this.job.args, this.job.version);
    if (!args.ok) {
      await this.#fail(badRow(this.job, args.issues));
      return undefined;
    }
    const timeout = Math.min(this.job.task.contract.timeout, 2 ** 31 - 1);
    // Unreferenced: after the worker has stopped, a handler that never returns keeps no process.
    const timer = setTimeout(() => this.#timeOut(), timeout).unref();
    this.#context.started(this.job);
    try {
      return { value: await this.#handle(args.value) };
    } catch (thrown) {
      return { thrown };
    } finally {
      clearTimeout(timer);
    }
  }

  #handle(args: unknown): unknown {
    const job = this.#argument();
    const { middleware } = this.#context.setup;
    const { handler } = this.job.task;
    if (middleware.length === 0) return handler(args, job);
    const { task, id, attempt, headers, signal, context } = job;
    const run = Object.freeze({ task, id, attempt, args, headers, signal, context });
    const layers = middleware.map(
      (layer) => (request: typeof run, next: (request: typeof run) => Promise<unknown>) =>
        layer(request, () => next(request)),
    );
    return chain(layers, async () => handler(args, job))(run);
  }

  async #expire(): Promise<void> {
    const { id, task } = this.job;
    const settled = await this.#settleOnce('expired', null, null);
    if (settled === 'settled') this.#context.report({ type: 'expired', id, task: task.name });
  }

  #progress(fraction: number, data: unknown): void {
    const { id, fence } = this.job;
    if (typeof fraction !== 'number' || !(fraction >= 0 && fraction <= 1)) {
      throw badProgress(this.job, `the fraction must be from 0 to 1; got ${String(fraction)}`);
    }
    // One that the database refuses would take the reports of other jobs with it.
    const encoded = anyJson.encode(data === undefined ? null : data);
    if (!encoded.ok) throw badProgress(this.job, dataProblem(encoded.issues));
    const json = data === undefined ? null : JSON.stringify(encoded.value);
    if (!this.#over) this.#context.progress.add({ id, fence, fraction, data: json });
  }

  /** A suspect's start is on record before it runs, so that it counts if it takes the worker down. */
  async #begin(): Promise<boolean> {
    const rows = await this.#context.run(recordStart, { id: this.job.id, fence: this.job.fence });
    if (rows.length > 0 && !this.#abort.aborted) return true;
    // Cancelled, no longer ours, or the worker gives up.
    await this.#settle('release', null);
    return false;
  }

  #end(ending: Ending): Promise<void> | undefined {
    if (this.#completion.committed) {
      this.#endAfterCompletion(ending);
      return undefined;
    }
    if (this.#over) return undefined;
    if (this.#cancelled) return this.#settle('cancelled', null);
    if ('thrown' in ending) return this.#threw(ending.thrown);
    const encoded = this.job.task.codec.encodeResult(ending.value);
    if (!encoded.ok) return this.#fail(badResult(this.job, encoded.issues));
    return this.#settle('completed', this.job.task.contract.result === null ? null : encoded.json);
  }

  #endAfterCompletion(ending: Ending): void {
    this.#over = true;
    this.#completed();
    if ('thrown' in ending) {
      const error = afterCompletion(this.job, ending.thrown);
      this.#context.report({ type: 'error', message: error.message, error });
    }
  }

  async #threw(thrown: unknown): Promise<void> {
    const kind = (thrown as { '~pgsched'?: unknown } | null | undefined)?.['~pgsched'];
    if (kind === 'fail') return this.#fail(thrown);
    let delay: number | null = null;
    try {
      if (kind === 'snooze') delay = untilMs((thrown as Snooze).until);
      if (kind === 'retry') delay = delayMs((thrown as Retry).delay);
    } catch (error) {
      return this.#retry(error, null);
    }
    if (kind === 'snooze') return this.#settle('snooze', null, delay);
    await this.#retry(thrown, delay);
  }

  #timeOut(): void {
    const error = timedOut(this.job);
    this.#abort.abort(error);
    // A cancelled job stays until its handler stops; one in its last statement is decided by the commit.
    if (!this.#completion.begun && !this.#over && !this.#cancelled) void this.#retry(error, null);
  }

  async #retry(thrown: unknown, delay: number | null): Promise<void> {
    if (this.job.attempt >= this.job.task.contract.maxAttempts) return this.#fail(thrown);
    const settled = await this.#settleOnce('retry', errorJson(thrown), delay);
    if (settled === 'settled') this.#reportFailure('retried', thrown);
  }

  async #fail(thrown: unknown): Promise<void> {
    const settled = await this.#settleOnce('failed', errorJson(thrown), null);
    if (settled === 'settled') this.#reportFailure('failed', thrown);
  }

  async #settle(
    outcome: Settlement['outcome'],
    value: string | null,
    delay: number | null = null,
  ): Promise<void> {
    const settled = await this.#settleOnce(outcome, value, delay);
    if (settled === 'settled' && outcome === 'completed') this.#completed();
  }

  async #settleOnce(
    outcome: Settlement['outcome'],
    value: string | null,
    delay: number | null,
  ): Promise<Settled | undefined> {
    if (this.#over) return undefined;
    this.#over = true;
    const { id, fence, task } = this.job;
    this.#context.progress.forget(id);
    const policy = outcome === 'retry' ? policyJson(task.contract) : null;
    const retain = retainOf(task.contract, outcome);
    const settled = await this.#context.settle({
      id,
      fence,
      outcome,
      value,
      delay,
      policy,
      retain,
    });
    if (settled === 'lost') this.#context.report({ type: 'leaseLost', id, task: task.name });
    return settled;
  }

  #completed(): void {
    const { id, task } = this.job;
    const ms = performance.now() - this.#startedAt;
    this.#context.report({ type: 'completed', id, task: task.name, ms });
  }

  #reportFailure(type: 'failed' | 'retried', error: unknown): void {
    const { id, task, attempt } = this.job;
    this.#context.report({ type, id, task: task.name, attempt, error });
  }

  #argument(): JobArgument {
    const { context } = this.#context.setup;
    const progress = async (fraction: number, data?: unknown) => this.#progress(fraction, data);
    return new JobArgument(this.job, context, this.#abort, progress, this.#completion);
  }
}

const anyJson = shapeCodec({ kind: 'json' });

function dataProblem(issues: readonly Issue[]): string {
  const [{ path, message } = { path: '', message: '' }] = issues;
  return `the data must be what JSON can hold: ${path === '' ? '' : `${path}: `}${message}`;
}

function errorJson(thrown: unknown): string {
  return JSON.stringify(toRemoteError(thrown));
}

const policies = new WeakMap<TaskContract, string>();

function policyJson(contract: TaskContract): string {
  let json = policies.get(contract);
  if (json === undefined) {
    json = JSON.stringify(contract.backoff);
    policies.set(contract, json);
  }
  return json;
}

/** Milliseconds from now. A Date is the handler's own clock, as is the wait until it. */
function untilMs(until: Duration | Date): number {
  if (!(until instanceof Date)) return Math.ceil(milliseconds(until, 'Snooze.until'));
  return Math.ceil(milliseconds(Math.max(0, until.getTime() - Date.now()), 'Snooze.until'));
}

function delayMs(delay: Duration | undefined): number | null {
  return delay === undefined ? null : Math.ceil(milliseconds(delay, 'Retry.delay'));
}
