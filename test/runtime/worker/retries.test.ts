import test from 'ava';
import { Fail, Retry, Snooze } from '../../../runtime/outcome.js';
import type { Job } from '../../../runtime/worker/types.js';
import { quickly } from '../../support/contract.js';
import { testDatabase } from '../../support/database.js';
import { startWorker } from '../../support/worker.js';

const database = await testDatabase();

function thrower(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

test('a job that throws runs again, each run with its number, until one succeeds', async (t) => {
  const { enqueue, event, row, worker } = await startWorker(t, database, {
    third: {
      backoff: quickly,
      run: (_: unknown, { attempt }: Job) => {
        if (attempt < 3) throw new Error(`run ${attempt}`);
        return attempt;
      },
    },
  });
  const job = await enqueue('third', {});
  t.is(await job.result(), 3);
  const { attempt, failures } = await row(job.id);
  t.is(attempt, 3);
  t.like(failures, [
    { name: 'Error', message: 'run 1', attempt: 1 },
    { name: 'Error', message: 'run 2', attempt: 2 },
  ]);
  // The database tells the caller sooner than the worker.
  await event('completed');
  t.like(worker.stats(), { completed: 1, retried: 2, failed: 0 });
});

test('after maxAttempts runs the job fails with the last error', async (t) => {
  const { enqueue, ended, event, worker } = await startWorker(t, database, {
    never: {
      backoff: quickly,
      maxAttempts: 2,
      run: (_: unknown, { attempt }: Job) => {
        throw Object.assign(new TypeError(`run ${attempt}`, { cause: new Error('why') }), {
          code: 'E1',
        });
      },
    },
  });
  const { status, attempt, error } = await ended((await enqueue('never', {})).id);
  t.deepEqual([status, attempt], ['failed', 2]);
  t.like(error, { name: 'TypeError', message: 'run 2', code: 'E1' });
  t.like(error?.cause, { name: 'Error', message: 'why' });
  await event('failed');
  t.like(worker.stats(), { retried: 1, failed: 1 });
});

test('when the next run starts is for the task’s backoff to say', async (t) => {
  const { enqueue, event, row } = await startWorker(t, database, {
    exponential: {
      backoff: { kind: 'exponential', base: 100_000, factor: 3, max: 1_000_000, jitter: 0.1 },
      run: thrower(new Error()),
    },
    listed: { backoff: { kind: 'list', delays: [50_000], jitter: 0 }, run: thrower(new Error()) },
  });
  const exponential = await enqueue('exponential', {});
  const listed = await enqueue('listed', {});
  await event('retried', ({ id }) => id === exponential.id);
  await event('retried', ({ id }) => id === listed.id);
  const spread = (await row(exponential.id)).due_in;
  t.true(spread > 80_000 && spread < 110_000, `${spread}`);
  const exact = (await row(listed.id)).due_in;
  t.true(exact > 40_000 && exact < 50_000, `${exact}`);
});

test('Retry counts as a failed run, and may say when', async (t) => {
  const { enqueue, event, row, ended } = await startWorker(t, database, {
    asks: {
      maxAttempts: 2,
      run: thrower(new Retry('busy', { delay: '1h', cause: new Error('full') })),
    },
    insists: { maxAttempts: 2, run: thrower(new Retry('again', { delay: 0.4 })) },
  });
  const asks = await enqueue('asks', {});
  await event('retried', ({ id }) => id === asks.id);
  const { due_in, attempt, failures } = await row(asks.id);
  t.true(due_in > 3_500_000 && due_in < 3_600_000, `${due_in}`);
  t.is(attempt, 1);
  t.like(failures?.[0], { name: 'Retry', message: 'busy', cause: { message: 'full' } });

  const insists = await ended((await enqueue('insists', {})).id);
  t.like(insists, { status: 'failed', attempt: 2, error: { name: 'Retry', message: 'again' } });
});

test('Fail ends the job, whatever attempts are left', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    hopeless: { maxAttempts: 9, run: thrower(new Fail('no such order')) },
  });
  const job = await ended((await enqueue('hopeless', {})).id);
  t.like(job, {
    status: 'failed',
    attempt: 1,
    error: { name: 'Fail', message: 'no such order' },
  });
});

test('Snooze gives the attempt back, and the job runs later', async (t) => {
  let naps = 0;
  const { enqueue, row } = await startWorker(t, database, {
    sleepy: {
      maxAttempts: 1,
      run: (_: unknown, { attempt }: Job) => {
        naps += 1;
        if (naps < 4) throw new Snooze(naps === 1 ? new Date(Date.now() + 20) : 20.5);
        return attempt;
      },
    },
  });
  const job = await enqueue('sleepy', {});
  t.is(await job.result(), 1);
  t.is(naps, 4);
  const { attempt, failures } = await row(job.id);
  t.deepEqual([attempt, failures], [1, null]);
});

test('a snoozed job waits for as long as it said', async (t) => {
  const { enqueue, event, row, events } = await startWorker(t, database, {
    asleep: { run: thrower(new Snooze('2h')) },
    awake: { run: () => 1 },
  });
  const asleep = await enqueue('asleep', {});
  const awake = await enqueue('awake', {});
  await event('completed', ({ id }) => id === awake.id);
  const { status, attempt, due_in } = await row(asleep.id);
  t.deepEqual([status, attempt], ['pending', 0]);
  t.true(due_in > 7_100_000 && due_in < 7_200_000, `${due_in}`);
  t.false(events.some(({ type }) => type === 'failed' || type === 'retried'));
});

for (const [what, thrown] of [
  ['delay', new Retry('x', { delay: 'soon' as '1s' })],
  ['date', new Snooze(new Date('nonsense'))],
] as const) {
  test(`a ${what} that is none is a failed run like any other`, async (t) => {
    const { enqueue, ended } = await startWorker(t, database, {
      [what]: { maxAttempts: 2, backoff: quickly, run: thrower(thrown) },
    });
    const job = await ended((await enqueue(what, {})).id);
    t.like(job, { status: 'failed', attempt: 2, error: { name: 'InvalidOption' } });
  });
}

test('the last 20 failures are kept', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    stubborn: {
      maxAttempts: 25,
      backoff: { kind: 'list', delays: [0], jitter: 0 },
      run: (_: unknown, { attempt }: Job) => {
        throw new Error(`run ${attempt}`);
      },
    },
  });
  const { failures, error } = await ended((await enqueue('stubborn', {})).id);
  t.deepEqual(
    failures?.map(({ attempt }) => attempt),
    Array.from({ length: 20 }, (_, i) => i + 5),
  );
  t.is(error?.message, 'run 25');
});

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const circular = new Error('round and round');
circular.cause = circular;
const hostile = new Proxy(new Error(), {
  get: () => {
    throw new Error('hands off');
  },
});

for (const [what, thrown, expected] of [
  ['a text', 'just a text', { name: 'NotAnError', message: /"just a text"$/ }],
  ['nothing', undefined, { name: 'NotAnError', message: /undefined$/ }],
  ['null', null, { name: 'NotAnError', message: /null$/ }],
  ['a cyclic object', cyclic, { name: 'NotAnError', message: /\[object Object\]$/ }],
  ['a bigint', 10n, { name: 'NotAnError', message: /10|\[object BigInt\]$/ }],
  ['an error that is its own cause', circular, { name: 'Error', message: /^round and round$/ }],
  ['an error with NUL and half a character', new Error('a\0b\ud800c'), { message: /^a.b.c$/u }],
  ['an error of a megabyte', new Error('x'.repeat(2 ** 20)), { message: /^x{4000}…$/ }],
  ['an error that cannot be read', hostile, { message: /./ }],
] as [string, unknown, { name?: string; message: RegExp }][]) {
  test(`a handler may throw ${what}: the job fails and says so`, async (t) => {
    const task = `throws${what.replace(/\W/g, '')}`;
    const { enqueue, ended } = await startWorker(t, database, {
      [task]: { maxAttempts: 1, run: thrower(thrown) },
    });
    const { status, error } = await ended((await enqueue(task, {})).id);
    t.is(status, 'failed');
    t.regex(error?.message ?? '', expected.message);
    if (expected.name !== undefined) t.is(error?.name, expected.name);
  });
}
