import { once } from 'node:events';
import test from 'ava';
import { clientFor, workerFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

test('a waiting job is cancelled at once: true, and false the second time', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 }, { delay: '1h' });
  t.true(await job.cancel());
  t.like(await jobs.get('double', job.id), { status: 'cancelled', attempt: 0, result: null });
  t.true((await jobs.get('double', job.id))?.endedAt instanceof Date);
  t.false(await job.cancel());
});

test('a job that has ended is not cancelled', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  await workerFor(t, { tick: () => {} }, { connectionString: database.url });
  const job = await enqueue.tick();
  await job.result();
  t.false(await job.cancel());
  t.is((await jobs.get('tick', job.id))?.status, 'completed');
});

test('a running job is told by its signal, and ends cancelled whatever its handler returns', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  let reason: unknown;
  let started = (): void => {};
  const running = new Promise<void>((resolve) => {
    started = resolve;
  });
  const handler = async (_: unknown, { signal }: { signal: AbortSignal }) => {
    started();
    if (!signal.aborted) await once(signal, 'abort');
    reason = signal.reason;
    return 'done all the same';
  };
  await workerFor(t, { echo: handler }, { connectionString: database.url });
  const job = await enqueue.echo('run');
  await running;
  t.true(await job.cancel());
  await t.throwsAsync(job.result(), { code: 'PGS3004' });
  t.is((reason as { code?: unknown }).code, 'PGS3004');
  t.like(await jobs.get('echo', job.id), { status: 'cancelled', result: null });
});

test('of many who cancel a waiting job exactly one is told true', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 }, { delay: '1h' });
  const answers = await Promise.all(Array.from({ length: 8 }, () => job.cancel()));
  t.is(answers.filter(Boolean).length, 1);
});

test('cancelling frees the key', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.receipt({ orderId: 1 });
  await t.throwsAsync(enqueue.receipt({ orderId: 1 }), { code: 'PGS3001' });
  await job.cancel();
  t.is((await enqueue.receipt({ orderId: 1 })).outcome, 'created');
});

test("a handle cannot cancel another's job that has its number, as in a restored database", async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 }, { delay: '1h' });
  await database.pool.query('update pgsched.job set nonce = nonce # 1 where id = $1', [job.id]);
  t.false(await job.cancel());
  t.is((await jobs.get('double', job.id))?.status, 'pending');
  await t.throwsAsync(job.result(), { code: 'PGS3007' });
});
