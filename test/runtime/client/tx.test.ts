import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import type { JobHandle } from '../../../runtime/client/types.js';
import { clientFor, workerFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

async function exists(id: string): Promise<boolean> {
  const { rowCount } = await database.pool.query('select from pgsched.job where id = $1', [id]);
  return rowCount === 1;
}

async function begun(): Promise<pg.Client> {
  const tx = await database.connect();
  await tx.query('begin');
  return tx;
}

/** A small pool, as an application has one; without the bound a wait for a connection would be for ever. */
function poolOf(t: ExecutionContext, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: database.url,
    max,
    connectionTimeoutMillis: 3_000,
  });
  t.teardown(() => pool.end());
  return pool;
}

test('the job is there when the transaction commits, and for nobody else before', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await begun();
  const job = await enqueue.double({ n: 1 }, { tx });
  const [bulk] = await enqueue.double.many([{ n: 2 }], { tx });
  t.false(await exists(job.id));
  await tx.query('commit');
  t.true(await exists(job.id));
  t.true(await exists(bulk?.id ?? ''));
});

test('the job never was when the transaction is rolled back', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await begun();
  const job = await enqueue.double({ n: 1 }, { tx, key: 'rolled back' });
  await tx.query('rollback');
  t.false(await exists(job.id));
  t.is((await enqueue.double({ n: 1 }, { key: 'rolled back' })).outcome, 'created');
});

test('a long list in a transaction is as one', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const list = Array.from({ length: 2_100 }, (_, n) => ({ n }));
  const tx = await begun();
  const handles = await enqueue.double.many(list, { tx, priority: 55 });
  t.is(handles.length, 2_100);
  const count = 'select count(*)::int as n from pgsched.job where priority = 55';
  t.is((await database.pool.query(count)).rows[0].n, 0);
  t.is((await tx.query(count)).rows[0].n, 2_100);
  await tx.query('rollback');
});

test("a pool's client is a transaction, and is left as it was", async (t) => {
  const pool = poolOf(t, 1);
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await pool.connect();
  await tx.query('begin');
  const job = await enqueue.double({ n: 1 }, { tx });
  await tx.query('commit');
  tx.release();
  t.true(await exists(job.id));
});

test('an open transaction of any library with `query(text, values)` will do', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const client = await begun();
  const tx = {
    query: async (text: string, values: unknown[]) => (await client.query(text, values)).rows,
  };
  const job = await enqueue.quiet({ id: 'rows' }, { tx });
  t.like(await enqueue.quiet({ id: 'rows' }, { tx }), { id: job.id, outcome: 'existing' });
  await client.query('commit');
  t.true(await exists(job.id));
});

test('an application may read bigint in its own way', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await database.connect({
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(oid, format as 'text'),
    },
  });
  await tx.query('begin');
  const job = await enqueue.quiet({ id: 'bigint' }, { tx });
  t.deepEqual((await tx.query('select 1::bigint as n')).rows, [{ n: 1n }]);
  const again = await enqueue.quiet({ id: 'bigint' }, { tx });
  t.like(again, { id: job.id, outcome: 'existing' });
  await tx.query('commit');
  t.true(await again.cancel());
});

test('a pool is refused: by its type, and when it comes all the same', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const pool = poolOf(t, 1);
  // @ts-expect-error -- a pool runs each statement on another connection
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: pool }), {
    name: 'InvalidTransaction',
    code: 'PGS2005',
    message: /`tx` must be an open transaction.*it is a pool/,
  });
  // @ts-expect-error -- as above
  await t.throwsAsync(enqueue.double.many([{ n: 1 }], { tx: pool }), { code: 'PGS2005' });
});

for (const tx of [{}, 'tx', null, 7, { query: 'select 1' }]) {
  test(`tx ${JSON.stringify(tx)} is refused`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    await t.throwsAsync(enqueue.double({ n: 1 }, { tx: tx as unknown as pg.Client }), {
      code: 'PGS2005',
    });
  });
}

test('`result()` before the commit is NotCommitted at once, after it the result', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await workerFor(t, { echo: (args) => args }, { connectionString: database.url });
  const tx = await begun();
  const job = await enqueue.echo({ hello: 'world' }, { tx });
  const error = await t.throwsAsync(job.result({ timeout: '10s' }), {
    name: 'NotCommitted',
    code: 'PGS3008',
    message: /still open, or was rolled back/,
  });
  t.like(error, { details: { id: job.id, task: 'echo' } });
  t.false(await job.cancel(), 'nor is there anything to cancel');
  await tx.query('commit');
  t.deepEqual(await job.result({ timeout: '10s' }), { hello: 'world' });
});

test('`result()` of a job that was rolled back is NotCommitted', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await begun();
  const [job] = await enqueue.echo.many([1], { tx });
  await tx.query('rollback');
  await t.throwsAsync((job as JobHandle<unknown>).result(), { code: 'PGS3008' });
});

test("the caller's connection keeps its settings, in the transaction and after it", async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await database.connect();
  const settings = async () => {
    // Those of plpgsql appear when its library is loaded, by any function's first call.
    const { rows } = await tx.query(
      `select name, setting from pg_settings where name not like 'plpgsql.%'`,
    );
    return new Map(rows.map(({ name, setting }) => [name, setting]));
  };
  await tx.query(`set lock_timeout = '7s'`);
  const before = await settings();
  await tx.query('begin isolation level serializable');
  const within = await settings();
  await enqueue.double({ n: 1 }, { tx, key: 'settings' });
  await enqueue.receipt.many([{ orderId: 1 }, { orderId: 1 }], { tx });
  t.deepEqual(await settings(), within);
  await tx.query('commit');
  t.deepEqual(await settings(), before);
  const prepared = await tx.query('select from pg_prepared_statements');
  t.is(prepared.rowCount, 0, 'and has no statement prepared on it');
});

test('a bad value leaves the transaction usable: it is refused before anything is sent', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await begun();
  await t.throwsAsync(enqueue.double({ n: 'x' as unknown as number }, { tx }), { code: 'PGS2001' });
  const job = await enqueue.double({ n: 1 }, { tx });
  await tx.query('commit');
  t.true(await exists(job.id));
});

test('an aborted transaction says so itself', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await begun();
  await t.throwsAsync(tx.query('select 1/0'));
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx }), { code: '25P02' });
  await tx.query('rollback');
});

test('transactions that use up the pool do not wait for each other', async (t) => {
  const pool = poolOf(t, 3);
  const { enqueue } = clientFor(t, { pool });
  await enqueue.double({ n: 1 });
  const txs = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
  t.teardown(() => {
    for (const tx of txs) tx.release();
  });
  // More than a block of ids that were drawn ahead.
  const list = Array.from({ length: 250 }, (_, n) => ({ n }));
  const handles = await Promise.all(
    txs.map(async (tx) => {
      await tx.query('begin');
      const made = await enqueue.double.many(list, { tx });
      await tx.query('commit');
      return made;
    }),
  );
  t.is(new Set(handles.flat().map((handle) => handle.id)).size, 750);
});
