import { wake } from '../../queries/enqueue.queries.js';
import { batchSize, type Inserted, insert, taskNumbers } from './insert.js';
import type { NewJob } from './new-job.js';
import type { Session } from './session.js';

interface Caller {
  readonly job: NewJob;
  readonly resolve: (inserted: Inserted) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Single enqueues without a key, made while an insert is under way, ride together in the next one. Keyed ones do not:
 * whoever holds their key would make all the others wait.
 */
export class SharedInsert {
  readonly #session: Session;
  readonly #waker: Waker;
  #waiting: Caller[] = [];
  #flushing: Promise<void> | undefined;

  constructor(session: Session, waker: Waker) {
    this.#session = session;
    this.#waker = waker;
  }

  add(job: NewJob): Promise<Inserted> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    // Calls of the same tick belong together.
    await null;
    while (this.#waiting.length > 0) {
      await this.#insert(this.#waiting.splice(0, batchSize));
    }
    this.#flushing = undefined;
  }

  async #insert(callers: readonly Caller[]): Promise<void> {
    const jobs = callers.map((caller) => caller.job);
    try {
      const ids = await this.#session.newIds(jobs.length);
      const inserted = await insert(this.#session, jobs, ids, 'ignore');
      for (const [i, caller] of callers.entries()) caller.resolve(inserted[i] as Inserted);
      this.#waker.wake(taskNumbers(this.#session, jobs));
    } catch (error) {
      await this.#blame(callers, error);
    }
  }

  /** One value that the database refuses fails the whole insert: halve it until only the culprit is left. */
  async #blame(callers: readonly Caller[], error: unknown): Promise<void> {
    const code = (error as { code?: unknown }).code;
    // Bad data, a constraint, a trigger's exception, a limit: what can be one row's fault.
    const ofData = typeof code === 'string' && /^(22|23|P0|54)/.test(code);
    if (callers.length === 1 || !ofData) {
      for (const caller of callers) caller.reject(error);
      return;
    }
    const half = Math.ceil(callers.length / 2);
    await this.#insert(callers.slice(0, half));
    await this.#insert(callers.slice(half));
  }
}

/** Tells sleeping workers of committed jobs. Not awaited by callers, and one at a time: what comes meanwhile goes together. */
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

  async drain(): Promise<void> {
    await this.#waking;
  }

  async #send(): Promise<void> {
    while (this.#tasks.size > 0) {
      const tasks = [...this.#tasks];
      this.#tasks.clear();
      // Workers poll as well: a lost wake-up costs a moment, not the job.
      await this.#session.run(wake, { tasks }).catch(() => {});
    }
    this.#waking = undefined;
  }
}
