import { posix } from 'node:path';
import type { ImportExtension } from '../model.js';
import { fileName } from '../names.js';

/** Where things stand: paths with `/`, relative to the project's root. */
export interface ContractLayout {
  /** Such as `src/jobs/tasks.ts`. */
  readonly manifest: string;
  /** The folder of generated code. */
  readonly out: string;
}

/** The same, and where one worker keeps what is its own. */
export interface Layout extends ContractLayout {
  /** The folder of handlers. */
  readonly handlers: string;
  /** The file of the worker's setup, if there is one. */
  readonly worker: string | null;
  /** The folder of what is generated for the handlers. */
  readonly handlersOut: string;
  /** The package that the handlers import the rest of the generated code from; null: they are in the same one. */
  readonly contract: string | null;
}

/** Where a task's handler stands, relative to the root. */
export function handlerPath(layout: Layout, task: string): string {
  return posix.join(layout.handlers, `${fileName(task)}.ts`);
}

/** Where a task's upcaster stands, relative to the root. */
export function upcastPath(layout: Layout, task: string): string {
  return posix.join(layout.handlers, `${fileName(task)}.upcast.ts`);
}

/** Where all upcasters are listed, relative to the root. */
export function upcastersPath(layout: Layout): string {
  return posix.join(layout.handlers, 'upcasters.ts');
}

/** Where the JSON Schema of a task's payloads stands, relative to the root. */
export function schemaPath(layout: ContractLayout, task: string): string {
  return posix.join(layout.out, 'schemas', `${fileName(task)}.json`);
}

/** How a module on the handlers' side imports the manifest, or what is generated beside it. */
export function contractPath(
  { contract, manifest }: Layout,
  from: string,
  to: string,
  extension: ImportExtension,
): string {
  if (contract === null) return importPath(from, to, extension);
  // The package's `exports` know its files by their places beside the manifest; a compiler rewrites no `.ts` of another package's.
  const place = importPath(manifest, to, extension === '' ? '' : '.js');
  return posix.join(contract, place);
}

/** Deeper than any path leads up: no working folder may count. */
const deep = '/_'.repeat(40);

/** How the module at `from` imports the one at `to`. */
export function importPath(from: string, to: string, extension: ImportExtension): string {
  const path = posix.relative(posix.join(deep, posix.dirname(from)), posix.join(deep, to));
  const named = path.replace(/\.([cm]?)ts$/, (written, kind: string) =>
    // A bundler finds `.ts` alone by itself.
    extension === '.ts' ? written : extension === '' && kind === '' ? '' : `.${kind}js`,
  );
  return named.startsWith('.') ? named : `./${named}`;
}
