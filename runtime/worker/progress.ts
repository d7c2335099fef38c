import { progress } from '../../queries/worker.queries.js';
import type { Run } from '../database/statements.js';
import type { Holding } from './claimed-job.js';

interface Report extends Holding {
  readonly fraction: number;
  readonly data: string | null;
}

/** Reports of progress, together in one statement at most once a second: of each job the latest counts. */
export class ProgressReports {
  readonly #run: Run;
  readonly #interval: number;
  readonly #latest = new Map<string, Report>();
  #timer: NodeJS.Timeout | undefined;
  #lastSent = Number.NEGATIVE_INFINITY;

  constructor(run: Run, interval = 1_000) {
    this.#run = run;
    this.#interval = interval;
  }

  add(report: Report): void {
    this.#latest.set(report.id, report);
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#lastSent + this.#interval - performance.now());
    this.#timer = setTimeout(() => void this.#send(), wait);
  }

  /** The job has ended: nobody asks how far it came. */
  forget(id: string): void {
    this.#latest.delete(id);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    this.#lastSent = performance.now();
    const reports = [...this.#latest.values()];
    this.#latest.clear();
    if (reports.length === 0) return;
    const params = {
      ids: reports.map((report) => report.id),
      fences: reports.map((report) => report.fence),
      fractions: reports.map((report) => report.fraction),
      data: reports.map((report) => report.data),
    };
    // What is lost with the connection, the next report makes good. pgtyped cannot say that elements may be null.
    await this.#run(progress, params as unknown as Parameters<typeof progress.run>[0]).catch(
      () => {},
    );
  }
}
