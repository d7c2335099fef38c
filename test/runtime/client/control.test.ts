import test from 'ava';
import type { JobFilter } from '../../../runtime/client/types.js';
import { testDatabase } from '../../support/database.js';
import { gate, until } from '../../support/until.js';
import { setUp } from '../../support/worker.js';

const database = await testDatabase();
const later = { delay: '1h' } as const;

test('cancel, redrive, reschedule and purge over thousands of jobs count what they changed', async (t) => {
  const { enqueue, enqueueMany, jobs } = setUp(t, database, { bulk: {}, beside: {} });
  await enqueueMany('bulk', Array(2_500).fill(1), later);
  const beside = await enqueue('beside', 1, later);
  t.is(await jobs.redrive({ task: 'bulk' }), 0, 'none has ended');
  t.is(await jobs.purge({ task: 'bulk' }), 0);
  t.is(await jobs.reschedule({ task: 'bulk' }, '2h'), 2_500);
  t.is(await jobs.cancel({ task: 'bulk' }), 2_500);
  t.is(await jobs.cancel({ task: 'bulk' }), 0, 'a second time');
  t.is(await jobs.reschedule({ task: 'bulk' }, '3h'), 0);
  t.is(await jobs.redrive({ task: 'bulk', status: 'failed' }), 0);
  t.is(await jobs.redrive({ task: 'bulk', status: ['cancelled', 'failed'] }), 2_500);
  t.is(await jobs.cancel({ task: ['bulk'], status: 'pending' }), 2_500);
  t.is(await jobs.purge({ task: 'bulk', status: 'cancelled' }), 2_500);
  t.deepEqual(await jobs.list({ task: 'bulk' }), []);
  t.is((await jobs.get('beside', beside.id))?.status, 'pending');
});

test('each part of a filter counts, alone and together', async (t) => {
  const { enqueue, jobs } = setUp(t, database, { red: {}, blue: {} });
  const a = await enqueue('red', 1, { ...later, key: 'a', topic: 'mail.eu' });
  const b = await enqueue('red', 2, { ...later, key: 'b', topic: 'mail.us' });
  const c = await enqueue('blue', 3, { ...later, key: 'a' });
  await c.cancel();
  await database.pool.query(
    `update pgsched.job set created_at = created_at - interval '1 day' where id = $1`,
    [b.id],
  );
  const task = ['red', 'blue'] as const;
  const found = async (filter: JobFilter) =>
    (await jobs.list({ task, ...filter })).map(({ id }) => id);
  t.deepEqual(await found({}), [a.id, b.id, c.id]);
  t.deepEqual(await found({ id: b.id }), [b.id]);
  t.deepEqual(await found({ id: [c.id, a.id, '0', 'x', '99999999999999999999'] }), [a.id, c.id]);
  t.deepEqual(await found({ id: [] }), []);
  t.deepEqual(await found({ task: 'blue' }), [c.id]);
  t.deepEqual(await found({ topic: 'mail.*' }), [a.id, b.id]);
  t.deepEqual(await found({ topic: 'blue' }), [c.id]);
  t.deepEqual(await found({ status: 'cancelled' }), [c.id]);
  t.deepEqual(await found({ status: ['pending', 'cancelled'] }), [a.id, b.id, c.id]);
  t.deepEqual(await found({ key: 'a' }), [a.id, c.id]);
  t.deepEqual(await found({ key: 'a', task: 'red' }), [a.id]);
  t.deepEqual(await found({ olderThan: '12h' }), [b.id]);
  t.deepEqual(await found({ olderThan: '12h', key: 'a' }), []);
  for (const [filter, expected] of [
    [{ task: 'red', topic: 'mail.us', key: 'b', status: 'pending', olderThan: '1h', id: b.id }, 1],
    [{ task: 'red', topic: 'mail.eu', olderThan: '1h' }, 0],
    [{ key: 'a', task: 'red' }, 1],
  ] as const) {
    t.is(await jobs.cancel(filter as JobFilter), expected);
  }
});

test('a filter that says nothing changes nothing: all jobs must be meant', async (t) => {
  const { jobs } = setUp(t, database, { meant: {} });
  for (const change of ['cancel', 'redrive', 'purge'] as const) {
    await t.throwsAsync(jobs[change]({}), { code: 'PGS2004', message: new RegExp(`to ${change}`) });
    await t.throwsAsync(jobs[change]({ task: undefined }), { code: 'PGS2004' });
  }
  await t.throwsAsync(jobs.reschedule({}, 0), { code: 'PGS2004' });
  await t.throwsAsync(jobs.cancel({ task: 'nobody' }), { code: 'PGS2003' });
});

test('a list goes on after the last id, in order of id', async (t) => {
  const { enqueueMany, jobs } = setUp(t, database, { paged: {} });
  const handles = await enqueueMany('paged', Array(25).fill(1), (_, i) => ({
    delay: `${25 - i}h`,
  }));
  const pages: string[][] = [];
  for (let after = '0'; ; ) {
    const page = await jobs.list({ task: 'paged', limit: 10, after });
    if (page.length === 0) break;
    pages.push(page.map(({ id }) => id));
    after = page.at(-1)?.id as string;
  }
  t.deepEqual(
    pages.map((page) => page.length),
    [10, 10, 5],
  );
  t.deepEqual(
    pages.flat(),
    handles.map(({ id }) => id),
  );
});

test('a job tells all about itself, waiting and ended', async (t) => {
  const { enqueue, jobs, start } = setUp(t, database, {
    told: { topic: 'news.daily', run: (args: unknown) => args },
    other: {},
  });
  const options = { key: 'k', priority: 'high', headers: { a: 'b' }, delay: 100 } as const;
  const { id, result } = await enqueue('told', { n: 1 }, options);
  const waiting = await jobs.get('told', id);
  const common = { id, task: 'told', topic: 'news.daily', priority: 10, key: 'k' };
  t.like(waiting, { ...common, headers: { a: 'b' }, status: 'pending', attempt: 0, endedAt: null });
  t.is((waiting?.runAt.getTime() ?? 0) - (waiting?.createdAt.getTime() ?? 0), 100);
  t.is(await jobs.get('other', id), null, 'it is not of that task');
  t.is(await jobs.get('told', '0'), null);
  t.is(await jobs.get('told', "1' or true"), null);
  await start();
  await result();
  const ended = await jobs.get('told', id);
  t.like(ended, { ...common, headers: { a: 'b' }, status: 'completed', attempt: 1, error: null });
  t.deepEqual(ended?.result, { n: 1 });
  t.true(ended?.endedAt instanceof Date);
});

test('a waiting job is moved to an instant or a delay; text without an offset is refused', async (t) => {
  const { enqueue, jobs } = setUp(t, database, { moved: {} });
  const job = await enqueue('moved', 1, later);
  const runAt = async () => (await jobs.get('moved', job.id))?.runAt.getTime() as number;
  t.true(await job.reschedule(new Date('2100-01-01T00:00:00Z')));
  t.is(await runAt(), Date.UTC(2100, 0, 1));
  t.true(await job.reschedule('30m'));
  t.true(Math.abs((await runAt()) - Date.now() - 30 * 60_000) < 30_000);
  t.true(await job.reschedule(new Date(0)), 'the past is now');
  t.true(Math.abs((await runAt()) - Date.now()) < 30_000);
  await t.throwsAsync(job.reschedule(new Date(Number.NaN)), { code: 'PGS2004' });
  await t.throwsAsync(job.reschedule('soon' as never), { code: 'PGS2004' });
  await job.cancel();
  t.false(await job.reschedule('1h'), 'it has ended');
});

test('moved to now it runs; while it runs it is not moved', async (t) => {
  const finish = gate();
  const { enqueue, start, worker, jobs } = setUp(t, database, {
    runs: { run: () => finish.opened.then(() => 'done') },
  });
  const job = await enqueue('runs', 1, later);
  await start();
  t.is(await jobs.reschedule({ task: 'runs' }, 0), 1);
  await until(() => worker.stats().running === 1, 'the run');
  t.false(await job.reschedule('1h'));
  t.is(await jobs.reschedule({ task: 'runs' }, '1h'), 0);
  finish.open();
  t.is(await job.result(), 'done');
});

test('moved jobs take their place in the order of time', async (t) => {
  const ran: unknown[] = [];
  const { enqueueMany, start } = setUp(
    t,
    database,
    { sorted: { run: (args: unknown) => void ran.push(args) } },
    { concurrency: 1 },
  );
  const handles = await enqueueMany('sorted', ['a', 'b', 'c'], later);
  for (const [i, at] of ['3h', '1h', '2h'].entries()) await handles[i]?.reschedule(at as '1h');
  // Four hours pass.
  await database.pool.query(
    `update pgsched.job set run_at = run_at - interval '4 hours'
      where task = (select task from pgsched.task where name = 'sorted')`,
  );
  await start();
  await until(() => ran.length === 3, 'the three');
  t.deepEqual(ran, ['b', 'c', 'a']);
});

test('a redrive begins anew with the same id and args, and keeps the history', async (t) => {
  let broken = true;
  const { enqueue, ended, jobs, start } = setUp(t, database, {
    mended: {
      maxAttempts: 2,
      backoff: { kind: 'list', delays: [0], jitter: 0 },
      run: (args: unknown) => {
        if (broken) throw new TypeError('broken', { cause: new Error('below') });
        return args;
      },
    },
  });
  await start();
  const job = await enqueue('mended', { n: 7 }, { headers: { a: 'b' } });
  t.is((await ended(job.id)).status, 'failed');
  broken = false;
  t.is(await jobs.redrive({ id: job.id }), 1);
  t.deepEqual(await job.result(), { n: 7 });
  t.is(await jobs.redrive({ id: job.id }), 0, 'a completed job is not redriven');
  const info = await jobs.get('mended', job.id);
  t.like(info, { attempt: 1, headers: { a: 'b' } });
  t.deepEqual(
    info?.failures.map(({ attempt, name, message }) => [attempt, name, message]),
    [
      [1, 'TypeError', 'broken'],
      [2, 'TypeError', 'broken'],
    ],
  );
  for (const { at, stack, cause } of info?.failures ?? []) {
    t.false(Number.isNaN(Date.parse(at)));
    t.regex(stack ?? '', /control\.test/);
    t.like(cause, { name: 'Error', message: 'below' });
  }
});

test('one whose key another job holds by now is not redriven, its neighbours are', async (t) => {
  const { enqueue, jobs } = setUp(t, database, { keyed: {} });
  const old = await enqueue('keyed', 1, { ...later, key: 'k' });
  const free = await enqueue('keyed', 2, { ...later, key: 'free' });
  await jobs.cancel({ task: 'keyed' });
  await enqueue('keyed', 3, { ...later, key: 'k' });
  t.is(await jobs.redrive({ task: 'keyed', status: 'cancelled' }), 1);
  t.is((await jobs.get('keyed', old.id))?.status, 'cancelled');
  t.is((await jobs.get('keyed', free.id))?.status, 'pending');
  t.like(await enqueue('keyed', 4, { onConflict: 'ignore', key: 'free' }), { id: free.id });
});

test('by a filter running jobs are cancelled too, by their signal', async (t) => {
  const { enqueueMany, jobs, worker, start } = setUp(t, database, {
    going: {
      run: (_: unknown, job: { signal: AbortSignal }) =>
        new Promise((resolve) => job.signal.addEventListener('abort', () => resolve(null))),
    },
  });
  await start();
  const handles = await enqueueMany('going', Array(5).fill(1));
  await until(() => worker.stats().running === 5, 'the runs');
  t.is(await jobs.cancel({ task: 'going', status: 'running' }), 5);
  for (const handle of handles) await t.throwsAsync(handle.result(), { code: 'PGS3004' });
});

test('a purged job is gone: its result too', async (t) => {
  const { enqueue, jobs, start } = setUp(t, database, { gone: { run: () => 1 } });
  await start();
  const job = await enqueue('gone', 1);
  await job.result();
  t.is(await jobs.purge({ id: job.id }), 1);
  t.is(await jobs.get('gone', job.id), null);
  await t.throwsAsync(job.result(), { code: 'PGS3007' });
});
