import type { ClaimedJob } from './claimed-job.js';
import type { JobCompletion } from './completion.js';
import type { RunSignal } from './run-signal.js';
import type { Job } from './types.js';

type AnyJob = Job<unknown, unknown>;

/** What a handler is told of its job, and cannot change. Its signal alone is no property of its own, so that it need not be made for each. */
export class JobArgument implements AnyJob {
  readonly id: string;
  readonly task: string;
  readonly topic: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly headers: AnyJob['headers'];
  readonly context: unknown;
  readonly progress: AnyJob['progress'];
  readonly transaction: AnyJob['transaction'];
  readonly complete: AnyJob['complete'];
  readonly #signal: RunSignal;

  constructor(
    { id, task, topic, attempt, headers }: ClaimedJob,
    context: unknown,
    signal: RunSignal,
    progress: AnyJob['progress'],
    { transaction, complete }: JobCompletion,
  ) {
    this.id = id;
    this.task = task.name;
    this.topic = topic;
    this.attempt = attempt;
    this.maxAttempts = task.contract.maxAttempts;
    this.headers = headers;
    this.context = context;
    this.progress = progress;
    this.transaction = transaction;
    this.complete = complete;
    this.#signal = signal;
    Object.freeze(this);
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }
}
