import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderQueries } from './render.js';

export interface Synced {
  /** Modules that differed from their statements, and how. `generate` has mended them. */
  readonly differences: readonly string[];
  /** Statements that cannot be typed. Nothing is written while there is one. */
  readonly problems: readonly string[];
}

/** Compares the typed module of each .sql file with what it should be; `generate` also writes it, and removes one left over. */
export async function syncQueries(
  command: 'generate' | 'verify',
  directory: string,
  databaseUrl: string,
): Promise<Synced> {
  const { files, problems } = await renderQueries(directory, databaseUrl);
  const differences: string[] = [];
  if (problems.length > 0) return { differences, problems };

  const write = command === 'generate';
  for (const [name, text] of files) {
    const file = join(directory, name);
    const found = await readFile(file, 'utf8').catch(() => null);
    if (found === text) continue;
    differences.push(`${name} ${found === null ? 'is missing' : 'is stale'}`);
    if (write) await writeFile(file, text);
  }
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.queries.ts') || files.has(name)) continue;
    differences.push(`${name} has no .sql file`);
    if (write) await rm(join(directory, name));
  }
  return { differences, problems };
}
