import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Layout } from './emit/layout.js';
import type { ImportExtension } from './model.js';

/** Where a project keeps what the generator reads and writes. Paths are absolute. */
export interface Project {
  /** The folder that messages and generated comments name files from. */
  readonly root: string;
  readonly manifest: string;
  /** The folder of generated code. */
  readonly out: string;
  /** The folder of handlers. */
  readonly handlers: string;
  /** The file of the worker's setup. Where none is, handlers have no context and no middleware. */
  readonly worker?: string | undefined;
  /**
   * The package of the manifest, as the handlers' package imports it. What is generated for the handlers then stands in `generated`
   * beside them. Without it the handlers are in the manifest's own package.
   */
  readonly contract?: string | undefined;
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

/** The project's places as the emitter takes them. */
export function layoutOf(project: Project): Layout {
  const place = (path: string) => relative(project.root, path).split(sep).join('/') || '.';
  const { manifest, out, handlers, worker } = project;
  return {
    manifest: place(manifest),
    out: place(out),
    handlers: place(handlers),
    worker: hasSetup(project) ? place(worker as string) : null,
    handlersOut: place(handlersOut(project)),
    contract: project.contract ?? null,
  };
}

/** The folder of what is generated for the handlers. */
export function handlersOut({ contract, handlers, out }: Project): string {
  return contract === undefined ? out : join(dirname(handlers), 'generated');
}

/** Whether the worker file is there and says how workers are set up: another file of that name is none of ours. */
export function hasSetup({ worker }: Project): boolean {
  return (
    worker !== undefined &&
    existsSync(worker) &&
    /\bdefineWorker\b/.test(readFileSync(worker, 'utf8'))
  );
}
