import type { ClaimedJob } from './claimed-job.js';

/** Claimed jobs that have not started, in the order of their claims. A queue: taking the first costs the same however many there are. */
export class JobBuffer {
  #jobs: ClaimedJob[] = [];
  /** Where the first is: what is before it was taken. */
  #head = 0;
  #rescued = 0;

  get length(): number {
    return this.#jobs.length - this.#head;
  }

  /** Those that a recorded start makes run alone, and that may wait for it. */
  get rescued(): number {
    return this.#rescued;
  }

  push(job: ClaimedJob): void {
    this.#jobs.push(job);
    if (job.rescues > 0) this.#rescued += 1;
  }

  /** Takes the first that may run. */
  take(mayRun: (job: ClaimedJob) => boolean): ClaimedJob | undefined {
    for (let i = this.#head; i < this.#jobs.length; i++) {
      const job = this.#jobs[i] as ClaimedJob;
      if (!mayRun(job)) continue;
      if (i === this.#head) this.#head += 1;
      else this.#jobs.splice(i, 1);
      if (job.rescues > 0) this.#rescued -= 1;
      this.#compact();
      return job;
    }
    return undefined;
  }

  /** Takes out all for which this is so; answers them. */
  remove(which: (job: ClaimedJob) => boolean): ClaimedJob[] {
    const removed: ClaimedJob[] = [];
    for (const job of this.takeAll()) {
      if (which(job)) removed.push(job);
      else this.push(job);
    }
    return removed;
  }

  takeAll(): ClaimedJob[] {
    const jobs = this.all();
    this.#jobs = [];
    this.#head = 0;
    this.#rescued = 0;
    return jobs;
  }

  all(): ClaimedJob[] {
    return this.#jobs.slice(this.#head);
  }

  /** Now and then: what was taken is freed, at a cost that its number pays for. */
  #compact(): void {
    if (this.#head < 256 || this.#head * 2 < this.#jobs.length) return;
    this.#jobs = this.all();
    this.#head = 0;
  }
}
