import test from 'ava';
import { defineWorker, Fail, Retry, Snooze } from '../../../runtime/index.js';
import type { Job } from '../../../runtime/worker/types.js';
import type { AnySetup } from '../../../runtime/worker-setup.js';
import { number, object } from '../../support/contract.js';
import { testDatabase } from '../../support/database.js';
import { setUp, startWorker, type Tasks } from '../../support/worker.js';

const database = await testDatabase();

const startWith = (t: Parameters<typeof setUp>[0], tasks: Tasks, setup: AnySetup) =>
  startWorker(t, database, tasks, {}, 'pgsched', setup);

test('the context is made once before the first job, given to every handler, and disposed of once after the last', async (t) => {
  const calls: string[] = [];
  const contexts = new Set<unknown>();
  const { enqueueMany, worker } = await startWith(
    t,
    {
      uses: {
        run: async (_: unknown, job: Job<unknown, { name: string }>) => {
          contexts.add(job.context);
          await new Promise((resolve) => setTimeout(resolve, 20));
          calls.push(job.context.name);
          return null;
        },
      },
    },
    defineWorker({
      context: async () => {
        calls.push('made');
        return { name: 'shared' };
      },
      dispose: ({ name }) => void calls.push(`disposed of ${name}`),
    }),
  );
  const handles = await enqueueMany('uses', [1, 2, 3]);
  await Promise.all(handles.map((handle) => handle.result()));
  t.is(contexts.size, 1);
  const [last] = await enqueueMany('uses', [4]);
  await Promise.all([worker.stop(), worker.stop()]);
  t.truthy(last);
  t.is(calls[0], 'made');
  t.is(calls.at(-1), 'disposed of shared');
  t.is(calls.filter((call) => /made|disposed/.test(call)).length, 2);
});

test('a context that cannot be made keeps the worker from starting, and nothing is disposed of', async (t) => {
  let disposed = 0;
  const setup = {
    context: () => Promise.reject(new Error('no mail server')),
    dispose: () => {
      disposed += 1;
    },
  };
  const { worker } = setUp(t, database, { never: { run: () => null } }, {}, 'pgsched', setup);
  await t.throwsAsync(worker.start(), { message: 'no mail server' });
  t.is(worker.state, 'stopped');
  t.is(disposed, 0);
});

test('a dispose that fails is reported, and the worker is stopped all the same', async (t) => {
  const { worker, events } = await startWith(
    t,
    { left: { run: () => null } },
    {
      context: () => 1,
      dispose: () => Promise.reject(new Error('would not close')),
    },
  );
  await worker.stop();
  t.is(worker.state, 'stopped');
  t.like(
    events.find(({ type }) => type === 'error'),
    { error: { message: 'would not close' } },
  );
});

test('layers run around the handler in their order, and see the run', async (t) => {
  const calls: string[] = [];
  const seen: unknown[] = [];
  const { enqueue } = await startWith(
    t,
    {
      wrapped: {
        args: object({ n: number }),
        run: ({ n }: { n: number }) => {
          calls.push('handler');
          return n;
        },
      },
    },
    defineWorker({
      context: () => ({ tenant: 'acme' }),
      middleware: [
        async (run, next) => {
          calls.push('outer in');
          const { task, attempt, args, headers, context, signal } = run;
          seen.push({ task, attempt, args, headers, context }, signal.aborted);
          const result = await next();
          calls.push('outer out');
          return result;
        },
        async (_, next) => {
          calls.push('inner in');
          const result = (await next()) as number;
          calls.push('inner out');
          return result + 1;
        },
      ],
    }),
  );
  const job = await enqueue('wrapped', { n: 1 }, { headers: { trace: 't1' } });
  t.is(await job.result(), 2, 'what the layer made of it');
  t.deepEqual(calls, ['outer in', 'inner in', 'handler', 'inner out', 'outer out']);
  t.deepEqual(seen, [
    {
      task: 'wrapped',
      attempt: 1,
      args: { n: 1 },
      headers: { trace: 't1' },
      context: { tenant: 'acme' },
    },
    false,
  ]);
});

test('a layer hears of the failure of its handler, and may decide otherwise', async (t) => {
  const heard: string[] = [];
  const { enqueue, ended } = await startWith(
    t,
    {
      recovers: { run: () => Promise.reject(new Error('flaky network')) },
      fails: { maxAttempts: 5, run: () => Promise.reject(new Error('forbidden')) },
    },
    {
      middleware: [
        async ({ task }, next) => {
          try {
            return await next();
          } catch (error) {
            heard.push((error as Error).message);
            if (task === 'recovers') return 'recovered';
            throw new Fail('for good', { cause: error });
          }
        },
      ],
    },
  );
  t.is(await (await enqueue('recovers', 1)).result(), 'recovered');
  const failed = await ended((await enqueue('fails', 1)).id);
  t.like(failed, { status: 'failed', attempt: 1, error: { message: 'for good' } });
  t.like(failed.error?.cause, { message: 'forbidden' });
  t.deepEqual(heard, ['flaky network', 'forbidden']);
});

test('Retry and Snooze thrown by a layer are what they are, and the handler is not called', async (t) => {
  let called = 0;
  const setup: AnySetup = {
    middleware: [
      async ({ attempt, args }, next) => {
        if (args === 'snoozes' && called === 0) {
          called += 1;
          throw new Snooze(10);
        }
        if (args === 'retries' && attempt === 1) throw new Retry('closed today', { delay: 10 });
        return next();
      },
    ],
  };
  const { enqueue, ended } = await startWith(
    t,
    { gated: { run: (_: unknown, job: Job) => job.attempt } },
    setup,
  );
  const retried = await enqueue('gated', 'retries');
  t.is(await retried.result(), 2);
  t.like((await ended(retried.id)).failures, [
    { attempt: 1, name: 'Retry', message: 'closed today' },
  ]);
  t.is(await (await enqueue('gated', 'snoozes')).result(), 1);
});

test('a layer that does not call next stands in for the handler', async (t) => {
  const { enqueue } = await startWith(
    t,
    { replaced: { run: () => 'handler' } },
    { middleware: [async () => 'layer'] },
  );
  t.is(await (await enqueue('replaced', 1)).result(), 'layer');
});

test('what a transaction has committed stands, whatever a layer makes of it', async (t) => {
  const { enqueue, events } = await startWith(
    t,
    { commits: { run: (_: unknown, job: Job) => job.transaction(async () => 'committed') } },
    {
      middleware: [
        async (_, next) => {
          await next();
          throw new Error('too late');
        },
      ],
    },
  );
  t.is(await (await enqueue('commits', 1)).result(), 'committed');
  t.true(events.some(({ type }) => type === 'error'));
});

test('the time of a run counts its layers', async (t) => {
  const { enqueue, ended } = await startWith(
    t,
    { slow: { timeout: 100, maxAttempts: 1, run: () => null } },
    {
      middleware: [
        ({ signal }, next) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve(next()));
          }),
      ],
    },
  );
  t.like(await ended((await enqueue('slow', 1)).id), {
    status: 'failed',
    error: { name: 'TimedOut' },
  });
});
