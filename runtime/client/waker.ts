import { wake } from '../../queries/enqueue.queries.js';
import type { Session } from './session.js';

/**
 * Tells sleeping workers of committed jobs. Not awaited by callers, and one at a time: what comes meanwhile goes together. An insert
 * that follows at once takes the word along.
 */
export class Waker {
  readonly #session: Session;
  readonly #tasks = new Set<number>();
  #waking: Promise<void> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  wake(tasks: readonly number[]): void {
    for (const task of tasks) this.#tasks.add(task);
    if (this.#tasks.size > 0) this.#waking ??= this.#send();
  }

  /** What is still to be told, for an insert to tell it; null: nothing. */
  take(): number[] | null {
    if (this.#tasks.size === 0) return null;
    const tasks = [...this.#tasks];
    this.#tasks.clear();
    return tasks;
  }

  async drain(): Promise<void> {
    await this.#waking;
  }

  async #send(): Promise<void> {
    // Who was answered may enqueue again: by the second turn its insert is on its way.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    for (let tasks = this.take(); tasks !== null; tasks = this.take()) {
      // Workers poll as well: a lost wake-up costs a moment, not the job.
      await this.#session.run(wake, { tasks }).catch(() => {});
    }
    this.#waking = undefined;
  }
}
