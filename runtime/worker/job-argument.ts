import type { ClaimedJob } from './claimed-job.js';
import type { RunSignal } from './run-signal.js';
import type { Job } from './types.js';

/** What a handler is told of its job, and cannot change. Its signal alone is no property of its own, so that it need not be made for each. */
export class JobArgument {
  readonly id: string;
  readonly task: string;
  readonly topic: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly context: unknown;
  readonly progress: Job['progress'];
  readonly transaction: unknown;
  readonly complete: unknown;
  readonly #signal: RunSignal;

  constructor(
    job: ClaimedJob,
    context: unknown,
    signal: RunSignal,
    progress: Job['progress'],
    transaction: unknown,
    complete: unknown,
  ) {
    this.id = job.id;
    this.task = job.task.name;
    this.topic = job.topic;
    this.attempt = job.attempt;
    this.maxAttempts = job.task.contract.maxAttempts;
    this.headers = job.headers;
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
