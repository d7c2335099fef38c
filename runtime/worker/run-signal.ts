/** Tells a handler to stop. The AbortSignal is made when somebody asks for it: most handlers never do, and it costs more than the rest of a run. */
export class RunSignal {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    return this.#made().signal;
  }

  get aborted(): boolean {
    return this.#controller?.signal.aborted ?? false;
  }

  throwIfAborted(): void {
    this.#controller?.signal.throwIfAborted();
  }

  abort(reason: Error): void {
    this.#made().abort(reason);
  }

  #made(): AbortController {
    this.#controller ??= new AbortController();
    return this.#controller;
  }
}
