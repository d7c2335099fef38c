import { wake } from '../../queries/enqueue.queries.js';
import type { Session } from './session.js';

/** Who has not inserted for so many milliseconds is not expected to do so again at once. */
const lull = 5;

/**
 * Tells sleeping workers of committed jobs, in a statement that begins after their commit. Not awaited by callers. The word of one
 * insert after a lull is sent right behind it; in a stream of inserts each takes the word of the one before along, and the last one's
 * goes by itself.
 */
export class Waker {
  readonly #session: Session;
  readonly #tasks = new Set<number>();
  #waking: Promise<void> | undefined;
  #lastInsert = Number.NEGATIVE_INFINITY;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the next insert is the first after a lull. */
  get lull(): boolean {
    return this.#tasks.size === 0 && performance.now() - this.#lastInsert > lull;
  }

  /** An insert has ended, and the word was sent behind it. */
  told(): void {
    this.#lastInsert = performance.now();
  }

  wake(tasks: readonly number[]): void {
    this.#lastInsert = performance.now();
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
