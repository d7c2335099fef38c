import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ErrorCode } from '../../runtime/errors.js';

/** Where the pages of the codes are on this machine: they come with the package. */
export function helpFolder(): string {
  const home = dirname(createRequire(import.meta.url).resolve('pgsched/package.json'));
  return join(home, 'docs/errors');
}

export function helpPage(code: ErrorCode): string {
  return join(helpFolder(), `${code}.md`);
}
