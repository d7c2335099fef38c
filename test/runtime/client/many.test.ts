import test from 'ava';
import { isPgschedError } from '../../../runtime/errors.js';
import { clientFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

async function rowsOf(handles: readonly { readonly id: string }[]) {
  const { rows } = await database.pool.query(
    `select j.args, j.priority, j.key, j.headers,
            round(extract(epoch from j.run_at - j.created_at) * 1000)::int as wait
       from unnest($1::bigint[]) with ordinality as h(id, place) join pgsched.job j on j.id = h.id
      order by h.place`,
    [handles.map((handle) => handle.id)],
  );
  return rows;
}

async function count(where: string, ...values: unknown[]): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as n from pgsched.job j join pgsched.task t on t.task = j.task where ${where}`,
    values,
  );
  return rows[0].n;
}

const numbers = (length: number) => Array.from({ length }, (_, n) => ({ n }));

test('handles come in the order of the list, and so do the jobs run', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const handles = await enqueue.double.many(numbers(50));
  t.deepEqual(
    (await rowsOf(handles)).map((row) => row.args),
    numbers(50),
  );
  const ids = handles.map((handle) => Number(handle.id));
  t.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
  t.true(handles.every((handle) => handle.task === 'double' && handle.outcome === 'created'));
});

test('an empty list enqueues nothing, and needs no database', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  t.deepEqual(await enqueue.double.many([]), []);
});

test('options may hold for all', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const handles = await enqueue.double.many(numbers(3), {
    delay: '1m',
    priority: 'low',
    headers: { from: 'bulk' },
  });
  const row = { priority: -10, wait: 60_000, headers: { from: 'bulk' }, key: null };
  t.deepEqual(
    await rowsOf(handles),
    numbers(3).map((args) => ({ args, ...row })),
  );
});

test('options may be made per item', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const handles = await enqueue.double.many(numbers(3), ({ n }, index) => ({
    delay: index * 10,
    priority: n + 1,
    key: `item ${n}`,
  }));
  t.deepEqual(await rowsOf(handles), [
    { args: { n: 0 }, wait: 0, priority: 1, key: 'item 0', headers: null },
    { args: { n: 1 }, wait: 10, priority: 2, key: 'item 1', headers: null },
    { args: { n: 2 }, wait: 20, priority: 3, key: 'item 2', headers: null },
  ]);
});

test('what counts for the whole call may not differ per item', async (t) => {
  const tx = await database.connect();
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const partly = (_: unknown, i: number) => ({ key: `mixed ${i}`, tx: i === 0 ? tx : undefined });
  await t.throwsAsync(enqueue.double.many(numbers(2), partly), { code: 'PGS2004', message: /tx/ });
  const mixed = (_: unknown, i: number) =>
    ({ key: `mixed ${i}`, onConflict: i === 0 ? 'raise' : 'ignore' }) as const;
  await t.throwsAsync(enqueue.double.many(numbers(2), mixed), {
    code: 'PGS2004',
    message: /onConflict/,
  });
  t.is(await count(`key like 'mixed %'`), 0);
});

test('per-item options go together with a transaction', async (t) => {
  const tx = await database.connect();
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await tx.query('begin');
  await enqueue.double.many(numbers(2), ({ n }) => ({ tx, priority: 70 + n }));
  await tx.query('rollback');
  t.is(await count('priority in (70, 71)'), 0);
});

test('onConflict holds when every item says the same', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const same = () => ({ key: 'one key', onConflict: 'raise' }) as const;
  await t.throwsAsync(enqueue.double.many(numbers(2), same), { code: 'PGS3001' });
});

test('2,500 jobs go in together', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const handles = await enqueue.double.many(numbers(2_500), { priority: 77 });
  t.is(new Set(handles.map((handle) => handle.id)).size, 2_500);
  t.is(await count('priority = 77'), 2_500);
  t.deepEqual(
    (await rowsOf(handles)).map((row) => row.args.n),
    numbers(2_500).map(({ n }) => n),
  );
});

test('a list longer than one insert is all or nothing', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await database.pool.query(
    `alter table pgsched.job add constraint no_1900 check (priority <> 78 or args <> '{"n": 1900}')`,
  );
  t.teardown(() => database.pool.query('alter table pgsched.job drop constraint no_1900'));
  await t.throwsAsync(enqueue.double.many(numbers(2_500), { priority: 78 }), { code: '23514' });
  t.is(await count('priority = 78'), 0);
  t.is((await enqueue.double.many(numbers(1_900), { priority: 78 })).length, 1_900);
});

test('bad items among 1,000: no row, and every one is named by index and path', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const bad = new Map<number, { args: unknown; path: string }>([
    [0, { args: { n: 'zero' }, path: 'n' }],
    [7, { args: {}, path: 'n' }],
    [500, { args: null, path: '' }],
    [999, { args: { n: Number.NaN }, path: 'n' }],
  ]);
  const list = numbers(1_000).map(
    (args, i) => (bad.get(i)?.args ?? (bad.has(i) ? null : args)) as { n: number },
  );
  const error = await t.throwsAsync(enqueue.double.many(list, { priority: 79 }));
  if (!isPgschedError(error, 'InvalidArgs')) return t.fail(String(error));
  const issues = error.details['issues'] as { index: number; path: string }[];
  t.deepEqual(
    issues.map(({ index, path }) => [index, path]),
    [...bad].map(([index, { path }]) => [index, path]),
  );
  for (const index of bad.keys()) t.regex(error.message, new RegExp(`^ {2}\\[${index}\\] `, 'm'));
  t.is(await count('priority = 79'), 0);
});

test('a long list of bad items is whole in the details, and short in the message', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const list = numbers(100).map(() => ({}) as { n: number });
  const error = await t.throwsAsync(enqueue.double.many(list), { message: /… and 80 more$/ });
  t.is((error as unknown as { details: { issues: unknown[] } }).details.issues.length, 100);
});

test('a hole in the list is a bad item', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const list = new Array<{ n: number }>(2);
  list[1] = { n: 1 };
  const error = await t.throwsAsync(enqueue.double.many(list), { code: 'PGS2001' });
  t.like(error, { details: { issues: [{ index: 0 }] } });
});

test('items whose key cannot be made are named like other bad items', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const list = [{ orderId: 1 }, { orderId: 1.5 }, { orderId: 'x' as unknown as number }];
  const error = await t.throwsAsync(enqueue.receipt.many(list), { code: 'PGS2001' });
  t.like(error, {
    details: {
      issues: [
        { index: 1, path: 'orderId' },
        { index: 2, path: 'orderId' },
      ],
    },
  });
  t.is(await count(`key like 'receipt:%'`), 0);
});

test('an item that is refused for its options or its size is named by index', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await t.throwsAsync(
    enqueue.double.many(numbers(3), (_, i) => ({ delay: i === 2 ? -1 : 0 })),
    { code: 'PGS2004', message: /^Item 2: delay must be/ },
  );
  const error = await t.throwsAsync(enqueue.echo.many(['small', 'x'.repeat(1024 * 1024)]), {
    code: 'PGS2006',
    message: /^Item 1: The args of echo are 1048578 bytes/,
  });
  t.like(error, { details: { index: 1, size: 1_048_578 } });
});

test('tasks without args take a list of nothings', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const handles = await enqueue.tick.many([undefined, undefined], { priority: 80 });
  t.is(handles.length, 2);
  t.is(await count('priority = 80 and args is null'), 2);
});
