import type { Generated } from '../generate.js';
import { isFresh, readText } from './write-files.js';

export interface StaleFile {
  /** Absolute. */
  readonly path: string;
  /** `missing`: not on disk. `changed`: other content. `orphan`: ours, and made no more. */
  readonly reason: 'missing' | 'changed' | 'orphan';
}

/** What writing would change, each file with its reason. Writes nothing. */
export async function checkFiles(generated: Generated): Promise<readonly StaleFile[]> {
  const stale: StaleFile[] = [];
  for (const [path, text] of generated.files) {
    const found = await readText(path);
    if (found === null) stale.push({ path, reason: 'missing' });
    else if (!isFresh(path, found, text)) stale.push({ path, reason: 'changed' });
  }
  for (const path of generated.stubs.keys()) {
    if ((await readText(path)) === null) stale.push({ path, reason: 'missing' });
  }
  for (const path of generated.removals) stale.push({ path, reason: 'orphan' });
  return stale.sort((a, b) => (a.path < b.path ? -1 : 1));
}
