import test from 'ava';
import type { Job } from '../../../runtime/worker/types.js';
import { crashTables, crashTasks } from '../../support/crash-tasks.js';
import { testDatabase } from '../../support/database.js';
import { spawnWorker } from '../../support/spawn-worker.js';
import { gate, until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();
await database.pool.query(crashTables);

function aborted({ signal }: Job): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
}

test('a stop lets what runs finish, and gives back at once what has not started', async (t) => {
  const hold = gate();
  const ran: unknown[] = [];
  const { enqueueMany, worker, row } = await startWorker(
    t,
    database,
    {
      drained: {
        run: async (what: string) => {
          ran.push(what);
          if (what === 'hold') await hold.opened;
          return 'finished';
        },
      },
    },
    { concurrency: 1 },
  );
  // Fast ones first, so that the worker prefetches.
  const jobs = await enqueueMany('drained', [
    ...Array(2_000).fill('fast'),
    'hold',
    ...Array(20).fill('rest'),
  ]);
  await until(() => ran.includes('hold'), 'the job that holds the place');
  await until(() => worker.stats().buffered > 0, 'prefetched jobs');
  const stopped = worker.stop();
  t.is(worker.state, 'stopping');
  for (const { id } of jobs.slice(-20)) {
    await until(async () => (await row(id)).status === 'pending', 'what was only buffered');
    t.like(await row(id), { attempt: 0, suspect: false });
  }
  hold.open();
  await stopped;
  t.is((await row(jobs[2_000]?.id as string)).result, 'finished');
  t.false(ran.includes('rest'));
});

test('at the deadline a run is aborted, and its job runs again without losing an attempt', async (t) => {
  const reasons: unknown[] = [];
  const { enqueue, worker, row, events } = await startWorker(t, database, {
    long: {
      run: async (_: unknown, job: Job) => {
        reasons.push(await aborted(job));
        return 'too late';
      },
    },
  });
  const { id } = await enqueue('long', {});
  await until(() => worker.stats().running === 1, 'the run');
  await worker.stop({ drain: 50 });
  t.regex(String(reasons[0]), /shuts down/);
  t.like(await row(id), { status: 'pending', attempt: 0, failures: null, suspect: false });
  t.false(events.some(({ type }) => type === 'completed' || type === 'leaseLost'));
});

test('released jobs keep their place', async (t) => {
  const { enqueue, worker, row } = await startWorker(
    t,
    database,
    { placed: { run: (_: unknown, job: Job) => aborted(job) } },
    { concurrency: 1 },
  );
  const first = await enqueue('placed', 'first');
  await until(() => worker.stats().running === 1, 'the run');
  const second = await enqueue('placed', 'second');
  await worker.stop({ drain: 0 });
  t.true((await row(first.id)).due_in < (await row(second.id)).due_in);

  const ran: unknown[] = [];
  const next = await startWorker(
    t,
    database,
    {
      placed: {
        run: (which: unknown) => {
          ran.push(which);
          return null;
        },
      },
    },
    { concurrency: 1 },
  );
  await next.event('completed', () => ran.length === 2);
  t.deepEqual(ran, ['first', 'second']);
});

test('a handler that never returns does not hold up the stop for ever', async (t) => {
  const { enqueue, worker, row } = await startWorker(t, database, {
    forever: { run: () => new Promise(() => {}) },
  });
  const { id } = await enqueue('forever', {});
  await until(() => worker.stats().running === 1, 'the run');
  await worker.stop({ drain: 10 });
  t.is(worker.state, 'stopped');
  t.like(await row(id), { status: 'pending', attempt: 0 });
});

test('a second stop shortens the first', async (t) => {
  const { enqueue, worker } = await startWorker(t, database, {
    hasty: { run: (_: unknown, job: Job) => aborted(job) },
  });
  await enqueue('hasty', {});
  await until(() => worker.stats().running === 1, 'the run');
  const first = worker.stop({ drain: '10m' });
  t.is(worker.stop({ drain: 0 }), first);
  await first;
  t.is(worker.state, 'stopped');
});

test('a stop during the start waits for it', async (t) => {
  const { worker } = setUp(t, database, { early: { run: () => null } });
  const started = worker.start();
  t.is(worker.state, 'starting');
  await worker.stop();
  await started;
  t.is(worker.state, 'stopped');
});

test('a worker starts once, and a worker that never started may be stopped', async (t) => {
  const { worker } = setUp(t, database, { once: { run: () => null } });
  await worker.start();
  await t.throwsAsync(worker.start(), { code: 'PGS2004' });
  await worker.stop();
  await worker.stop();
  await t.throwsAsync(worker.start(), { code: 'PGS2004' });

  const unstarted = setUp(t, database, { once: { run: () => null } }).worker;
  await unstarted.stop();
  t.is(unstarted.state, 'stopped');
});

test('`await using` stops the worker at the end of the block', async (t) => {
  const { worker } = await startWorker(t, database, { used: { run: () => null } });
  await worker[Symbol.asyncDispose]();
  t.is(worker.state, 'stopped');
});

test('a stopped worker leaves no row behind', async (t) => {
  const { worker, event } = await startWorker(t, database, { gone: { run: () => null } });
  const { instance } = await event('started');
  const rows = () =>
    database.pool.query('select from pgsched.worker where instance = $1', [instance]);
  t.is((await rows()).rowCount, 1);
  await worker.stop();
  t.is((await rows()).rowCount, 0);
});

test.serial(
  'a process ends by itself after the stop, with a handler that never returned',
  async (t) => {
    const { enqueue, row } = setUp(t, database, crashTasks);
    const child = await spawnWorker(t, database.url);
    const { id } = await enqueue('hang', {});
    await until(async () => (await row(id)).status === 'running', 'the run');
    t.is(await child.stop(0), 0);
  },
);
