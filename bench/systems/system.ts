/** What becomes of jobs that have ended: they are kept, or deleted. */
export type Mode = 'history' | 'deleting';

/** A job queue under measurement, on a database of its own. */
export interface System {
  readonly url: string;
  /** One enqueue, as an application would make it. */
  enqueue(n: number): Promise<unknown>;
  /** Many enqueues in one call, of the given kind of four. */
  enqueueMany(numbers: readonly number[], kind?: number): Promise<unknown>;
  /** Starts a worker that calls `onStart` when a job's handler begins. */
  work(onStart: (n: number) => void): Promise<Working>;
  /** Whether nothing waits and nothing runs. */
  drained(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Working {
  /** Counts jobs that have ended. */
  readonly ended: Counter;
  /** Resolves when so many jobs have ended, and the database knows. */
  settled(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Opens a system on an empty database; on one that it has made its own before if `prepared`. */
export type OpenSystem = (url: string, mode: Mode, prepared?: boolean) => Promise<System>;

/** How many kinds of job each system knows. */
export const kinds = 4;

/** Counts up, and resolves who waits for a count. */
export class Counter {
  #count = 0;
  #waiting: { at: number; resolve: () => void } | undefined;

  get count(): number {
    return this.#count;
  }

  add(count: number): void {
    this.#count += count;
    if (this.#waiting !== undefined && this.#count >= this.#waiting.at) this.#waiting.resolve();
  }

  reached(at: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { at, resolve };
      this.add(0);
    });
  }
}
