import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type pg from 'pg';
import { isPgschedError } from '../../runtime/errors.js';
import { latestVersion, migrate, migrationStatus } from '../../schema/migrate.js';
import { testDatabase } from '../support/database.js';

const database = await testDatabase({ migrated: false });

/** A directory with these migrations, gone after the test. */
function directory(t: ExecutionContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'pgsched-migrations-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  write(path, files);
  return path;
}

function write(path: string, files: Record<string, string>): void {
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(path, name), sql);
}

async function exists(client: pg.Client, relation: string): Promise<boolean> {
  const { rows } = await client.query('select to_regclass($1) is not null as there', [relation]);
  return rows[0].there;
}

test('an empty database gets the schema and every migration, in order', async (t) => {
  const client = await database.connect();
  const options = {
    schema: 'in_order',
    directory: directory(t, {
      '0010_more.sql': 'alter table pgsched.thing add column b text;',
      '0002_thing.sql':
        'create table pgsched.thing (a int);\ninsert into pgsched.thing values (1);',
      'README.md': 'not a migration',
    }),
  };
  t.is((await migrationStatus(client, options)).current, 0);
  t.deepEqual(await migrate(client, options), {
    applied: ['0002_thing.sql', '0010_more.sql'],
    version: 10,
  });
  t.deepEqual((await client.query('select a, b from in_order.thing')).rows, [{ a: 1, b: null }]);
});

test('a second call changes nothing', async (t) => {
  const client = await database.connect();
  const options = {
    schema: 'twice',
    directory: directory(t, { '0001_a.sql': 'create table pgsched.a ()' }),
  };
  await migrate(client, options);
  const before = await migrationStatus(client, options);
  t.deepEqual(await migrate(client, options), { applied: [], version: 1 });
  t.deepEqual(await migrationStatus(client, options), before);
});

test('the status tells what is there and what is missing', async (t) => {
  const client = await database.connect();
  const path = directory(t, { '0001_a.sql': 'create table pgsched.a ()' });
  const options = { schema: 'told', directory: path };
  await migrate(client, options);
  write(path, {
    '0002_b.sql': 'create table pgsched.b ()',
    '0003_c.sql': 'create table pgsched.c ()',
  });
  const status = await migrationStatus(client, options);
  t.like(status, { current: 1, latest: 3, pending: ['0002_b.sql', '0003_c.sql'] });
  t.is(status.applied.length, 1);
  t.like(status.applied[0], { number: 1, name: '0001_a.sql' });
  t.true(Date.now() - Number(status.applied[0]?.appliedAt) < 60_000);
});

test('a database of a newer version is reported and left as it is', async (t) => {
  const client = await database.connect();
  const path = directory(t, { '0001_a.sql': 'select 1', '0002_b.sql': 'select 2' });
  await migrate(client, { schema: 'newer', directory: path });
  rmSync(join(path, '0002_b.sql'));
  t.deepEqual(await migrate(client, { schema: 'newer', directory: path }), {
    applied: [],
    version: 2,
  });
  t.like(await migrationStatus(client, { schema: 'newer', directory: path }), {
    current: 2,
    latest: 1,
    pending: [],
  });
});

test('an applied migration that was edited is refused by name', async (t) => {
  const client = await database.connect();
  const path = directory(t, { '0001_a.sql': 'select 1;\n', '0002_b.sql': 'select 2;\n' });
  const options = { schema: 'edited', directory: path };
  await migrate(client, options);
  write(path, { '0001_a.sql': 'select 1; -- better\n' });
  for (const call of [migrate, migrationStatus]) {
    const error = await t.throwsAsync(call(client, options));
    t.true(isPgschedError(error, 'MigrationChanged'));
    t.regex(error?.message ?? '', /^0001_a\.sql is not the file that was applied/);
  }
});

test('line ends do not count as an edit', async (t) => {
  const client = await database.connect();
  const path = directory(t, { '0001_a.sql': 'select 1;\nselect 2;\n' });
  await migrate(client, { schema: 'line_ends', directory: path });
  write(path, { '0001_a.sql': 'select 1;\r\nselect 2;\r\n' });
  t.deepEqual((await migrate(client, { schema: 'line_ends', directory: path })).applied, []);
});

test('a failing migration names file, line and SQLSTATE, and leaves nothing behind', async (t) => {
  const client = await database.connect();
  const options = {
    schema: 'failing',
    directory: directory(t, {
      '0001_good.sql': 'create table pgsched.good ();',
      '0002_bad.sql': "create table pgsched.half ();\n-- 'ü'\nselect * from pgsched.nowhere;\n",
      '0003_never.sql': 'create table pgsched.never ();',
    }),
  };
  const error = await t.throwsAsync(migrate(client, options));
  t.true(isPgschedError(error, 'MigrationFailed'));
  t.like(error, { details: { file: '0002_bad.sql', line: 3, sqlstate: '42P01' } });
  t.is(
    error?.message,
    'Migration 0002_bad.sql, line 3, failed in schema "failing": relation "failing.nowhere" does not exist (SQLSTATE 42P01). Nothing of it was applied.',
  );
  t.false(await exists(client, 'failing.half'));
  t.like(await migrationStatus(client, options), {
    current: 1,
    pending: ['0002_bad.sql', '0003_never.sql'],
  });
});

test('a migration sees no other schema by accident', async (t) => {
  const client = await database.connect();
  await client.query('create table public.stray ()');
  const options = {
    schema: 'strict',
    directory: directory(t, { '0001_a.sql': 'alter table stray add column a int' }),
  };
  const error = await t.throwsAsync(migrate(client, options));
  t.regex(error?.message ?? '', /relation "stray" does not exist/);
});

test('the settings of a migration end with it', async (t) => {
  const client = await database.connect();
  const settings = `select name, setting from pg_settings
    where name in ('search_path', 'lock_timeout', 'statement_timeout', 'transaction_isolation')`;
  const before = await client.query(settings);
  await migrate(client, {
    schema: 'settings',
    directory: directory(t, {
      '0001_a.sql': 'select 1',
      '0002_b.sql': '-- transaction: false\nselect 1',
    }),
  });
  t.deepEqual((await client.query(settings)).rows, before.rows);
});

test('two instances share a database', async (t) => {
  const client = await database.connect();
  const path = directory(t, {
    '0001_a.sql': `create table pgsched.a as select :'schema'::text as name`,
  });
  for (const schema of ['one', 'two']) {
    await migrate(client, { schema, directory: path });
    t.deepEqual((await client.query(`select name from ${schema}.a`)).rows, [{ name: schema }]);
  }
});

test('a name that is no plain identifier is refused before anything is done', async (t) => {
  const client = await database.connect();
  for (const schema of ['Jobs', 'x; drop schema public', 'pg_jobs', '']) {
    const error = await t.throwsAsync(migrate(client, { schema }));
    t.true(isPgschedError(error, 'InvalidSchemaName'));
  }
});

test('a migration marked so runs outside a transaction', async (t) => {
  const client = await database.connect();
  const options = {
    schema: 'outside',
    directory: directory(t, {
      '0001_a.sql': 'create table pgsched.a (n int)',
      '0002_b.sql': '-- transaction: false\ncreate index concurrently a_n on pgsched.a (n)',
    }),
  };
  t.is((await migrate(client, options)).version, 2);
  t.true(await exists(client, 'outside.a_n'));
  const locks = await client.query(
    `select count(*)::int as held from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
  );
  t.is(locks.rows[0].held, 0);
});

test('a change that cannot get its lock steps back, lets others pass and tries again', async (t) => {
  const [client, holder, reader] = [
    await database.connect(),
    await database.connect(),
    await database.connect(),
  ];
  const path = directory(t, { '0001_a.sql': 'create table pgsched.a (n int)' });
  const options = { schema: 'locked', directory: path };
  await migrate(client, options);
  write(path, { '0002_b.sql': 'alter table pgsched.a add column m int' });

  await holder.query('begin; select from locked.a');
  const watched = new EventEmitter();
  const gaveWay = once(watched, '55P03');
  const migrated = migrate(
    {
      query: (text, values) =>
        client.query(text, values).catch((error) => {
          watched.emit(error.code);
          throw error;
        }),
    },
    options,
  );
  await gaveWay;
  await reader.query('select from locked.a');
  await holder.query('commit');
  t.deepEqual((await migrated).applied, ['0002_b.sql']);
});

test('a directory that cannot be the migrations is refused', async (t) => {
  const client = await database.connect();
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /it holds none/],
    [{ 'one.sql': '' }, /one\.sql is not named NNNN_name\.sql/],
    [{ '0001_a.sql': '', '0001_b.sql': '' }, /two files have the number of 0001_/],
  ];
  for (const [files, message] of cases) {
    const error = await t.throwsAsync(migrate(client, { directory: directory(t, files) }));
    t.true(isPgschedError(error, 'MigrationFailed'));
    t.regex(error?.message ?? '', message);
  }
});

test('a process that waited sees what the one before it applied', async (t) => {
  const [client, other] = [await database.connect(), await database.connect()];
  const options = {
    schema: 'overtaken',
    directory: directory(t, { '0001_a.sql': 'create table pgsched.a ()' }),
  };
  const lock = `(hashtextextended('pgsched:migrate:overtaken', 0))`;
  await other.query(`select pg_advisory_lock${lock}`);
  let tries = 0;
  const waiting = {
    async query(text: string, values?: unknown[]) {
      const result = await client.query(text, values);
      if (text.startsWith('begin') && ++tries === 2) {
        await other.query(`select pg_advisory_unlock${lock}`);
        await migrate(other, options);
      }
      return result;
    },
  };
  t.deepEqual(await migrate(waiting, options), { applied: [], version: 1 });
});

test('eight processes at once on an empty database all succeed, and each migration runs once', async (t) => {
  const schema = 'eight';
  const path = directory(t, {
    '0001_a.sql':
      'create table pgsched.ran (n int); insert into pgsched.ran values (1); select pg_sleep(0.1)',
    '0002_b.sql': 'insert into pgsched.ran values (2); select pg_sleep(0.1)',
    '0003_c.sql': '-- transaction: false\ninsert into pgsched.ran select 3 from pg_sleep(0.3)',
    '0004_d.sql': '-- transaction: false\ncreate index concurrently ran_n on pgsched.ran (n)',
    '0005_e.sql': 'insert into pgsched.ran values (5)',
  });
  const script = fileURLToPath(new URL('../support/migrate-process.ts', import.meta.url));
  const runs = await Promise.all(
    Array.from({ length: 8 }, () =>
      promisify(execFile)(process.execPath, ['--import=tsx', script, database.url, schema, path]),
    ),
  );
  const results = runs.map(({ stdout }) => JSON.parse(stdout));
  t.deepEqual(new Set(results.map(({ version }) => version)), new Set([5]));
  t.is(results.flatMap(({ applied }) => applied).length, 5);
  const { rows } = await database.pool.query('select n from eight.ran order by n');
  t.deepEqual(
    rows,
    [1, 2, 3, 5].map((n) => ({ n })),
  );
});

test('the package has its own migrations, from the first on, and they apply', async (t) => {
  const client = await database.connect();
  const { applied, version } = await migrate(client, { schema: 'own' });
  t.is(version, latestVersion());
  t.true(version >= 1);
  t.regex(applied[0] ?? '', /^0001_/);
});
