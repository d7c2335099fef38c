import test from 'ava';
import type { Job } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { gate, until } from '../../support/until.js';
import { startWorker } from '../../support/worker.js';

const database = await testDatabase();

function aborted({ signal }: Job): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
}

/** As if this process could not listen. */
async function deafen(): Promise<void> {
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen %'`,
  );
}

test.serial('a running job is told within a second that it is cancelled', async (t) => {
  const started = gate();
  const { enqueue, ended, events } = await startWorker(
    t,
    database,
    {
      stoppable: {
        run: async (_: unknown, job: Job) => {
          started.open();
          return aborted(job);
        },
      },
    },
    { beat: '10s', lease: '60s' },
  );
  const job = await enqueue('stoppable', {});
  await started.opened;
  const asked = performance.now();
  t.true(await job.cancel());
  const { status, result } = await ended(job.id);
  t.true(performance.now() - asked < 1_000);
  t.deepEqual([status, result], ['cancelled', null]);
  await t.throwsAsync(job.result(), { code: 'PGS3004' });
  t.false(events.some(({ type }) => type === 'completed' || type === 'failed'));
});

test.serial('the heartbeat tells where notifications do not arrive', async (t) => {
  const started = gate();
  const { enqueue, ended } = await startWorker(
    t,
    database,
    {
      deaf: {
        run: async (_: unknown, job: Job) => {
          started.open();
          return aborted(job);
        },
      },
    },
    { beat: 200 },
  );
  const job = await enqueue('deaf', {});
  await started.opened;
  // The flag alone, without the notification that cancel sends with it.
  await database.pool.query('update pgsched.job set cancel_requested = true where id = $1', [
    job.id,
  ]);
  t.is((await ended(job.id)).status, 'cancelled');
});

test.serial('the row and the key stay until the handler has stopped', async (t) => {
  const finish = gate();
  const { enqueue, ended, row, worker } = await startWorker(t, database, {
    slowToStop: { timeout: 300, run: () => finish.opened },
  });
  const job = await enqueue('slowToStop', {}, { key: 'k' });
  await until(() => worker.stats().running === 1, 'the run');
  t.true(await job.cancel());
  // Past its timeout, too.
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.is((await row(job.id)).status, 'running');
  await t.throwsAsync(enqueue('slowToStop', {}, { key: 'k' }), { code: 'PGS3001' });
  finish.open();
  t.is((await ended(job.id)).status, 'cancelled');
  t.is((await enqueue('slowToStop', {}, { key: 'k' })).outcome, 'created');
});

for (const [what, ending] of [
  ['returns', () => 'result'],
  ['throws', () => Promise.reject(new Error('no'))],
] as const) {
  test.serial(`a cancelled job whose handler ${what} is cancelled`, async (t) => {
    const finish = gate();
    const { enqueue, ended, worker, row } = await startWorker(t, database, {
      [what]: { run: () => finish.opened.then(ending) },
    });
    const job = await enqueue(what, {});
    await until(() => worker.stats().running === 1, 'the run');
    t.true(await job.cancel());
    t.true(await job.cancel(), 'still to be cancelled');
    finish.open();
    t.like(await ended(job.id), { status: 'cancelled', result: null, error: null });
    t.false(await job.cancel());
    t.is((await row(job.id)).status, 'cancelled');
  });
}

test.serial('a job that is only buffered is cancelled without being run', async (t) => {
  const finish = gate();
  const ran: unknown[] = [];
  const { enqueueMany, worker, ended } = await startWorker(
    t,
    database,
    {
      queued: {
        run: async (n: unknown) => {
          ran.push(n);
          if (n === 'last') return;
          if (n === 'hold') await finish.opened;
        },
      },
    },
    { concurrency: 1 },
  );
  // Fast ones first, so that the worker prefetches.
  const jobs = await enqueueMany('queued', [
    ...Array(2_000).fill('fast'),
    'hold',
    ...Array(20).fill('last'),
  ]);
  await until(() => ran.includes('hold'), 'the job that holds the place');
  await until(() => worker.stats().buffered > 0, 'prefetched jobs');
  const held = await database.pool.query(
    `select id from pgsched.job where fence is not null and args = '"last"' order by id limit 1`,
  );
  const buffered = jobs.find(({ id }) => id === held.rows[0].id);
  t.true(await buffered?.cancel());
  t.is((await ended(buffered?.id as string)).status, 'cancelled');
  finish.open();
  await until(() => ran.filter((n) => n === 'last').length === 19, 'the others');
  t.is(worker.stats().buffered, 0);
});

test.serial('the run that is cancelled is the one that holds the job', async (t) => {
  // The first run has timed out and does not return; the second one is on.
  const never = gate();
  const reasons: unknown[] = [];
  const { enqueue, ended, worker } = await startWorker(t, database, {
    again: {
      timeout: 400,
      backoff: { kind: 'list', delays: [0], jitter: 0 },
      run: async (_: unknown, job: Job) => {
        if (job.attempt === 1) return never.opened;
        reasons.push(await aborted(job));
      },
    },
  });
  const job = await enqueue('again', {});
  await until(() => worker.stats().running === 2, 'the second run');
  t.true(await job.cancel());
  t.is((await ended(job.id)).status, 'cancelled');
  t.like(reasons, [{ name: 'JobCancelled' }]);
  never.open();
});

test.serial('a worker whose listener is killed hears again', async (t) => {
  const started = gate();
  const { enqueue, ended } = await startWorker(
    t,
    database,
    {
      hears: {
        run: async (_: unknown, job: Job) => {
          started.open();
          return aborted(job);
        },
      },
    },
    { beat: '10s', lease: '60s' },
  );
  const job = await enqueue('hears', {});
  await started.opened;
  await deafen();
  await until(async () => {
    const { rowCount } = await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
    );
    return rowCount === 1;
  }, 'a new listener');
  t.true(await job.cancel());
  t.is((await ended(job.id)).status, 'cancelled');
});
