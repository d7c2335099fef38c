import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { bindClient } from '../../../runtime/client/bind-client.js';
import { migrate } from '../../../schema/migrate.js';
import { clientFor, contract, makeClient, type TestClient } from '../../support/client.js';
import { createDatabase } from '../../support/create-database.js';
import { testDatabase } from '../../support/database.js';
import { startWire } from '../../support/wire.js';

const database = await testDatabase();

/** The database's address with something changed. */
function address(
  change: Partial<Pick<URL, 'port' | 'username' | 'password' | 'pathname'>>,
): string {
  return Object.assign(new URL(database.url), change).href;
}

async function anotherDatabase(t: ExecutionContext): Promise<{ url: string; pool: pg.Pool }> {
  const { url, drop } = await createDatabase();
  const pool = new pg.Pool({ connectionString: url });
  t.teardown(async () => {
    await pool.end();
    await drop();
  });
  return { url, pool };
}

async function migrated(pool: pg.Pool, schema?: string): Promise<void> {
  const client = await pool.connect();
  await migrate(client, { schema });
  client.release();
}

test('a client opens nothing before its first use', async (t) => {
  const wire = await startWire(database.url);
  t.teardown(() => wire.close());
  const client = clientFor(t, { connectionString: wire.url });
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(wire.open, 0);
  await client.enqueue.tick();
  t.true(wire.open > 0);
});

test('a dead port: DatabaseUnreachable within 5 seconds, with the address', async (t) => {
  const url = address({ port: '1', username: 'ada', password: 'hunter2' });
  const { enqueue } = clientFor(t, { connectionString: url });
  const startedAt = performance.now();
  const error = await t.throwsAsync(enqueue.tick(), {
    name: 'DatabaseUnreachable',
    code: 'PGS5001',
    message:
      /^Cannot use PostgreSQL at postgres(ql)?:\/\/ada:\*\*\*@[\w.]+:1\/.* \(from connectionString\): .*ECONNREFUSED.* Check that the server runs/,
  });
  t.true(performance.now() - startedAt < 5_000);
  t.notRegex(inspect(error, { depth: 10, showHidden: true }), /hunter2/);
});

test('a server that takes the connection and never answers: the same, after 5 seconds', async (t) => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const { enqueue } = clientFor(t, { connectionString: address({ port: String(port) }) });
  const startedAt = performance.now();
  await t.throwsAsync(enqueue.tick(), { code: 'PGS5001' });
  t.true(performance.now() - startedAt < 5_900);
});

const secrets = ['hunter2', 'p@ss/w:rd?#é', 'p@hunter2'];
for (const secret of secrets) {
  test(`a wrong password is said to be wrong, and not shown: ${secret}`, async (t) => {
    await database.pool.query(`do $$ begin create role locked login password 'right';
      exception when duplicate_object or unique_violation then null; end $$`);
    const url = address({ username: 'locked', password: encodeURIComponent(secret) });
    const { enqueue } = clientFor(t, { connectionString: url });
    const error = await t.throwsAsync(enqueue.tick(), {
      code: 'PGS5001',
      message: /password authentication failed for user "locked".*user and password are right/,
    });
    const shown = inspect(error, { depth: 10, showHidden: true });
    for (const part of [secret, encodeURIComponent(secret), 'hunter2'])
      t.false(shown.includes(part), shown);
  });
}

for (const url of [
  'postgres://ada:hunter2@/half@127.0.0.1:1/db',
  'postgres://ada:hunter2/half@127.0.0.1:1/db',
  'postgres://ada:half@hunter2@127.0.0.1:1/db',
  'postgres://ada:hunter2@127.0.0.1:bad/db',
  'postgres://127.0.0.1:1/db?user=ada&password=hunter2',
]) {
  test(`no part of a password is shown: ${url}`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: url });
    const error = await t.throwsAsync(enqueue.tick());
    const shown = inspect(error, { depth: 10, showHidden: true });
    t.false(shown.includes('hunter2') || shown.includes('half'), shown);
    t.is((error as unknown as { code: string }).code, 'PGS5001', shown);
  });
}

test('a database that does not exist is named', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: address({ pathname: '/nowhere' }) });
  await t.throwsAsync(enqueue.tick(), {
    code: 'PGS5001',
    message: /database "nowhere" does not exist/,
  });
});

test('a database without the schema: SchemaOutOfDate, which names the command; after it the client works', async (t) => {
  const { url, pool } = await anotherDatabase(t);
  const { enqueue, jobs, call } = clientFor(t, { connectionString: url });
  const expected = {
    name: 'SchemaOutOfDate',
    code: 'PGS5002',
    message:
      'The database has no schema "pgsched" of pgsched. Run `npx pgsched migrate`, then start again.',
  };
  await t.throwsAsync(enqueue.tick(), expected);
  await t.throwsAsync(enqueue.tick.many([undefined]), expected);
  await t.throwsAsync(call.tick(), expected);
  await t.throwsAsync(jobs.get('tick', '1'), expected);
  await migrated(pool);
  t.is((await enqueue.tick()).outcome, 'created');
});

test('an older schema: SchemaOutOfDate with both versions', async (t) => {
  const { url, pool } = await anotherDatabase(t);
  await migrated(pool);
  await pool.query(
    'delete from pgsched.migration where number = (select max(number) from pgsched.migration)',
  );
  const { enqueue } = clientFor(t, { connectionString: url });
  await t.throwsAsync(enqueue.tick(), {
    code: 'PGS5002',
    message:
      /^The schema "pgsched" is at version \d+, this pgsched needs \d+\. Run `npx pgsched migrate`/,
  });
});

test('a newer schema is a warning, once', async (t) => {
  const { url, pool } = await anotherDatabase(t);
  await migrated(pool);
  await pool.query(
    `insert into pgsched.migration select (jsonb_populate_record(m, '{"number": 9000, "name": "9000_later.sql"}')).*
       from pgsched.migration m limit 1`,
  );
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  const { enqueue } = clientFor(t, { connectionString: url, onWarning });
  await Promise.all([enqueue.tick(), enqueue.tick()]);
  await enqueue.tick();
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /at version 9000, newer than this pgsched's/);
});

test('two schemas in one database are two instances', async (t) => {
  const { url, pool } = await anotherDatabase(t);
  await migrated(pool);
  await migrated(pool, 'jobs_2');
  const one = clientFor(t, { connectionString: url });
  const two = clientFor(t, { connectionString: url, schema: 'jobs_2' });
  await two.enqueue.receipt({ orderId: 1 });
  const job = await one.enqueue.receipt({ orderId: 1 });
  t.is(job.outcome, 'created');
  t.is(await two.jobs.get('receipt', '999'), null);
  const counts = await pool.query(
    'select (select count(*)::int from pgsched.job) as one, (select count(*)::int from jobs_2.job) as two',
  );
  t.deepEqual(counts.rows, [{ one: 1, two: 1 }]);
});

test("the contract's own schema is the default", async (t) => {
  const { url, pool } = await anotherDatabase(t);
  await migrated(pool, 'from_contract');
  const client = bindClient<TestClient>({ ...contract, schema: 'from_contract' }, null, {
    connectionString: url,
  });
  t.teardown(() => client.close());
  t.is((await client.enqueue.tick()).outcome, 'created');
});

for (const schema of ['', 'Jobs', 'a-b', 'a"b', 'a; drop', 'pg_jobs', 'x'.repeat(49), '1a']) {
  test(`schema name ${JSON.stringify(schema).slice(0, 20)} is refused`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url, schema });
    await t.throwsAsync(enqueue.tick(), { name: 'InvalidSchemaName', code: 'PGS5003' });
  });
}

test('statements are prepared once per connection; `prepare: false` prepares none', async (t) => {
  for (const prepare of [undefined, false]) {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    t.teardown(() => pool.end());
    const client = makeClient({ pool, prepare });
    for (let i = 0; i < 3; i++) {
      await client.enqueue.tick();
      await client.enqueue.double({ n: 1 }, { delay: '1h' });
    }
    await client.close();
    const { rows } = await pool.query('select name from pg_prepared_statements');
    if (prepare === false) t.deepEqual(rows, []);
    else t.true(rows.length >= 3 && rows.length <= 6, JSON.stringify(rows));
  }
});

test("a role's default isolation level does not matter to the client's own connections", async (t) => {
  const { url, pool } = await anotherDatabase(t);
  await migrated(pool);
  await pool.query(
    `do $$ begin execute format('alter database %I set default_transaction_isolation = serializable', current_database()); end $$`,
  );
  const { enqueue } = clientFor(t, { connectionString: url });
  const calls = Array.from({ length: 60 }, (_, i) => enqueue.quiet({ id: `iso ${i % 5}` }));
  const handles = await Promise.all(calls);
  t.is(handles.filter((handle) => handle.outcome === 'created').length, 5);
});

test('a given pool is used, and left open', async (t) => {
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  t.teardown(() => pool.end());
  const client = makeClient({ pool });
  await client.enqueue.tick();
  t.true(pool.totalCount > 0);
  await client.close();
  t.false(pool.ended);
  t.is((await pool.query('select 1 as one')).rows[0].one, 1);
});

test('a process that uses a client and does not close it ends by itself', async (t) => {
  const script = fileURLToPath(new URL('../../support/client-process.ts', import.meta.url));
  const args = ['--import=tsx', script, database.url];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  t.is(stdout, 'created ResultTimeout\n');
});

test('after `close()` every use is ClientClosed', async (t) => {
  const client = makeClient({ connectionString: database.url });
  const job = await client.enqueue.double({ n: 1 }, { delay: '1h' });
  await client.close();
  const uses = [
    () => client.enqueue.tick(),
    () => client.enqueue.tick(undefined, { key: 'closed' }),
    () => client.enqueue.tick.many([undefined]),
    () => client.call.tick(),
    () => client.jobs.get('double', job.id),
    () => job.result(),
    () => job.cancel(),
  ];
  for (const use of uses) {
    await t.throwsAsync(use(), { name: 'ClientClosed', code: 'PGS3009' }, String(use));
  }
});

test('a client can be closed unused, twice, and by `await using`', async (t) => {
  await makeClient({ connectionString: database.url }).close();
  const used = makeClient({ connectionString: database.url });
  await used.enqueue.tick();
  await Promise.all([used.close(), used.close()]);
  await used.close();
  let inside: TestClient;
  {
    await using client = makeClient({ connectionString: database.url });
    inside = client;
    await client.enqueue.tick();
  }
  await t.throwsAsync(inside.enqueue.tick(), { code: 'PGS3009' });
});

test('a database that goes away is waited for, and is used again when it comes back', async (t) => {
  const wire = await startWire(database.url);
  t.teardown(() => wire.close());
  const { enqueue } = clientFor(t, { connectionString: wire.url });
  await enqueue.tick();
  wire.cut({ refuse: true });
  const calls = [
    enqueue.tick(),
    enqueue.tick(undefined, { key: 'outage' }),
    enqueue.tick.many([undefined, undefined]),
    enqueue.tick(undefined, { priority: 66 }),
  ];
  const all = Promise.all(calls);
  setTimeout(() => wire.mend(), 500);
  await all;
  t.pass();
});

test('a database that stays away: DatabaseUnreachable, said once', async (t) => {
  const wire = await startWire(database.url);
  t.teardown(() => wire.close());
  const { enqueue } = clientFor(t, { connectionString: wire.url });
  await enqueue.tick();
  wire.cut({ refuse: true });
  const error = await t.throwsAsync(enqueue.tick(), { code: 'PGS5001' });
  t.is(error.message.match(/Cannot use PostgreSQL/g)?.length, 1);
});
