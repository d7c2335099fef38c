import test from 'ava';
import type { Job } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { gate, until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

// One after the other: each has a worker, and as many connections at once would keep each other waiting.
const database = await testDatabase();
const minute = 60_000;
const tenMinutesAgo = () => new Date(Date.now() - 10 * minute);
const immediately = { kind: 'list', delays: [0], jitter: 0 } as const;

// The task's, the call's, and what becomes of a job that is ten minutes late.
const matrix = [
  [null, undefined, 'completed'],
  [null, '1m', 'expired'],
  [null, '1h', 'completed'],
  [null, null, 'completed'],
  [minute, undefined, 'expired'],
  [minute, '30s', 'expired'],
  [minute, '1h', 'completed'],
  [minute, null, 'completed'],
  [60 * minute, undefined, 'completed'],
  [60 * minute, '1m', 'expired'],
  [60 * minute, null, 'completed'],
  [null, 0, 'expired'],
] as const;

for (const [index, [ofTask, ofCall, expected]] of matrix.entries()) {
  const call = ofCall === undefined ? 'says nothing' : `says ${ofCall ?? 'never'}`;
  test.serial(
    `ten minutes late, the task says ${ofTask ?? 'never'}, the call ${call}: ${expected}`,
    async (t) => {
      const { enqueue, ended } = await startWorker(t, database, {
        [`row${index}`]: { startWithin: ofTask, run: () => 'done' },
      });
      const options = { runAt: tenMinutesAgo(), startWithin: ofCall };
      const job = await enqueue(`row${index}`, 1, options);
      t.is((await ended(job.id)).status, expected);
    },
  );
}

test.serial(
  'who waits for an expired job is told JobExpired; it had no run, and has freed its key',
  async (t) => {
    let ran = 0;
    const { enqueue, ended, events, jobs } = await startWorker(t, database, {
      late: {
        startWithin: minute,
        run: () => {
          ran += 1;
          return 'done';
        },
      },
    });
    const job = await enqueue('late', 1, { runAt: tenMinutesAgo(), key: 'k' });
    await t.throwsAsync(job.result(), { code: 'PGS3005', message: /expired before it started/ });
    t.like(await ended(job.id), { status: 'expired', attempt: 0, error: null, result: null });
    t.is(ran, 0);
    t.true(events.some(({ type }) => type === 'expired'));
    t.is((await enqueue('late', 1, { key: 'k', delay: '1h' })).outcome, 'created');
    const { rows } = await database.pool.query(
      'select id, task from pgsched.expired_jobs where id = $1',
      [job.id],
    );
    t.deepEqual(rows, [{ id: job.id, task: 'late' }]);
    t.is((await jobs.get('late', job.id))?.status, 'expired');
  },
);

test.serial('a redriven one is due now, and runs', async (t) => {
  const { enqueue, ended, jobs } = await startWorker(t, database, {
    revived: { startWithin: minute, run: () => 'done' },
  });
  const job = await enqueue('revived', 1, { runAt: tenMinutesAgo() });
  t.is((await ended(job.id)).status, 'expired');
  t.is(await jobs.redrive({ id: job.id }), 1);
  t.is(await job.result(), 'done');
});

test.serial('it counts from when the job was due, not from when it was enqueued', async (t) => {
  const { enqueue, start } = setUp(t, database, {
    future: { startWithin: 30_000, run: () => 'done' },
  });
  const job = await enqueue('future', 1, { delay: 200 });
  await database.pool.query(
    `update pgsched.job set created_at = created_at - interval '1 day' where id = $1`,
    [job.id],
  );
  await start();
  t.is(await job.result(), 'done');
});

test.serial('rescheduled, it counts from the new instant', async (t) => {
  const { enqueue, start } = setUp(t, database, {
    moved: { startWithin: 30_000, run: () => 'done' },
  });
  const job = await enqueue('moved', 1, { runAt: tenMinutesAgo() });
  const other = await enqueue('moved', 2, { delay: '1h' });
  t.true(await job.reschedule(0));
  t.true(await other.reschedule(tenMinutesAgo()));
  await start();
  t.is(await job.result(), 'done');
  await t.throwsAsync(other.result(), { code: 'PGS3005' });
});

test.serial(
  'a run that failed or snoozed has started: however late the next one is, it runs',
  async (t) => {
    const { Snooze } = await import('../../../runtime/index.js');
    let snoozed = 0;
    const { enqueue } = await startWorker(t, database, {
      retried: {
        startWithin: minute,
        backoff: immediately,
        run: async (_: unknown, job: Job) => {
          if (job.attempt === 2) return 'second';
          await past(job.id);
          throw new Error('no');
        },
      },
      snoozed: {
        startWithin: minute,
        run: async (_: unknown, job: Job) => {
          snoozed += 1;
          if (snoozed === 2) return 'awake';
          await past(job.id);
          throw new Snooze(10);
        },
      },
    });
    t.is(await (await enqueue('retried', 1)).result(), 'second');
    t.is(await (await enqueue('snoozed', 1)).result(), 'awake');
  },
);

test.serial(
  'one that a stopping worker interrupted has started; one that it only held has not',
  async (t) => {
    const tasks = (run: (args: unknown, job: Job) => unknown) => ({
      held: { startWithin: minute, run },
    });
    const running = gate();
    const first = await startWorker(
      t,
      database,
      tasks(async (args, job) => {
        if (args !== 'hold') return null;
        running.open();
        return new Promise((_, reject) =>
          job.signal.addEventListener('abort', () => reject(job.signal.reason)),
        );
      }),
      { concurrency: 1 },
    );
    const list = [...Array(300).fill('fast'), 'hold', ...Array(20).fill('behind')];
    const handles = await first.enqueueMany('held', list);
    await running.opened;
    await until(() => first.worker.stats().buffered > 0, 'the buffer');
    await first.worker.stop({ drain: 0 });
    await database.pool.query(
      `update pgsched.job set due_at = clock_timestamp() - interval '10 minutes'
      where task = (select task from pgsched.task where name = 'held')`,
    );
    const second = await startWorker(
      t,
      database,
      tasks(() => 'ran'),
    );
    t.is(await handles[300]?.result({ timeout: '20s' }), 'ran');
    const { status } = await second.ended(handles[320]?.id as string);
    t.is(status, 'expired');
  },
);

test.serial('one that was rescued does not expire for having been held by the dead', async (t) => {
  const { enqueue, start } = setUp(
    t,
    database,
    { rescued: { startWithin: minute, run: () => 'ran' } },
    { beat: 200, lease: 2_000 },
  );
  const job = await enqueue('rescued', 1);
  // Claimed by a worker that has gone, some time ago.
  await database.pool.query(
    `update pgsched.job set fence = 7, instance = 7, claimed_at = clock_timestamp(), attempt = 1,
            due_at = clock_timestamp() - interval '10 minutes' where id = $1`,
    [job.id],
  );
  await start();
  t.is(await job.result(), 'ran');
});

test.serial('it is judged when the run would start, not when the job was claimed', async (t) => {
  const finish = gate();
  const running = gate();
  const { enqueueMany, worker, ended } = await startWorker(
    t,
    database,
    {
      waits: {
        run: async (args: unknown) => {
          if (args !== 'hold') return null;
          running.open();
          return finish.opened.then(() => null);
        },
      },
    },
    { concurrency: 1 },
  );
  const list = [...Array(300).fill('fast'), 'hold', ...Array(20).fill('behind')];
  const handles = await enqueueMany('waits', list, (args) => ({
    startWithin: args === 'behind' ? 4_000 : null,
  }));
  const due = performance.now();
  await running.opened;
  await until(() => worker.stats().buffered > 0, 'the buffer');
  const held = await database.pool.query(
    `select id from pgsched.job where fence is not null and args = '"behind"' order by id limit 1`,
  );
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, due + 4_500 - performance.now())));
  finish.open();
  t.is((await ended(held.rows[0].id)).status, 'expired');
  t.is((await ended(handles[300]?.id as string)).status, 'completed');
});

for (const bad of ['soon', -5, '1 h', {}]) {
  test.serial(`refused: startWithin ${JSON.stringify(bad)}`, async (t) => {
    const { enqueue } = setUp(t, database, { checked: {} });
    await t.throwsAsync(enqueue('checked', 1, { startWithin: bad as never }), {
      code: 'PGS2004',
      message: /startWithin/,
    });
  });
}

/** As if the job had been due long ago. */
async function past(id: string): Promise<void> {
  await database.pool.query(
    `update pgsched.job set due_at = clock_timestamp() - interval '1 hour' where id = $1`,
    [id],
  );
}
