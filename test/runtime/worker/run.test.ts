import test from 'ava';
import { notImplemented } from '../../../runtime/index.js';
import type { Job } from '../../../runtime/worker/types.js';
import { number, object } from '../../support/contract.js';
import { testDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();

test('a handler gets its args decoded, and the caller what it returned', async (t) => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  const { enqueue, row } = await startWorker(t, database, {
    later: {
      args: object({ at: { kind: 'date' }, ids: { kind: 'set', item: number } }),
      result: { kind: 'date' },
      run: (args: { at: Date; ids: Set<number> }) => {
        t.deepEqual(args, { at, ids: new Set([1, 2]) });
        return new Date(args.at.getTime() + 1);
      },
    },
  });
  const job = await enqueue('later', { at, ids: new Set([1, 2]) });
  t.deepEqual(await job.result(), new Date('2026-01-02T03:04:05.679Z'));
  const { status, result } = await row(job.id);
  t.deepEqual({ status, result }, { status: 'completed', result: '2026-01-02T03:04:05.679Z' });
});

test('a task without args and result gets and gives nothing', async (t) => {
  const { enqueue } = await startWorker(t, database, {
    tick: {
      args: null,
      result: null,
      run: (args: unknown) => {
        t.is(args, undefined);
        return 'not kept';
      },
    },
  });
  t.is(await (await enqueue('tick')).result(), undefined);
});

test('a handler is told about its job, which it cannot change', async (t) => {
  let job: Job | undefined;
  const { enqueue, event } = await startWorker(t, database, {
    told: {
      topic: 'told.of',
      maxAttempts: 7,
      run: (_args: unknown, given: Job) => {
        job = given;
        return null;
      },
    },
  });
  const { id } = await enqueue('told', {}, { headers: { trace: 'a1' } });
  await event('completed');
  t.like(job, { id, task: 'told', topic: 'told.of', attempt: 1, maxAttempts: 7 });
  t.deepEqual(job?.headers, { trace: 'a1' });
  t.is(job?.context, undefined);
  t.false(job?.signal.aborted);
  t.true(Object.isFrozen(job));
});

test('a worker reports its start, each job, and its end', async (t) => {
  const { worker, events, enqueue, event } = await startWorker(t, database, {
    counted: { run: () => 1 },
    uncounted: { maxAttempts: 1, run: () => Promise.reject(new Error('no')) },
  });
  t.is(worker.state, 'running');
  t.deepEqual((await event('started')).tasks, ['counted', 'uncounted']);
  const good = await enqueue('counted', 1);
  const { task, ms } = await event('completed', ({ id }) => id === good.id);
  t.is(task, 'counted');
  t.true(ms >= 0 && ms < 10_000);
  const bad = await enqueue('uncounted', 1);
  await event('failed', ({ id, attempt }) => id === bad.id && attempt === 1);
  t.like(worker.stats(), { running: 0, buffered: 0, completed: 1, failed: 1, retried: 0 });
  await worker.stop();
  t.is(worker.state, 'stopped');
  t.is(events.at(-1)?.type, 'stopped');
});

test('a worker reports its start before the first job', async (t) => {
  const { worker, events, enqueue, event } = setUp(t, database, { waiting: { run: () => 1 } });
  const { id } = await enqueue('waiting', 1);
  await worker.start();
  await event('completed', (event) => event.id === id);
  const types = events.map(({ type }) => type);
  t.true(types.indexOf('started') < types.indexOf('completed'));
});

test('a task whose handler is still its stub is not claimed, and the worker says so', async (t) => {
  const { enqueue, event, row } = await startWorker(t, database, {
    written: { run: () => 1 },
    unwritten: { run: notImplemented },
  });
  t.regex((await event('warning')).message, /^unwritten has no handler yet/);
  const waits = await enqueue('unwritten', 1);
  await (await enqueue('written', 1)).result();
  t.is((await row(waits.id)).status, 'pending');
});

test('a task without a handler is another worker’s: its jobs wait for that one, and there is nothing to say', async (t) => {
  const tasks = { ours: { run: () => 1 }, theirs: {} };
  const { enqueue, row, start, event, events } = setUp(t, database, tasks);
  await setUp(t, database, { zealot: {} }).enqueue('zealot', 1);
  const waits = await enqueue('theirs', 1);
  await start();
  await (await enqueue('ours', 1)).result();
  t.is((await row(waits.id)).status, 'pending');
  // A stranger is told of, which comes after it.
  await event('warning', ({ message }) => message.includes('zealot'));
  t.false(events.some((event) => event.type === 'warning' && event.message.includes('theirs')));

  const other = await startWorker(t, database, { ours: {}, theirs: { run: () => 2 } });
  await until(() => other.worker.stats().completed === 1, 'the other worker');
});

test('a job that is completed leaves nothing but its archived row, without its args', async (t) => {
  const { enqueue } = await startWorker(t, database, { tidy: { run: () => 'done' } });
  const { id, result } = await enqueue('tidy', { secret: 1 }, { key: 'k' });
  t.is(await result(), 'done');
  const { rows } = await database.pool.query(
    `select args, key, fence is not null as fenced, ended_at >= claimed_at as ended,
            purge_at - ended_at between interval '23 hours' and interval '25 hours' as kept
       from pgsched.job_archive where id = $1`,
    [id],
  );
  t.deepEqual(rows, [{ args: null, key: 'k', fenced: true, ended: true, kept: true }]);
  const keys = await database.pool.query('select from pgsched.job_key where job = $1', [id]);
  t.is(keys.rowCount, 0);
});
