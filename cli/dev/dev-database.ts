import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running `pgsched dev` says what its own server's address is: the password in it is random, the file nobody else's. */
export function addressFile(root: string): string {
  return join(root, '.pgsched', 'address');
}

/** The address of the server that `pgsched dev` runs for this folder; undefined if it runs none. */
export function devDatabase(root: string): string | undefined {
  const file = addressFile(root);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
