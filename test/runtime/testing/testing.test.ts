import test from 'ava';
import { bindClient } from '../../../runtime/client/bind-client.js';
import type { EnqueueTask } from '../../../runtime/client/types.js';
import { defineWorker, Fail, notImplemented, Retry } from '../../../runtime/index.js';
import { bindTesting } from '../../../runtime/testing/bind-testing.js';
import type { Testing, TestingOptions } from '../../../runtime/testing/types.js';
import type { Job } from '../../../runtime/worker/types.js';
import type { AnySetup } from '../../../runtime/worker-setup.js';
import { contractOf, number, object, string } from '../../support/contract.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

interface Context {
  readonly sent: string[];
}

/** What the generator would declare for the tasks below. */
interface Tasks {
  receipt: { args: { orderId: number; at: Date }; result: { sentAt: Date } };
  chain: { args: { left: number }; result: void };
  fails: { args: { how: string }; result: void };
  tick: { args: void; result: void };
  unwritten: { args: void; result: void };
}

const contract = contractOf({
  receipt: {
    args: object({ orderId: number, at: { kind: 'date' } }),
    result: object({ sentAt: { kind: 'date' } }),
    key: 'receipt:{orderId}',
    priority: 10,
  },
  chain: { args: object({ left: number }) },
  fails: { args: object({ how: string }) },
  tick: {},
  unwritten: {},
});

type Run<A> = (args: A, job: Job<unknown, Context>) => unknown;
const client = bindClient<{
  enqueue: { [N in keyof Tasks]: EnqueueTask<Tasks[N]['args'], Tasks[N]['result']> };
  close(): Promise<void>;
}>(contract, null, { connectionString: database.url });
test.after.always(() => client.close());

const handlers = {
  receipt: (async ({ orderId, at }, { context, attempt }) => {
    context.sent.push(`${orderId} of ${at.getUTCFullYear()}, attempt ${attempt}`);
    return { sentAt: at };
  }) satisfies Run<Tasks['receipt']['args']>,
  chain: (async ({ left }, job) => {
    job.context.sent.push(`left ${left}`);
    if (left > 0) await client.enqueue.chain({ left: left - 1 });
  }) satisfies Run<{ left: number }>,
  fails: (({ how }) => {
    if (how === 'retry') throw new Retry('later');
    throw new Fail(how);
  }) satisfies Run<{ how: string }>,
  tick: ((_, job) =>
    job.transaction(async (tx) => {
      await tx.query('insert into ticked values (1)');
    })) satisfies Run<void>,
  unwritten: notImplemented,
};

function testing(
  t: { teardown(f: () => Promise<void>): void },
  options: TestingOptions<Context> = { context: { sent: [] } },
  setup: AnySetup = {},
): Testing<Tasks, Context> {
  const made = bindTesting<Testing<Tasks, Context>>(
    contract,
    null,
    handlers,
    { connectionString: database.url, ...options },
    setup,
  );
  t.teardown(() => made.close());
  return made;
}

test.before(async () => {
  await database.pool.query('create table ticked (n int)');
});
test.afterEach.always(async () => {
  await database.pool.query('delete from pgsched.job; delete from pgsched.job_key');
});

test.serial(
  'perform runs a handler without a database: parsed args in, what the caller would get out',
  async (t) => {
    const context = { sent: [] as string[] };
    const { perform } = testing(t, {
      connectionString: 'postgres://nobody@127.0.0.1:1/none',
      context,
    });
    const at = new Date('2030-01-31T09:00:00Z');
    const result = await perform('receipt', { orderId: 7, at });
    t.deepEqual(result, { sentAt: at });
    t.not(result.sentAt, at, 'it has travelled as JSON');
    const own = { sent: [] as string[] };
    await perform('receipt', { orderId: 8, at }, { context: own, job: { attempt: 3 } });
    t.deepEqual(context.sent, ['7 of 2030, attempt 1']);
    t.deepEqual(own.sent, ['8 of 2030, attempt 3']);
  },
);

test.serial(
  'perform refuses what an enqueue would, and what the contract does not say',
  async (t) => {
    const { perform } = testing(t);
    await t.throwsAsync(perform('receipt', { orderId: '7', at: new Date() } as never), {
      code: 'PGS2001',
      message: /orderId: expected number/,
    });
    const wrong = bindTesting<Testing<Tasks>>(contract, null, { receipt: () => ({ at: 7 }) }, {});
    await t.throwsAsync(wrong.perform('receipt', { orderId: 7, at: new Date() }), {
      code: 'PGS2002',
      message: /sentAt/,
    });
    await t.throwsAsync(wrong.perform('tick'), {
      code: 'PGS4006',
      message: /^tick has no handler here: it is another worker's\./,
    });
    await t.throwsAsync(perform('nobody' as never), { code: 'PGS2003' });
    await t.throwsAsync(perform('constructor' as never), { code: 'PGS2003' });
    await t.throwsAsync(perform('unwritten'), { message: /still the generated stub/ });
  },
);

test.serial('what the handler throws is thrown as it is', async (t) => {
  const { perform } = testing(t);
  await t.throwsAsync(perform('fails', { how: 'no such order' }), {
    instanceOf: Fail,
    message: 'no such order',
  });
  await t.throwsAsync(perform('fails', { how: 'retry' }), { instanceOf: Retry });
});

test.serial("a handler's transaction is the test's own, which is not committed", async (t) => {
  const { perform } = testing(t);
  await t.throwsAsync(perform('tick'), { code: 'PGS2004', message: /Pass \{ tx \}/ });
  const tx = await database.pool.connect();
  await tx.query('begin');
  await perform('tick', undefined, { tx });
  t.is((await tx.query('select from ticked')).rowCount, 1);
  await tx.query('rollback');
  tx.release();
  t.is((await database.pool.query('select from ticked')).rowCount, 0);
});

test.serial(
  'enqueued gives the waiting jobs that a transaction sees, as they were passed',
  async (t) => {
    const { enqueued } = testing(t);
    const at = new Date('2030-01-31T09:00:00.123Z');
    const tx = await database.pool.connect();
    await tx.query('begin');
    const options = { tx, runAt: at, headers: { a: 'b' }, topic: 'mail.eu' };
    const { id } = await client.enqueue.receipt({ orderId: 7, at }, options);
    await client.enqueue.tick(undefined, { tx });
    t.deepEqual(await enqueued('receipt'), []);
    t.deepEqual(await enqueued('receipt', { tx }), [
      {
        id,
        args: { orderId: 7, at },
        topic: 'mail.eu',
        priority: 10,
        key: 'receipt:7',
        headers: { a: 'b' },
        runAt: at,
        attempt: 0,
      },
    ]);
    t.like(await enqueued('tick', { tx }), [{ args: undefined, key: null, headers: {} }]);
    await tx.query('commit');
    tx.release();
    t.is((await enqueued('receipt')).length, 1);
  },
);

test.serial(
  'drain runs what is due and what that enqueues, in order, and leaves the rest',
  async (t) => {
    const context = { sent: [] as string[] };
    const { drain, enqueued } = testing(t, { context });
    await client.enqueue.chain({ left: 3 });
    await client.enqueue.chain({ left: 0 }, { delay: '1h' });
    await client.enqueue.unwritten();
    t.is(await drain(), 4);
    t.deepEqual(context.sent, ['left 3', 'left 2', 'left 1', 'left 0']);
    t.is((await enqueued('chain')).length, 1);
    t.is((await enqueued('unwritten')).length, 1);
    t.is(await drain(), 0, 'nothing is left to do');
  },
);

test.serial(
  'drain throws what the first failing handler threw, a retry too, and stops',
  async (t) => {
    const { drain, enqueued } = testing(t);
    await client.enqueue.fails({ how: 'broken' });
    await client.enqueue.chain({ left: 0 }, { priority: 'low' });
    await t.throwsAsync(drain(), { instanceOf: Fail, message: 'broken' });
    await database.pool.query('delete from pgsched.job');
    await client.enqueue.fails({ how: 'retry' });
    await t.throwsAsync(drain(), { instanceOf: Retry, message: 'later' });
    t.like(await enqueued('fails'), [{ attempt: 1 }]);
  },
);

test.serial('drain runs several at once if told so', async (t) => {
  let running = 0;
  let most = 0;
  const parallel = bindTesting<Testing<Tasks>>(
    contract,
    null,
    {
      tick: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 50));
        running -= 1;
      },
    },
    { connectionString: database.url },
  );
  await client.enqueue.tick.many(Array(8).fill(undefined));
  t.is(await parallel.drain({ concurrency: 4 }), 8);
  t.is(most, 4);
  await client.enqueue.tick.many([undefined, undefined]);
  most = 0;
  t.is(await parallel.drain(), 2);
  t.is(most, 1);
  await parallel.close();
});

test.serial("drain does not wait for what is paused, nor for another worker's tasks", async (t) => {
  const { drain } = testing(t);
  await client.enqueue.chain({ left: 0 });
  await database.pool.query(`update pgsched.task set paused = true where name = 'chain'`);
  t.is(await drain(), 0);
  await database.pool.query(`update pgsched.task set paused = false`);
  await database.pool.query(`insert into pgsched.topic (pattern) values ('ch*'), ('chain')`);
  t.is(await drain(), 0);
  await database.pool.query('delete from pgsched.topic');
  t.is(await drain(), 1);
});

test.serial(
  'without a context of its own it has the worker file make one, once, and disposes of it at the end',
  async (t) => {
    const calls: string[] = [];
    const setup = defineWorker({
      context: async () => {
        calls.push('made');
        return { sent: calls };
      },
      dispose: () => void calls.push('disposed'),
      middleware: [
        async ({ task }, next) => {
          calls.push(`around ${task}`);
          return next();
        },
      ],
    });
    const { perform, drain, close } = testing(t, {}, setup);
    await perform('chain', { left: 0 });
    await client.enqueue.chain({ left: 0 });
    await drain();
    await drain();
    await close();
    t.deepEqual(calls, ['made', 'left 0', 'around chain', 'left 0', 'disposed']);
  },
);
