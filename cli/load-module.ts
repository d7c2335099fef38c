import { pathToFileURL } from 'node:url';
import { PgschedError } from '../runtime/errors.js';
import { shown } from './output.js';

export type Module = Readonly<Record<string, unknown>>;

const typescript = /\.[cm]?tsx?$/;
const imported = new Set<string>();
let registered: Promise<void> | undefined;

/**
 * Imports a file of the user's. TypeScript goes through tsx, which is loaded only then; what is compiled already does not
 * need it.
 *
 * @throws FileDoesNotLoad with the user's own error as the cause
 */
export async function loadModule(path: string): Promise<Module> {
  if (typescript.test(path)) {
    registered ??= registerTypeScript();
    await registered;
  }
  try {
    return unwrap(await import(pathToFileURL(path).href));
  } catch (error) {
    throw doesNotLoad(path, error);
  }
}

/** The same, anew each time: for a config that changes while we watch. */
export async function loadModuleAfresh(path: string): Promise<Module> {
  const url = pathToFileURL(path).href;
  try {
    if (!typescript.test(path)) return unwrap(await import(`${url}?${Date.now()}`));
    const { tsImport } = await import('tsx/esm/api');
    return unwrap(await tsImport(url, import.meta.url));
  } catch (error) {
    throw doesNotLoad(path, error);
  }
}

/** The files of the user's that were loaded with TypeScript ones so far, by URL. */
export function importedFiles(): string[] {
  return [...imported].filter((url) => url.startsWith('file:') && !url.includes('/node_modules/'));
}

/** For the whole process, so that what a handler imports later is TypeScript too, and `pgsched` is loaded once. */
async function registerTypeScript(): Promise<void> {
  const [esm, cjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
  cjs.register();
  esm.register({ onImport: (url) => imported.add(url.split('?')[0] as string) });
}

/** A module of a commonjs package arrives inside its default export. */
function unwrap(module: Module): Module {
  const inner = module['default'];
  const isWrapped = typeof inner === 'object' && inner !== null && '__esModule' in inner;
  return isWrapped ? (inner as Module) : module;
}

function doesNotLoad(path: string, cause: unknown): PgschedError {
  const { message, stack } = cause instanceof Error ? cause : { message: String(cause), stack: '' };
  // Where in the user's code it happened is what the user needs; where in ours is not.
  const places = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:internal|node_modules/.test(line));
  return new PgschedError('FileDoesNotLoad', {
    message: [`${shown(path)} does not load: ${message}`, ...places.slice(0, 3)].join('\n'),
    details: { file: path },
    cause,
  });
}
