import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { clientFor, workerFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

async function countOf(key: string): Promise<number> {
  const { rows } = await database.pool.query(
    'select count(*)::int as n from pgsched.job where key = $1',
    [key],
  );
  return rows[0].n;
}

test('a key that is held raises DuplicateJob, which says by which job and how that stands', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const first = await enqueue.double({ n: 1 }, { key: 'raise' });
  const error = await t.throwsAsync(enqueue.double({ n: 2 }, { key: 'raise' }), {
    name: 'DuplicateJob',
    code: 'PGS3001',
    message: `The key "raise" of double is held by job ${first.id} (pending). Nothing was enqueued; use onConflict: 'ignore' to get the handle of the job that is there.`,
  });
  t.like(error, { details: { id: first.id, status: 'pending', key: 'raise', task: 'double' } });
  t.is(await countOf('raise'), 1);
});

test('DuplicateJob tells that the job which holds the key runs', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.echo(null, { key: 'runs' });
  const { promise: running, resolve: started } = signal();
  const { promise: end, resolve: finish } = signal();
  const handler = async () => {
    started();
    await end;
    return null;
  };
  await workerFor(t, { echo: handler }, { connectionString: database.url });
  await running;
  const error = await t.throwsAsync(enqueue.echo(null, { key: 'runs' }), { code: 'PGS3001' });
  t.like(error, { details: { id: job.id, status: 'running' } });

  finish();
  await job.result();
  t.is(
    (await enqueue.echo(null, { key: 'runs' })).outcome,
    'created',
    'the key is free after the end',
  );
});

test('`ignore` gives the handle of the job that holds the key, and leaves that job as it is', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const first = await enqueue.double({ n: 1 }, { key: 'ignore' });
  const second = await enqueue.double(
    { n: 2 },
    { key: 'ignore', onConflict: 'ignore', priority: 'critical' },
  );
  t.like(second, { id: first.id, outcome: 'existing', task: 'double' });
  t.is((await jobs.get('double', first.id))?.priority, 0);
  t.true(await second.cancel());
  t.is((await jobs.get('double', first.id))?.status, 'cancelled');
});

test('a key is unique within its task alone', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await enqueue.double({ n: 1 }, { key: 'shared' });
  t.is((await enqueue.mail.send({ to: 'a' }, { key: 'shared' })).outcome, 'created');
  t.is((await enqueue.tick(undefined, { key: 'shared' })).outcome, 'created');
});

test('keys are compared whole: case, blanks and marks count', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  for (const key of ['same', 'Same', 'same ', ' same', "it's", 'a%', 'a_', 'é', 'e\u0301', '😀']) {
    t.is((await enqueue.double({ n: 1 }, { key })).outcome, 'created', JSON.stringify(key));
  }
});

for (const key of ['', 'x'.repeat(201), 'é'.repeat(101), 'nul\0', 'half \ud800', 7, null]) {
  test(`key ${JSON.stringify(key)?.slice(0, 20)} is refused`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    await t.throwsAsync(enqueue.double({ n: 1 }, { key: key as string }), {
      code: 'PGS2004',
      message: /key must be a text/,
    });
  });
}

test('a key of 200 bytes is taken', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await enqueue.double({ n: 1 }, { key: 'é'.repeat(100) });
  await t.throwsAsync(enqueue.double({ n: 1 }, { key: 'é'.repeat(100) }), { code: 'PGS3001' });
});

test("the task's own key comes from the args, and the call's own goes before it", async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.receipt({ orderId: 7 });
  t.is((await jobs.get('receipt', job.id))?.key, 'receipt:7');
  const other = await enqueue.receipt({ orderId: 7 }, { key: 'another' });
  t.is((await jobs.get('receipt', other.id))?.key, 'another');
});

test("the task's own onConflict goes for single calls and bulk; the call's own goes before it", async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const first = await enqueue.quiet({ id: 'q' });
  t.like(await enqueue.quiet({ id: 'q' }), { id: first.id, outcome: 'existing' });
  await t.throwsAsync(enqueue.quiet({ id: 'q' }, { onConflict: 'raise' }), { code: 'PGS3001' });
  await t.throwsAsync(enqueue.quiet.many([{ id: 'q' }], { onConflict: 'raise' }), {
    code: 'PGS3001',
  });
});

test('a bulk call gives the handle of whoever holds each key, each in its place', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const held = await enqueue.receipt({ orderId: 101 });
  const handles = await enqueue.receipt.many([
    { orderId: 102 },
    { orderId: 101 },
    { orderId: 100 },
    { orderId: 102 },
  ]);
  t.deepEqual(
    handles.map((handle) => handle.outcome),
    ['created', 'existing', 'created', 'existing'],
  );
  t.is(handles[1]?.id, held.id);
  t.is(handles[3]?.id, handles[0]?.id, 'of a key repeated in one call the first wins');
  t.is(await countOf('receipt:102'), 1);
});

test('a bulk call that raises names every conflict, and enqueues nothing', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const held = await enqueue.receipt({ orderId: 201 });
  const list = [200, 201, 202, 202].map((orderId) => ({ orderId }));
  const error = await t.throwsAsync(enqueue.receipt.many(list, { onConflict: 'raise' }), {
    code: 'PGS3001',
    message: /held by job \d+ \(pending\)\. So are 1 more of this call\./,
  });
  t.like(error, {
    details: {
      conflicts: [
        { index: 1, key: 'receipt:201', id: held.id, status: 'pending' },
        { index: 3, key: 'receipt:202', id: null, status: null },
      ],
    },
  });
  for (const key of ['receipt:200', 'receipt:202']) t.is(await countOf(key), 0);
  // Nothing holds the keys of the jobs that were not enqueued.
  t.is((await enqueue.receipt({ orderId: 202 })).outcome, 'created');
});

test('a bulk call of more than one insert names its conflicts by their index in the call', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const list = Array.from({ length: 1_500 }, (_, i) => ({ orderId: 10_000 + (i % 1_400) }));
  const held = await enqueue.receipt({ orderId: 11_200 });
  const error = await t.throwsAsync(enqueue.receipt.many(list, { onConflict: 'raise' }));
  const { conflicts } = (error as unknown as { details: { conflicts: unknown[] } }).details;
  t.is(conflicts.length, 101);
  t.like(conflicts[0], { index: 1_200, key: 'receipt:11200', id: held.id, status: 'pending' });
  t.like(conflicts[1], { index: 1_400, key: 'receipt:10000', id: null, status: null });
  t.is(await countOf('receipt:10000'), 0);
});

test.serial('long bulk calls with the same keys in another order do not deadlock', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await enqueue.tick();
  const list = Array.from({ length: 3_000 }, (_, i) => ({ orderId: 20_000 + i }));
  const tx = await database.connect();
  await tx.query('begin');
  await enqueue.receipt({ orderId: 21_500 }, { tx });
  const both = Promise.all([enqueue.receipt.many(list), enqueue.receipt.many(list.toReversed())]);
  // Both are in the middle of their keys when they may go on.
  await lockWaits(2);
  await tx.query('rollback');
  const [one, other] = await both;
  t.is([...one, ...other].filter((handle) => handle.outcome === 'created').length, 3_000);
  t.deepEqual(
    one.map((handle) => handle.id),
    other.map((handle) => handle.id).reverse(),
  );
});

test('the key is free once the job has ended, however it ended', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 }, { key: 'ends' });
  await job.cancel();
  const again = await enqueue.double({ n: 1 }, { key: 'ends' });
  t.is(again.outcome, 'created');
  t.not(again.id, job.id);
});

test("KeyBusy after 2 seconds, while a stranger's open transaction holds the key", async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await enqueue.tick();
  const tx = await database.connect();
  await tx.query('begin');
  await enqueue.double({ n: 1 }, { tx, key: 'busy' });

  const startedAt = performance.now();
  const error = await t.throwsAsync(enqueue.double({ n: 1 }, { key: 'busy' }), {
    name: 'KeyBusy',
    code: 'PGS3002',
    message: /A key of double is being enqueued in another, still open transaction; waited 2000 ms/,
  });
  const waited = performance.now() - startedAt;
  t.true(waited > 1_900 && waited < 4_000, `${waited} ms`);
  t.like(error, { details: { task: 'double', keys: ['busy'] } });

  await tx.query('rollback');
  t.is((await enqueue.double({ n: 1 }, { key: 'busy' })).outcome, 'created');
});

test.serial(
  'who waits for a key gets it when the stranger rolls back, or meets his job when he commits',
  async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    for (const [end, outcome] of [
      ['rollback', 'created'],
      ['commit', 'existing'],
    ] as const) {
      const tx = await database.connect();
      await tx.query('begin');
      const key = `waits for ${end}`;
      await enqueue.double({ n: 1 }, { tx, key });
      const waiting = enqueue.double({ n: 1 }, { key, onConflict: 'ignore' });
      await lockWaits(1);
      await tx.query(end);
      t.is((await waiting).outcome, outcome);
    }
  },
);

test.serial('keyed calls that wait do not hold up those without a key', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await database.connect();
  await tx.query('begin');
  await enqueue.quiet({ id: 'slow' }, { tx });
  const waiting = enqueue.quiet({ id: 'slow' });
  await lockWaits(1);
  await Promise.all([
    enqueue.tick(),
    enqueue.quiet({ id: 'fast' }),
    enqueue.tick.many([undefined]),
  ]);
  await tx.query('commit');
  t.is((await waiting).outcome, 'existing');
});

test("a conflict does not abort the caller's transaction", async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const held = await enqueue.receipt({ orderId: 301 });
  const tx = await database.connect();
  await tx.query('begin');
  await t.throwsAsync(enqueue.receipt({ orderId: 301 }, { tx }), { code: 'PGS3001' });
  await t.throwsAsync(
    enqueue.receipt.many([{ orderId: 300 }, { orderId: 301 }], { tx, onConflict: 'raise' }),
    { code: 'PGS3001' },
  );
  t.is((await enqueue.receipt({ orderId: 301 }, { tx, onConflict: 'ignore' })).id, held.id);
  const created = await enqueue.receipt({ orderId: 300 }, { tx });
  await tx.query('commit');
  t.is((await jobs.get('receipt', created.id))?.status, 'pending');
});

test('two enqueues of a key in one transaction: the second meets the first', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await database.connect();
  await tx.query('begin');
  const first = await enqueue.quiet({ id: 'in tx' }, { tx });
  t.like(await enqueue.quiet({ id: 'in tx' }, { tx }), { id: first.id, outcome: 'existing' });
  await tx.query('commit');
});

test('a repeatable-read transaction never leaves a key without its job', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const held = await enqueue.quiet({ id: 'snapshot' });
  const tx = await database.connect();
  await tx.query('begin isolation level repeatable read');
  await tx.query('select count(*) from pgsched.job');
  await held.cancel();

  // To this snapshot the job is still there; to the others its key is free.
  const late = await enqueue.quiet({ id: 'snapshot' }, { tx }).catch((error: unknown) => error);
  await tx.query('commit');
  const { rows } = await database.pool.query(
    `select from pgsched.job_key k where k.key = 'snapshot' and not exists (select from pgsched.job j where j.id = k.job)`,
  );
  t.is(rows.length, 0, 'the key is held by a job that does not exist');
  const next = await enqueue.quiet({ id: 'snapshot' });
  t.is(await countOf('snapshot'), 1);
  t.is(next.outcome, late instanceof Error ? 'created' : 'existing');
});

test('of concurrent callers in four processes exactly one creates the job', async (t) => {
  const script = fileURLToPath(new URL('../../support/enqueue-process.ts', import.meta.url));
  const callers = Array.from({ length: 4 }, () => {
    const child = fork(script, [database.url, 'raced'], { execArgv: ['--import=tsx'] });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  });
  await Promise.all(callers.map((caller) => once(caller, 'message')));
  const answers = callers.map((caller) => once(caller, 'message'));
  for (const caller of callers) caller.send('go');
  const handles = (await Promise.all(answers)).map(([handle]) => handle);
  t.deepEqual(handles.map((handle) => handle.outcome).sort(), [
    'created',
    'existing',
    'existing',
    'existing',
  ]);
  t.is(new Set(handles.map((handle) => handle.id)).size, 1);
  t.is(await countOf('raced'), 1);
});

test('a storm on few keys leaves exactly one job each, and every handle is right', async (t) => {
  const clients = Array.from({ length: 3 }, () => clientFor(t, { connectionString: database.url }));
  const calls = Array.from({ length: 120 }, (_, i) => {
    const { enqueue } = clients[i % 3] as (typeof clients)[number];
    return enqueue.quiet({ id: `storm ${i % 8}` });
  });
  const handles = await Promise.all(calls);
  t.is(handles.filter((handle) => handle.outcome === 'created').length, 8);
  for (let k = 0; k < 8; k++) {
    const ids = handles.filter((_, i) => i % 8 === k).map((handle) => handle.id);
    t.is(new Set(ids).size, 1);
    t.is(await countOf(`storm ${k}`), 1);
  }
});

/** Resolves once so many backends of this database wait for another's transaction. For tests that run alone. */
async function lockWaits(count: number): Promise<void> {
  for (;;) {
    const { rows } = await database.pool.query(
      `select count(*)::int as n from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
      [database.name],
    );
    if (rows[0].n >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
