/**
 * Runs ava with the given arguments on one server for all files, where one migrated database stands for theirs to be copies
 * of, and ends with the line `N passed, N failed`. What is no test of its own (a file that crashes, a hook, a run without
 * tests) counts as a failure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type CreatedDatabase, createMigratedDatabase } from './create-database.js';
import { testServer } from './server.js';
import { Tally } from './tally.js';

const ava = fileURLToPath(new URL('../../node_modules/ava/entrypoints/cli.mjs', import.meta.url));

const server = await testServer();
console.log(`Tests on ${server.name}, Node ${process.versions.node}`);
process.env['PGSCHED_TEST_URL'] = server.url;
const tally = new Tally();
let template: CreatedDatabase | undefined;
try {
  // A run inside of a test has one already, or needs none.
  if (!process.env['PGSCHED_TEST_TEMPLATE']) {
    template = await createMigratedDatabase();
    process.env['PGSCHED_TEST_TEMPLATE'] = template.name;
  }
  const run = spawn(process.execPath, [ava, '--tap', ...process.argv.slice(2)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => run.kill(signal));
  }
  const exit = once(run, 'exit');
  for await (const line of createInterface({ input: run.stdout })) console.log(tally.read(line));
  const [code, signal] = await exit;
  if (signal) console.log(`ava was ended by ${signal}`);
  tally.end(code);
} finally {
  await template?.drop();
  await server.stop();
}
console.log(tally.summary);
process.exitCode = tally.failed === 0 ? 0 : 1;
