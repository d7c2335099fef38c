import { fileURLToPath } from 'node:url';
import { type FSWatcher, watch } from 'chokidar';
import type { WorkerPlaces } from '../../generator/project.js';
import { note } from '../output.js';
import { Child } from './child.js';

/** Changes within this time make one restart. */
const quietMs = 200;

/**
 * The worker of `pgsched dev`: started anew whenever something that it loaded changes. The new one must have started before
 * the old one is told to stop, so that after a mistake the last good one goes on.
 */
export class DevWorker {
  /** What it is called in messages and before its lines. */
  readonly #label: string;
  /** The folders that decide what it runs. */
  readonly #folders: readonly string[];
  readonly #command: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #watcher: FSWatcher;
  /** All that still run: the current one, one that starts, old ones that finish their jobs. */
  readonly #children = new Set<Child>();
  #inputs: ReadonlySet<string> = new Set();
  #current: Child | null = null;
  #timer: NodeJS.Timeout | undefined;
  #starting: Promise<void> | null = null;
  #again = false;
  #held = true;
  #stopped = false;

  constructor(
    { name, handlers, out }: WorkerPlaces,
    options: { command: readonly string[]; env: NodeJS.ProcessEnv; contract: string },
  ) {
    this.#label = name ?? 'worker';
    this.#command = name === undefined ? options.command : [...options.command, name];
    this.#env = options.env;
    this.#folders = [...new Set([handlers, out, options.contract])];
    this.#watcher = watch([], { ignoreInitial: true });
    this.#watcher.on('all', (_event, path) => {
      // What the manifest depends on is generated from first.
      if (!this.#inputs.has(path)) this.#restartSoon();
    });
  }

  /** After files were generated. `inputs` are what they were made from. */
  generated(inputs: readonly string[]): void {
    // Not before they are there: of two folders that do not exist yet chokidar would miss one.
    this.#watcher.add([...this.#folders]);
    this.#inputs = new Set(inputs);
    this.#held = false;
    this.#restartSoon();
  }

  /** While there are errors in the manifest: whatever changes, the worker that runs goes on. */
  hold(): void {
    this.#held = true;
  }

  signal(signal: NodeJS.Signals): void {
    for (const child of this.#children) child.signal(signal);
  }

  /** Stops as the worker does: its running jobs finish. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#watcher.close();
    this.signal('SIGTERM');
    await Promise.all([...this.#children].map((child) => child.ended));
    await this.#starting;
  }

  get #called(): string {
    return this.#label === 'worker' ? 'The worker' : `The worker ${this.#label}`;
  }

  #restartSoon(): void {
    clearTimeout(this.#timer);
    if (!this.#held && !this.#stopped) this.#timer = setTimeout(() => this.#restart(), quietMs);
  }

  #restart(): void {
    this.#again = true;
    this.#starting ??= this.#startAll().finally(() => {
      this.#starting = null;
    });
  }

  async #startAll(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await this.#startOne();
    }
  }

  async #startOne(): Promise<void> {
    const loaded = withResolver<readonly string[] | null>();
    const child = new Child(this.#command, {
      label: this.#label,
      color: 'cyan',
      env: this.#env,
      onMessage: (message) => loaded.resolve((message as { loaded: string[] }).loaded),
    });
    this.#children.add(child);
    const ended = child.ended.then((code) => {
      this.#children.delete(child);
      loaded.resolve(null);
      if (this.#current === child && !this.#stopped) {
        this.#current = null;
        note(`${this.#called} ended with code ${code}. It starts again after the next change.`);
      }
    });
    const files = await loaded.promise;
    if (files === null) {
      await ended;
      if (this.#stopped) return;
      note(
        this.#current === null
          ? `${this.#called} did not start. It is tried again after the next change.`
          : `${this.#called} did not start anew. The one before goes on; a new one is tried after the next change.`,
      );
      return;
    }
    this.#watcher.add(files.map((url) => fileURLToPath(url)));
    const before = this.#current;
    this.#current = child;
    before?.signal('SIGTERM');
  }
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
