/** How many jobs have ended per millisecond lately. */
export class Throughput {
  readonly #window: number;
  #count = 0;
  #since: number;
  #rate = 0;

  /** `window`: milliseconds that one measurement spans. */
  constructor(now: number, window = 100) {
    this.#since = now;
    this.#window = window;
  }

  note(): void {
    this.#count += 1;
  }

  /** Jobs per millisecond, by the last whole measurements: half the weight is the latest one's. */
  rate(now: number): number {
    const elapsed = now - this.#since;
    if (elapsed >= this.#window) {
      this.#rate = (this.#rate + this.#count / elapsed) / 2;
      this.#count = 0;
      this.#since = now;
    }
    return this.#rate;
  }
}
