import { mark } from '../emit/header.js';
import type { Generated } from '../generate.js';
import { type Difference, difference } from './difference.js';
import { isFresh, parsed, readText, unix } from './write-files.js';

export interface StaleFile {
  /** Absolute. */
  readonly path: string;
  /**
   * `missing`: not on disk. `changed`: other content. `edited`: other content, and our header is gone, so that no manifest made
   * it. `orphan`: ours, and made no more.
   */
  readonly reason: 'missing' | 'changed' | 'edited' | 'orphan';
  /** Of a file that is there and stays: where it differs from what would be written. */
  readonly difference: Difference | null;
}

/** What writing would change, each file with its reason. Writes nothing. */
export async function checkFiles(generated: Generated): Promise<readonly StaleFile[]> {
  const stale: StaleFile[] = [];
  for (const [path, text] of generated.files) {
    const found = await readText(path);
    if (found === null) stale.push({ path, reason: 'missing', difference: null });
    else if (!isFresh(path, found, text)) stale.push(compared(path, found, text));
  }
  for (const path of generated.stubs.keys()) {
    if ((await readText(path)) === null) stale.push({ path, reason: 'missing', difference: null });
  }
  for (const path of generated.removals) stale.push({ path, reason: 'orphan', difference: null });
  return stale.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function compared(path: string, found: string, text: string): StaleFile {
  const reason = isOurs(path, found) ? 'changed' : 'edited';
  return { path, reason, difference: difference(asWritten(path, found), text) };
}

/** Whether it still looks like a file that we wrote: JSON has no room for our header. */
function isOurs(path: string, found: string): boolean {
  return path.endsWith('.json') ? parsed(found) !== undefined : found.includes(mark);
}

/** A file's text without what a checkout or a formatter has done to it, which makes no file stale. */
function asWritten(path: string, found: string): string {
  const json = path.endsWith('.json') ? parsed(found) : undefined;
  return json === undefined ? unix(found) : `${JSON.stringify(json, null, 2)}\n`;
}
