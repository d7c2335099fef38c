import { batchSize, insert } from './insert.js';
import type { Inserted } from './inserted.js';
import type { NewJob } from './new-job.js';
import type { Session } from './session.js';
import type { Waker } from './waker.js';

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
    do {
      // Calls of the same tick belong together, those too of callers that the last insert has answered.
      await new Promise(setImmediate);
      await this.#insert(this.#waiting.splice(0, batchSize));
    } while (this.#waiting.length > 0);
    this.#flushing = undefined;
  }

  async #insert(callers: readonly Caller[]): Promise<void> {
    const jobs = callers.map((caller) => caller.job);
    try {
      const ids = await this.#session.newIds(jobs.length);
      const inserted = await insert(this.#session, jobs, ids, 'ignore', this.#waker);
      for (const [i, caller] of callers.entries()) caller.resolve(inserted[i] as Inserted);
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
