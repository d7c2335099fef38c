import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './process.js';

/** Runs the work while no other process holds the file. A holder that died has left it to the next one. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!(await take(file))) await delay(50);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** The file appears with its holder's number in it, all at once. */
async function take(file: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  const holder = await readFile(file, 'utf8').catch(() => null);
  if (holder !== null && !isAlive(Number(holder))) await rm(file, { force: true });
  return false;
}
