/** What PG Scheduler does with a job, done here. */
import test from 'ava';
import type { EnqueueOptions } from '../../runtime/client/types.js';
import type { Job } from '../../runtime/worker/types.js';
import { clientFor, workerFor } from '../support/client.js';
import { quickly } from '../support/contract.js';
import { testDatabase } from '../support/database.js';
import { setUp, startWorker } from '../support/worker.js';

const database = await testDatabase();
const { pool } = database;

for (const [default_, option, grace] of [
  ['5m', undefined, '5m'],
  ['5m', '1m', '1m'],
  ['5m', null, 'never'],
  [null, undefined, 'never'],
  [null, '1m', '1m'],
] as const) {
  const ofCall = option === undefined ? 'nothing' : String(option);
  test(`with startWithin ${default_} of the task and ${ofCall} of the call a job expires after ${grace}`, async (t) => {
    const task = `grace${default_}${ofCall}`;
    const { enqueue, ended, start } = setUp(t, database, {
      [task]: { startWithin: default_ === null ? null : 300_000, run: () => null },
    });
    const options: EnqueueOptions = option === undefined ? {} : { startWithin: option };
    const ages = { '30 s': '1m', '2 min': '5m', '10 min': 'never' };
    const expected = grace === '1m' ? 1 : grace === '5m' ? 2 : 3;
    const jobs: string[] = [];
    for (const age of Object.keys(ages)) {
      const { id } = await enqueue(task, null, options);
      await pool.query('update pgsched.job set run_at = run_at - $2::interval where id = $1', [
        id,
        age,
      ]);
      jobs.push(id);
    }
    await start();
    const statuses: string[] = [];
    for (const id of jobs) statuses.push((await ended(id)).status);
    t.deepEqual(statuses, [
      ...Array(expected).fill('completed'),
      ...Array(3 - expected).fill('expired'),
    ]);
  });
}

test('a key that is kept answers with its job whatever became of it: nothing runs twice', async (t) => {
  let runs = 0;
  const { enqueue } = await startWorker(t, database, {
    once: {
      keyScope: 'history',
      run: () => {
        runs += 1;
        return runs;
      },
    },
  });
  const first = await enqueue('once', {}, { key: 'invoice-7' });
  t.is(await first.result(), 1);
  const again = await enqueue('once', {}, { key: 'invoice-7', onConflict: 'ignore' });
  t.deepEqual([again.id, again.outcome], [first.id, 'existing']);
  t.is(await again.result(), 1);
  const error = await t.throwsAsync(enqueue('once', {}, { key: 'invoice-7' }));
  t.like(error, { name: 'DuplicateJob', details: { id: first.id, status: 'completed' } });
  t.is(runs, 1);
});

test('an ended job is not replaced but redriven: as it was, with its attempts from 0', async (t) => {
  let broken = true;
  const { enqueue, ended } = await startWorker(t, database, {
    mended: {
      keyScope: 'history',
      maxAttempts: 1,
      run: (args: unknown) => {
        if (broken) throw new Error('broken');
        return args;
      },
    },
  });
  const { jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue('mended', 'kept', { key: 'k' });
  t.like(await ended(job.id), { status: 'failed', attempt: 1 });
  await t.throwsAsync(enqueue('mended', 'new', { key: 'k', onConflict: 'replace' }), {
    name: 'DuplicateJob',
    message: /\(failed\)/,
  });
  broken = false;
  t.is(await jobs.redrive({ id: job.id }), 1);
  t.is(await job.result(), 'kept');
  t.like(await ended(job.id), {
    status: 'completed',
    attempt: 1,
    failures: [{ message: 'broken' }],
  });
});

test('replace gives a waiting job new args, time and priority, and its attempts back', async (t) => {
  const ran = new Set<string>();
  const { enqueue, event, row } = await startWorker(t, database, {
    moved: {
      backoff: { kind: 'list', delays: [3_600_000], jitter: 0 },
      run: (args: string) => {
        ran.add(args);
        if (args === 'old') throw new Error('not yet');
        return args;
      },
    },
  });
  const old = await enqueue('moved', 'old', { key: 'k' });
  await event('retried', ({ id }) => id === old.id);
  t.like(await row(old.id), { status: 'pending', attempt: 1 });
  const replaced = await enqueue('moved', 'new', { key: 'k', onConflict: 'replace', priority: 9 });
  t.deepEqual([replaced.id, replaced.outcome], [old.id, 'replaced']);
  t.is(await replaced.result(), 'new');
  t.like(await row(old.id), { attempt: 1, failures: null });
  t.deepEqual([...ran], ['old', 'new']);
});

test('a retried job is the same job: id, args, priority, key and headers', async (t) => {
  const seen: unknown[] = [];
  const { enqueue } = await startWorker(t, database, {
    same: {
      backoff: quickly,
      run: (args: unknown, { id, attempt, headers }: Job) => {
        seen.push({ id, attempt, args, headers });
        if (attempt === 1) throw new Error('once more');
        return null;
      },
    },
  });
  const job = await enqueue('same', { n: 1 }, { key: 'k', priority: 7, headers: { trace: 'x' } });
  await job.result();
  const run = { id: job.id, args: { n: 1 }, headers: { trace: 'x' } };
  t.deepEqual(seen, [
    { ...run, attempt: 1 },
    { ...run, attempt: 2 },
  ]);
  const { rows } = await pool.query(
    'select key, priority, attempt from pgsched.all_jobs where id = $1',
    [job.id],
  );
  t.deepEqual(rows, [{ key: 'k', priority: 7, attempt: 2 }]);
});

test('what is known of a job is read by its task and id, or by a filter', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  await workerFor(
    t,
    { double: ({ n }: { n: number }) => n * 2 },
    { connectionString: database.url },
  );
  const job = await enqueue.double({ n: 21 }, { key: 'answer' });
  await job.result();
  t.like(await jobs.get('double', job.id), {
    id: job.id,
    task: 'double',
    status: 'completed',
    attempt: 1,
    key: 'answer',
    result: 42,
  });
  const found = await jobs.list({ task: 'double', status: 'completed', key: 'answer' });
  t.deepEqual(
    found.map(({ id }) => id),
    [job.id],
  );
});
