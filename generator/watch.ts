import { readReleased } from './evolve/released.js';
import { type Generated, generate, type Memory } from './generate.js';
import type { Project } from './project.js';
import { type FileWatch, watchFiles } from './watch-files.js';
import { type Written, writeFiles } from './write/write-files.js';

export interface Watching {
  /** Waits for a run that is under way, then stops. */
  close(): Promise<void>;
}

/** What one run did. `error` is a failure of the generator itself, not of the manifest. */
export type Run =
  | { readonly generated: Generated; readonly written: Written; readonly error?: undefined }
  | { readonly generated?: undefined; readonly written?: undefined; readonly error: Error };

/** Saves within this time make one run. */
const quietMs = 150;

/**
 * Generates, then again whenever a file that the result depends on changes: the manifest, what it imports, the tsconfig,
 * the config. One run at a time. A run with errors writes nothing, so that the last good output stays.
 * Given a function, asks it for the project before every run, so that a changed config counts.
 */
export async function watch(
  project: Project | (() => Promise<Project>),
  onRun: (run: Run) => void,
): Promise<Watching> {
  const load = typeof project === 'function' ? project : async () => project;
  const session = new WatchSession(load, onRun);
  await session.run();
  return { close: () => session.close() };
}

class WatchSession {
  readonly #load: () => Promise<Project>;
  readonly #onRun: (run: Run) => void;
  readonly #memory: Memory = {};
  readonly #files: FileWatch = watchFiles(() => this.#changed());
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(load: () => Promise<Project>, onRun: (run: Run) => void) {
    this.#load = load;
    this.#onRun = onRun;
  }

  /** Runs now, or once more after the run that is under way. */
  async run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#drain().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#files.close();
  }

  #changed(): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void this.run(), quietMs);
  }

  async #drain(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      this.#onRun(await this.#once());
    }
  }

  async #once(): Promise<Run> {
    try {
      const started = Date.now();
      const project = await this.#load();
      const generated = await generate(project, this.#memory, await readReleased(project));
      const written = await writeFiles(generated);
      await this.#files.follow(sourcesOf(generated), started);
      return { generated, written };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}

/** What a result depends on. Our own files are never among them. */
function sourcesOf({ project, inputs, files, stubs }: Generated): Set<string> {
  const sources = new Set([...inputs, project.manifest]);
  if (project.config !== undefined) sources.add(project.config);
  for (const { setup } of project.workers) if (setup !== undefined) sources.add(setup);
  for (const path of [...files.keys(), ...stubs.keys()]) sources.delete(path);
  return sources;
}
