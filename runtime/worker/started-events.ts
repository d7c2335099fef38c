import type { ClaimedJob } from './claimed-job.js';

interface Started {
  readonly ids: string[];
  readonly tasks: number[];
  readonly attempts: number[];
}

/** Tells of the starts of runs, together with those of the same moment, and only while somebody listens. */
export class StartedEvents {
  readonly #send: (started: Started) => Promise<unknown>;
  #listened = false;
  #jobs: ClaimedJob[] = [];
  #sending: Promise<void> | undefined;

  constructor(send: (started: Started) => Promise<unknown>) {
    this.#send = send;
  }

  listen(listened: boolean): void {
    this.#listened = listened;
  }

  add(job: ClaimedJob): void {
    if (!this.#listened) return;
    this.#jobs.push(job);
    this.#sending ??= this.#flush();
  }

  async #flush(): Promise<void> {
    await null;
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs.splice(0, 500);
      await this.#send({
        ids: jobs.map((job) => job.id),
        tasks: jobs.map((job) => job.task.number),
        attempts: jobs.map((job) => job.attempt),
      }).catch(() => {
        // Events are told as they happen, or not at all.
      });
    }
    this.#sending = undefined;
  }
}
