const nothing = (): void => {};

/** A wait that somebody may end early. One at a time. */
export class Pause {
  #end = nothing;

  /** Resolves after so many milliseconds, or when it is ended. */
  async wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end(): void {
    const end = this.#end;
    this.#end = nothing;
    end();
  }
}
