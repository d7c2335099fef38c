import test from 'ava';
import type { Job } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { gate, until } from '../../support/until.js';
import { setUp } from '../../support/worker.js';

const database = await testDatabase();
const replace = { onConflict: 'replace' } as const;

test('a waiting job becomes the new one: same id, other args, time, priority, topic and headers', async (t) => {
  const { enqueue, enqueueMany, jobs, start } = setUp(t, database, {
    draft: { run: (args: unknown, job: Job) => ({ args, topic: job.topic, headers: job.headers }) },
  });
  const first = await enqueue('draft', 'old', {
    key: 'k',
    delay: '1h',
    priority: 'low',
    headers: { by: 'first' },
  });
  const second = await enqueue('draft', 'new', {
    ...replace,
    key: 'k',
    priority: 'high',
    topic: 'other',
    headers: { by: 'second' },
  });
  t.like(second, { id: first.id, outcome: 'replaced' });
  t.like(await jobs.get('draft', first.id), { priority: 10, topic: 'other', key: 'k' });
  await start();
  const expected = { args: 'new', topic: 'other', headers: { by: 'second' } };
  t.deepEqual(await second.result(), expected);
  t.deepEqual(await first.result(), expected, 'the old handle is of the same job');
  const [free] = await enqueueMany('draft', ['next'], { ...replace, key: 'k' });
  t.is(free?.outcome, 'created');
});

test('what is left out falls back to the task, not to the replaced job', async (t) => {
  const { enqueue, jobs } = setUp(t, database, { plain: { priority: 10 } });
  const given = {
    key: 'k',
    delay: '1h',
    priority: 'low',
    topic: 'x',
    headers: { a: 'b' },
  } as const;
  const { id } = await enqueue('plain', 1, given);
  await enqueue('plain', 2, { ...replace, key: 'k' });
  const job = await jobs.get('plain', id);
  t.like(job, { priority: 10, topic: 'plain', headers: {} });
  t.true((job?.runAt.getTime() ?? Number.POSITIVE_INFINITY) <= Date.now() + 1_000);
});

test('attempts, failures and the start begin anew', async (t) => {
  const { enqueue, row, start, event } = setUp(t, database, {
    flaky: {
      backoff: { kind: 'list', delays: [3_600_000], jitter: 0 },
      run: (args: unknown) => {
        if (args === 'old') throw new Error('no');
      },
    },
  });
  const { id } = await enqueue('flaky', 'old', { key: 'k' });
  await start();
  await event('retried');
  t.like(await row(id), { status: 'pending', attempt: 1, failures: [{ message: 'no' }] });
  // Too late to start, were it not to begin anew.
  await enqueue('flaky', 'new', { ...replace, key: 'k', delay: '1h' });
  t.like(await row(id), { status: 'pending', attempt: 0, failures: null });
  const { rows } = await database.pool.query('select started from pgsched.job where id = $1', [id]);
  t.false(rows[0].started);
});

test('a running job is not replaced: DuplicateJob with its id and status, and nothing changes', async (t) => {
  const finish = gate();
  const { enqueue, enqueueMany, row, start, worker } = setUp(t, database, {
    busy: { run: (args: unknown) => finish.opened.then(() => args) },
  });
  const waiting = await enqueue('busy', 'waits', { key: 'waits', delay: '1h' });
  const job = await enqueue('busy', 'runs', { key: 'runs' });
  await start();
  await until(() => worker.stats().running === 1, 'the run');
  const error = await t.throwsAsync(enqueue('busy', 'new', { ...replace, key: 'runs' }), {
    code: 'PGS3001',
  });
  t.like(error, { details: { id: job.id, status: 'running', key: 'runs' } });
  // Of a list, too: the one that could be replaced stays as it was.
  const list = enqueueMany('busy', ['a', 'b', 'c'], (_, i) => ({
    ...replace,
    key: ['waits', 'runs', 'free'][i],
  }));
  await t.throwsAsync(list, { code: 'PGS3001' });
  t.is((await row(waiting.id)).status, 'pending');
  const { rows } = await database.pool.query(
    'select args, key from pgsched.job where task = (select task from pgsched.task where name = $1) order by id',
    ['busy'],
  );
  t.deepEqual(rows, [
    { args: 'waits', key: 'waits' },
    { args: 'runs', key: 'runs' },
  ]);
  finish.open();
  t.is(await job.result(), 'runs');
  t.is((await enqueue('busy', 'new', { ...replace, key: 'runs' })).outcome, 'created');
});

test('of a key repeated in one call the last one wins, over a waiting job and without one', async (t) => {
  const { enqueue, enqueueMany, start } = setUp(t, database, { last: { run: (n: unknown) => n } });
  const before = await enqueue('last', 0, { key: 'held' });
  const list = [1, 2, 3, 4];
  const handles = await enqueueMany('last', list, (n) => ({
    ...replace,
    key: (n as number) % 2 === 0 ? 'held' : 'free',
  }));
  const [one, two, three, four] = handles;
  t.is(two?.id, before.id);
  t.is(four?.id, before.id);
  t.deepEqual([two?.outcome, four?.outcome], ['replaced', 'replaced']);
  t.is(one?.id, three?.id);
  t.is(three?.outcome, 'created');
  await start();
  t.is(await before.result(), 4);
  t.is(await three?.result(), 3);
});

test('four callers who replace at once leave one job, and each has its handle', async (t) => {
  const { enqueue, jobs } = setUp(t, database, { raced: {} });
  for (let round = 0; round < 10; round += 1) {
    const key = `round ${round}`;
    const handles = await Promise.all(
      [1, 2, 3, 4].map((n) => enqueue('raced', n, { ...replace, key, delay: '1h' })),
    );
    t.is(new Set(handles.map(({ id }) => id)).size, 1);
    t.is(handles.filter(({ outcome }) => outcome === 'created').length, 1);
    t.is((await jobs.list({ task: 'raced', key })).length, 1);
  }
});

test('callers who replace the same keys in opposite order do not deadlock', async (t) => {
  const { enqueueMany, jobs } = setUp(t, database, { crossed: {} });
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  const options = (key: unknown) => ({ ...replace, key: key as string, delay: '1h' as const });
  await Promise.all(
    [keys, keys.toReversed(), keys, keys.toReversed()].map((list) =>
      enqueueMany('crossed', list, options),
    ),
  );
  t.is((await jobs.list({ task: 'crossed' })).length, 50);
});

test('in a transaction that rolls back the waiting job stays what it was', async (t) => {
  const { enqueue, start } = setUp(t, database, { kept: { run: (args: unknown) => args } });
  const job = await enqueue('kept', 'old', { key: 'k' });
  const tx = await database.pool.connect();
  await tx.query('begin');
  t.is((await enqueue('kept', 'new', { ...replace, key: 'k', tx })).outcome, 'replaced');
  await tx.query('rollback');
  tx.release();
  await start();
  t.is(await job.result(), 'old');
});

test('a task that replaces is never claimed ahead, so that what waits can be replaced', async (t) => {
  const finish = gate();
  const { enqueue, enqueueMany, start, worker } = setUp(
    t,
    database,
    {
      ahead: {
        onConflict: 'replace',
        run: async (args: unknown) => {
          if (args === 'hold') await finish.opened;
          return args;
        },
      },
    },
    { concurrency: 1 },
  );
  // Fast ones first: another task's jobs would now be claimed ahead.
  await enqueueMany('ahead', [...Array(60).fill('fast'), 'hold'], (_, i) => ({ key: `f${i}` }));
  const job = await enqueue('ahead', 'old', { key: 'k' });
  await start();
  await until(() => worker.stats().completed === 60, 'the fast ones');
  t.is((await enqueue('ahead', 'new', { key: 'k' })).outcome, 'replaced');
  finish.open();
  t.is(await job.result(), 'new');
});
