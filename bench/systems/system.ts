/** A job queue under measurement, on a database of its own. */
export interface System {
  /** One enqueue, as an application would make it. */
  enqueue(n: number): Promise<unknown>;
  /** Many enqueues in one call. */
  enqueueMany(numbers: readonly number[]): Promise<unknown>;
  /** Starts a worker that calls `onStart` when a job's handler begins. */
  work(onStart: (n: number) => void): Promise<Working>;
  close(): Promise<void>;
}

export interface Working {
  /** Resolves when so many jobs have ended, and the database knows. */
  settled(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Opens a system on an empty database. */
export type OpenSystem = (url: string) => Promise<System>;

/** Counts up, and resolves who waits for a count. */
export class Counter {
  #count = 0;
  #waiting: { at: number; resolve: () => void } | undefined;

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
