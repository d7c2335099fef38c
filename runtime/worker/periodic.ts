/** Does something at once and then every so often, never twice at a time. A failure is reported and does not end it. */
export class Periodic {
  readonly #interval: number;
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void>;
  #stopped = false;

  constructor(interval: number, work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#interval = interval;
    this.#work = work;
    this.#onError = onError;
    this.#working = this.#round();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  async #round(): Promise<void> {
    try {
      await this.#work();
    } catch (error) {
      if (!this.#stopped) this.#onError(error);
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#working = this.#round();
    }, this.#interval);
  }
}
