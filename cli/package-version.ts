import { createRequire } from 'node:module';

/** By name and not by path: the source and what is built of it stand at different depths. */
export function packageVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('pgsched/package.json') as { version: string }).version;
}
