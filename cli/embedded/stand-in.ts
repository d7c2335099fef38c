import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Account } from './account.js';
import { isAlive } from './process.js';

/** Every account can get to it, and it outlives a restart. */
const root = '/var/tmp';

/** The place that stands in for a directory which the server's account cannot enter: always the same one for the same directory. */
export function standIn(directory: string): string {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  return join(root, `pgsched-${basename(directory)}-${hash}`);
}

/** Notes in a stand-in what it stands for, so that it can go when that is gone. */
export async function noteOrigin(place: string, directory: string): Promise<void> {
  await writeFile(join(place, 'origin'), directory);
}

/** Removes what stands in for directories that are gone, such as those of deleted projects, unless a server still runs there. */
export async function sweepStandIns(account: Account): Promise<void> {
  for (const name of await readdir(root)) {
    const place = join(root, name);
    if (!name.startsWith('pgsched-') || !(await isOurs(place, account))) continue;
    const origin = await readFile(join(place, 'origin'), 'utf8').catch(() => null);
    if (origin === null || existsSync(dirname(origin)) || (await isInUse(place))) continue;
    await rm(place, { recursive: true, force: true });
  }
}

/** Everybody may write to the place: only what root or the account made is ours. */
export async function isOurs(place: string, account: Account): Promise<boolean> {
  const found = await lstat(place).catch(() => null);
  return found?.isDirectory() === true && (found.uid === 0 || found.uid === account.uid);
}

async function isInUse(place: string): Promise<boolean> {
  const file = await readFile(join(place, 'data/postmaster.pid'), 'utf8').catch(() => null);
  return file !== null && isAlive(Number.parseInt(file, 10));
}
