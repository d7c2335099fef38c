/** Tells a handler to stop. Its AbortSignal is made when somebody asks for it, which most handlers never do: on Node 20 it is dear (ADR 6). */
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
