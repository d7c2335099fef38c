import { createServer } from 'node:net';
import test from 'ava';
import { pgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { userProject } from '../support/project.js';

const database = await testDatabase({ migrated: false });
const cwd = userProject();

function migrate(args: string[] = [], url: string = database.url) {
  return pgsched(['migrate', ...args], { cwd, env: { PGSCHED_DATABASE_URL: url } });
}

test.serial(
  'status finds what is missing, migrate applies it, and then nothing is missing',
  async (t) => {
    const before = await migrate(['status']);
    t.is(before.code, 4);
    t.regex(before.stdout, /^pending {2}0001_tables\.sql$/m);
    t.regex(before.stderr, /lacks \d+ migrations\. Run `npx pgsched migrate`/);

    const applied = await migrate();
    t.is(applied.code, 0);
    t.regex(applied.stdout, /^applied 0001_tables\.sql$/m);
    t.regex(
      (await migrate(['up'])).stdout,
      /^The schema "pgsched" is up to date, at version \d+\.$/m,
    );

    const after = await migrate(['status']);
    t.like(after, { code: 0, stderr: '' });
    t.regex(after.stdout, /^applied {2}0001_tables\.sql/);
  },
);

test.serial('a schema of another name is another instance', async (t) => {
  t.is((await migrate(['--schema', 'media'])).code, 0);
  const { rows } = await database.pool.query(
    `select to_regclass('media.job') is not null as there`,
  );
  t.true(rows[0].there);
});

test('a flag beats PGSCHED_DATABASE_URL, which beats DATABASE_URL, which beats PG*', async (t) => {
  const dead = (name: string) => `postgres://127.0.0.1:1/${name}`;
  const env = {
    PGSCHED_DATABASE_URL: dead('own'),
    DATABASE_URL: dead('shared'),
    PGHOST: '127.0.0.1',
    PGPORT: '1',
    PGDATABASE: 'libpq',
  };
  const used = async (args: string[], without: string[] = []) => {
    const left = Object.entries(env).filter(([name]) => !without.includes(name));
    const { stderr } = await pgsched(['migrate', ...args], { cwd, env: Object.fromEntries(left) });
    return /127\.0\.0\.1:1\/(\w+) \(from ([^)]+)\)/.exec(stderr)?.slice(1);
  };
  t.deepEqual(await used(['--database-url', dead('flag')]), ['flag', '--database-url']);
  t.deepEqual(await used([]), ['own', 'PGSCHED_DATABASE_URL']);
  t.deepEqual(await used([], ['PGSCHED_DATABASE_URL']), ['shared', 'DATABASE_URL']);
  t.deepEqual(await used([], ['PGSCHED_DATABASE_URL', 'DATABASE_URL']), ['libpq', 'PG*']);
});

test('a database that is not there, or never answers, is reported within seconds and without the password', async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  t.teardown(() => silent.close());
  const { port } = silent.address() as { port: number };
  for (const at of ['127.0.0.1:1', `127.0.0.1:${port}`]) {
    const start = performance.now();
    const { code, stdout, stderr } = await migrate([], `postgres://me:hush@${at}/shop`);
    t.is(code, 2);
    t.is(stdout, '');
    t.true(
      stderr.includes(`error PGS5001: Cannot use PostgreSQL at postgres://me:***@${at}/shop`),
      stderr,
    );
    t.notRegex(stderr, /hush|^\s+at /m);
    // Five for the server, the rest for starting node on a busy machine.
    t.true(performance.now() - start < 7_500);
  }
});

test('a wrong password and a wrong database are told apart', async (t) => {
  const guessed = new URL(database.url);
  guessed.password = 'guessed';
  const refused = await migrate([], guessed.href);
  t.is(refused.code, 2);
  t.regex(refused.stderr, /^error PGS5001: .*password authentication failed/);
  t.notRegex(refused.stderr, /guessed/);

  const lost = new URL(database.url);
  lost.pathname = '/nowhere';
  t.regex(
    (await migrate([], lost.href)).stderr,
    /^error PGS5001: .*database "nowhere" does not exist/,
  );
});

test('an address that is none is refused without being repeated', async (t) => {
  const { code, stderr } = await migrate([], 'postgres://me:hu/sh@db/shop');
  t.is(code, 2);
  t.regex(stderr, /^error PGS5001: The address from PGSCHED_DATABASE_URL is not a valid one/);
  t.notRegex(stderr, /sh@db/);
});

test('--trace adds the stack, still without the password', async (t) => {
  const { stderr } = await migrate(['--trace'], 'postgres://me:hush@127.0.0.1:1/shop');
  t.regex(stderr, /^ {4}at /m);
  t.notRegex(stderr, /hush/);
});
