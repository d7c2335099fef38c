import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Generated } from '../generate.js';

export interface Written {
  /** Absolute paths, sorted. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Puts generated files on disk. A file whose content is right is not touched; one that changes is replaced whole, by a rename.
 * With any error in `generated` nothing is written.
 */
export async function writeFiles(generated: Generated): Promise<Written> {
  const written: string[] = [];
  const unchanged: string[] = [];
  if (!generated.ok) return { written, removed: [], unchanged };
  for (const [path, text] of generated.stubs) {
    if (await writeNew(path, text)) written.push(path);
  }
  for (const [path, text] of generated.files) {
    const isSame = isFresh(path, await readText(path), text);
    if (!isSame) await replaceFile(path, text);
    (isSame ? unchanged : written).push(path);
  }
  const { out, workers } = generated.project;
  const kept = [out, ...workers.flatMap((worker) => [worker.handlers, worker.out])];
  for (const path of generated.removals) {
    await rm(path, { force: true });
    await removeEmpty(dirname(path), kept);
  }
  return { written: written.sort(), removed: generated.removals, unchanged: unchanged.sort() };
}

/** A file's text; null if there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whether what was found on disk is this text. A checkout may have turned its line ends, a formatter laid out its JSON. */
export function isFresh(path: string, found: string | null, text: string): boolean {
  if (found === null || found === text) return found !== null;
  if (unix(found) === text) return true;
  return path.endsWith('.json') && JSON.stringify(parsed(found)) === JSON.stringify(parsed(text));
}

export function unix(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** The value of a JSON text; undefined if it is none. */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Writes a file that must not be there yet. False if it is. */
async function writeNew(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const mode = await stat(path).then(
    (found) => found.mode,
    () => null,
  );
  // In the same folder: a rename is atomic only within one file system.
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await writeFile(temporary, text);
    if (mode !== null) await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes a folder that a removal left empty, and its parents, up to the roots. */
async function removeEmpty(folder: string, roots: readonly string[]): Promise<void> {
  if (roots.includes(folder) || !roots.some((root) => folder.startsWith(root))) return;
  try {
    await rmdir(folder);
  } catch {
    return;
  }
  await removeEmpty(dirname(folder), roots);
}
