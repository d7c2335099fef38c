import { existsSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import type { ContractLayout, Layout } from './emit/layout.js';
import type { ImportExtension } from './model.js';

/** Where a project keeps what the generator reads and writes. Paths are absolute. */
export interface Project {
  /** The folder that messages and generated comments name files from. */
  readonly root: string;
  readonly manifest: string;
  /** The folder of generated code. */
  readonly out: string;
  /** Who runs the tasks. Each task is one worker's. */
  readonly workers: readonly WorkerPlaces[];
  /** How modules name each other in imports. @default as the tsconfig asks for */
  readonly importExtension?: ImportExtension | undefined;
  /** The database schema that the generated code talks to. */
  readonly schema: string;
  /** `standalone`: there is a standalone client beside the other one. */
  readonly client?: 'standalone' | undefined;
  /** The branch, tag or contract.json that is released, as the config names it. Without one: what git says is. */
  readonly baseline?: string | undefined;
  /** Whether each task gets a JSON Schema. @default false */
  readonly jsonSchema?: boolean | undefined;
  /** The config file, if there is one: watched along. */
  readonly config?: string | undefined;
}

/** Where one worker keeps what is its own. Paths are absolute. */
export interface WorkerPlaces {
  /** What the config calls it. Without a name it is the only one, and has every task. */
  readonly name?: string | undefined;
  /** Patterns of the names of its tasks. @default all tasks */
  readonly tasks?: readonly string[] | undefined;
  /** The folder of its handlers. */
  readonly handlers: string;
  /** The folder of what is generated for its handlers. */
  readonly out: string;
  /** The file of its setup. Where none is, handlers have no context and no middleware. */
  readonly setup?: string | undefined;
  /** The package of the manifest, as its handlers import it. Without it they are in the manifest's own package. */
  readonly contract?: string | undefined;
}

/** A project's places as the emitter takes them: those of the contract, and with them those of a worker. */
export function layoutsOf(project: Project): {
  readonly contract: ContractLayout;
  readonly workers: readonly Layout[];
} {
  const place = (path: string) => relative(project.root, path).split(sep).join('/') || '.';
  const contract = { manifest: place(project.manifest), out: place(project.out) };
  return {
    contract,
    workers: project.workers.map((worker) => ({
      ...contract,
      handlers: place(worker.handlers),
      worker: hasSetup(worker) ? place(worker.setup) : null,
      handlersOut: place(worker.out),
      contract: worker.contract ?? null,
    })),
  };
}

/** Whether the worker file is there and says how workers are set up: another file of that name is none of ours. */
export function hasSetup(worker: WorkerPlaces): worker is WorkerPlaces & { setup: string } {
  const { setup } = worker;
  return (
    setup !== undefined && existsSync(setup) && /\bdefineWorker\b/.test(readFileSync(setup, 'utf8'))
  );
}
