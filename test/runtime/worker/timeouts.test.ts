import test from 'ava';
import type { Job } from '../../../runtime/worker/types.js';
import { quickly } from '../../support/contract.js';
import { testDatabase } from '../../support/database.js';
import { gate } from '../../support/until.js';
import { startWorker } from '../../support/worker.js';

const database = await testDatabase();
const never = (): Promise<never> => new Promise(() => {});

/** Until the signal aborts. */
function aborted({ signal }: Job): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
}

test('after its timeout a run is told by its signal, fails as TimedOut and runs again', async (t) => {
  const reasons: unknown[] = [];
  const { enqueue, row } = await startWorker(t, database, {
    slow: {
      timeout: 50,
      backoff: quickly,
      run: async (_: unknown, job: Job) => {
        if (job.attempt === 2) return 'in time';
        const reason = await aborted(job);
        reasons.push(reason);
        throw reason;
      },
    },
  });
  const job = await enqueue('slow', {});
  t.is(await job.result(), 'in time');
  t.like(reasons, [{ name: 'TimedOut', code: 'PGS4002' }]);
  const { failures } = await row(job.id);
  t.is(failures?.length, 1);
  t.like(failures?.[0], { name: 'TimedOut', attempt: 1, code: 'PGS4002' });
});

test('the last attempt that times out fails the job', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    slowest: { timeout: 30, maxAttempts: 1, run: (_: unknown, job: Job) => aborted(job) },
  });
  const job = await ended((await enqueue('slowest', {})).id);
  t.like(job, { status: 'failed', attempt: 1, error: { name: 'TimedOut' } });
});

test('a handler that ignores its signal cannot settle any more, and keeps its place until it returns', async (t) => {
  const late = gate();
  const { enqueue, enqueueMany, worker, event, row, events } = await startWorker(
    t,
    database,
    {
      deaf: {
        timeout: 50,
        backoff: { kind: 'list', delays: [3_600_000], jitter: 0 },
        run: () => late.opened.then(() => 'too late'),
      },
      next: { run: () => 1 },
    },
    { concurrency: 1 },
  );
  const deaf = await enqueue('deaf', {});
  await event('retried');
  const [next] = await enqueueMany('next', [1]);
  t.is(worker.stats().running, 1);
  t.is((await row(next?.id as string)).status, 'pending');
  late.open();
  t.is(await next?.result(), 1);
  t.like(await row(deaf.id), { status: 'pending', attempt: 1, result: null });
  t.false(events.some((event) => event.type === 'completed' && event.id === deaf.id));
});

test('what a handler throws after its timeout changes nothing', async (t) => {
  const late = gate();
  const { enqueue, event, row, ended, worker } = await startWorker(t, database, {
    sore: {
      timeout: 30,
      maxAttempts: 1,
      run: async () => {
        await late.opened;
        throw new Error('too late');
      },
    },
    after: { run: () => 1 },
  });
  const { id } = await enqueue('sore', {});
  await event('failed');
  late.open();
  await (await enqueue('after', {})).result();
  t.is((await ended(id)).error?.name, 'TimedOut');
  t.is((await row(id)).attempt, 1);
  t.like(worker.stats(), { running: 0, failed: 1, retried: 0 });
});

test('while a handler never returns, others go on', async (t) => {
  const { enqueue, enqueueMany, ended, worker } = await startWorker(
    t,
    database,
    { stuck: { timeout: 30, maxAttempts: 1, run: never }, lively: { run: (n: number) => n } },
    { concurrency: 2 },
  );
  const stuck = await enqueue('stuck', {});
  t.is((await ended(stuck.id)).error?.name, 'TimedOut');
  const jobs = await enqueueMany('lively', [1, 2, 3, 4, 5]);
  t.deepEqual(await Promise.all(jobs.map((job) => job.result())), [1, 2, 3, 4, 5]);
  t.is(worker.stats().running, 1);
});

test('a timeout of a month does not run out at once', async (t) => {
  const { enqueue } = await startWorker(t, database, {
    monthly: {
      timeout: 30 * 86_400_000,
      run: async (_: unknown, { signal }: Job) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return signal.aborted;
      },
    },
  });
  t.false(await (await enqueue('monthly', {})).result());
});
