/**
 * `main.ts generate [directory]` writes the typed module of each .sql file; `main.ts verify [directory]` writes nothing, and
 * exits with 1 if a statement is broken or a module is missing, stale or left over.
 */
import { fileURLToPath } from 'node:url';
import { withMigratedDatabase } from '../../test/support/create-database.js';
import { syncQueries } from './sync.js';

const [command, directory = fileURLToPath(new URL('..', import.meta.url))] = process.argv.slice(2);
if (command === 'generate' || command === 'verify') {
  const { differences, problems } = await withMigratedDatabase((url) =>
    syncQueries(command, directory, url),
  );
  for (const line of [...problems, ...differences]) console.error(line);
  const stale = command === 'verify' && differences.length > 0;
  if (stale) console.error('Run npm run generate:queries.');
  process.exitCode = stale || problems.length > 0 ? 1 : 0;
} else {
  console.error(`Expected generate or verify, got ${command ?? 'nothing'}.`);
  process.exitCode = 2;
}
