import test from 'ava';
import { testDatabase } from '../../support/database.js';
import { gate, until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();
const echo = { run: (args: unknown) => args };

test.afterEach.always(async () => {
  await database.pool.query('delete from pgsched.topic; update pgsched.task set paused = false');
});

test.serial(
  'a paused task waits in the whole fleet, other tasks run, and resuming lets it go',
  async (t) => {
    const tasks = { stopped: echo, going: echo };
    const first = await startWorker(t, database, tasks);
    await startWorker(t, database, tasks);
    await first.jobs.pause({ task: 'stopped' });
    t.deepEqual(await first.jobs.paused(), { tasks: ['stopped'], topics: [] });
    const waits = await first.enqueue('stopped', 1);
    t.is(await (await first.enqueue('going', 2)).result(), 2);
    t.is((await first.row(waits.id)).status, 'pending');
    const resumed = performance.now();
    await first.jobs.resume({ task: 'stopped' });
    t.is(await waits.result(), 1);
    t.true(performance.now() - resumed < 5_000);
    t.deepEqual(await first.jobs.paused(), { tasks: [], topics: [] });
  },
);

test.serial('a pause outlives the workers, and holds for one that starts later', async (t) => {
  const before = await startWorker(t, database, { kept: echo });
  await before.jobs.pause({ task: 'kept' });
  await before.worker.stop();
  const after = await startWorker(t, database, { kept: echo, other: echo });
  const job = await after.enqueue('kept', 1);
  t.is(await (await after.enqueue('other', 2)).result(), 2);
  t.is((await after.row(job.id)).status, 'pending');
});

test.serial('a paused pattern holds topics that come to be later, and no others', async (t) => {
  const { enqueue, row, jobs } = await startWorker(t, database, { routed: echo });
  await jobs.pause({ topic: 'mail.**' });
  t.deepEqual(await jobs.paused(), { tasks: [], topics: ['mail.**'] });
  const held = await enqueue('routed', 1, { topic: 'mail.made.just.now' });
  t.is(await (await enqueue('routed', 2, { topic: 'sms.eu' })).result(), 2);
  t.is(await (await enqueue('routed', 3, { topic: 'mailing' })).result(), 3);
  t.is((await row(held.id)).status, 'pending');
  await jobs.resume({ topic: 'mail.**' });
  t.is(await held.result(), 1);
});

test.serial('a topic stays paused while one of two patterns holds it', async (t) => {
  const { enqueue, row, jobs } = await startWorker(t, database, { twice: echo });
  await jobs.pause({ topic: 'eu.*' });
  await jobs.pause({ topic: 'eu.mail' });
  await jobs.pause({ topic: 'eu.mail' });
  const job = await enqueue('twice', 1, { topic: 'eu.mail' });
  await jobs.resume({ topic: 'eu.mail' });
  t.is(await (await enqueue('twice', 2)).result(), 2);
  t.is((await row(job.id)).status, 'pending');
  await jobs.resume({ topic: 'eu.*' });
  t.is(await job.result(), 1);
});

test.serial('what runs goes on', async (t) => {
  const finish = gate<string>();
  const { enqueue, worker, jobs } = await startWorker(t, database, {
    runs: { run: () => finish.opened },
  });
  const job = await enqueue('runs', 1);
  await until(() => worker.stats().running === 1, 'the run');
  await jobs.pause({ task: 'runs' });
  finish.open('done');
  t.is(await job.result(), 'done');
});

test.serial('what was claimed ahead and has not started is held too', async (t) => {
  const finish = gate();
  let after = 0;
  let holding = false;
  const { enqueueMany, jobs, worker } = await startWorker(
    t,
    database,
    {
      ahead: {
        run: async (args: unknown) => {
          if (args === 'hold') {
            holding = true;
            await finish.opened;
          }
          if (args === 'after') after += 1;
        },
      },
    },
    { concurrency: 1 },
  );
  await enqueueMany('ahead', [...Array(300).fill('fast'), 'hold', ...Array(20).fill('after')]);
  await until(() => worker.stats().buffered > 0 && holding, 'the buffer');
  await jobs.pause({ task: 'ahead' });
  await until(() => worker.stats().buffered === 0, 'the empty buffer');
  finish.open();
  await until(() => worker.stats().running === 0, 'the end of the run');
  t.is(after, 0);
  await jobs.resume({ task: 'ahead' });
  await until(() => after === 20, 'the rest');
});

test.serial('what to pause must be said, and a task must exist', async (t) => {
  const { jobs } = setUp(t, database, { named: echo });
  await t.throwsAsync(jobs.pause({}), { code: 'PGS2004', message: /a task, or a pattern/ });
  await t.throwsAsync(jobs.resume({}), { code: 'PGS2004' });
  await t.throwsAsync(jobs.pause({ task: 'nobody' }), { code: 'PGS2003' });
});
