import test from 'ava';
import type { PoolClient } from 'pg';
import type { JobHandle } from '../../../runtime/client/types.js';
import type { Job } from '../../../runtime/worker/types.js';
import { quickly } from '../../support/contract.js';
import { crashTables, crashTasks } from '../../support/crash-tasks.js';
import { testDatabase } from '../../support/database.js';
import { startProxy } from '../../support/proxy.js';
import { quick, spawnWorker } from '../../support/spawn-worker.js';
import { gate, until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();
await database.pool.query(crashTables);

async function effects(job: string): Promise<number> {
  const { rowCount } = await database.pool.query('select from effect where job = $1', [job]);
  return rowCount ?? 0;
}

function effect(tx: PoolClient, { id }: Job): Promise<unknown> {
  return tx.query('insert into effect (job) values ($1)', [id]);
}

/** A second look at the job's row from outside, as somebody who waits for it takes one. */
async function lockRow(id: string): Promise<PoolClient> {
  const client = await database.pool.connect();
  await client.query('begin');
  await client.query('select from pgsched.job where id = $1 for update', [id]);
  return client;
}

test('effects and completion commit together', async (t) => {
  const { enqueue, row } = await startWorker(t, database, {
    both: {
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          await effect(tx, job);
          t.is(await effects(job.id), 0);
          t.is((await row(job.id)).status, 'running');
          return 'receipt';
        }),
    },
  });
  const job = await enqueue('both', {});
  t.is(await job.result(), 'receipt');
  t.is(await effects(job.id), 1);
});

test('a transaction that throws rolls back, and the job runs again', async (t) => {
  const { enqueue, row } = await startWorker(t, database, {
    second: {
      backoff: quickly,
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          await effect(tx, job);
          if (job.attempt === 1) throw new Error('roll back');
          return job.attempt;
        }),
    },
  });
  const job = await enqueue('second', {});
  t.is(await job.result(), 2);
  t.is(await effects(job.id), 1);
  t.is((await row(job.id)).failures?.[0]?.message, 'roll back');
});

test('a constraint that only the commit finds broken fails the run', async (t) => {
  await database.pool.query(
    'create table unique_late (n int, unique (n) deferrable initially deferred)',
  );
  const { enqueue, ended } = await startWorker(t, database, {
    deferred: {
      maxAttempts: 1,
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          await tx.query('insert into unique_late values (1), (1)');
          return null;
        }),
    },
  });
  const { status, error } = await ended((await enqueue('deferred', {})).id);
  t.is(status, 'failed');
  t.is(error?.code, '23505');
});

test('a result that does not fit rolls the effects back', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    unfit: {
      maxAttempts: 1,
      result: { kind: 'number' },
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          await effect(tx, job);
          return 'no number';
        }),
    },
  });
  const job = await ended((await enqueue('unfit', {})).id);
  t.like(job, { status: 'failed', error: { name: 'InvalidResult' } });
});

test('a lease lost meanwhile rolls everything back', async (t) => {
  const errors: unknown[] = [];
  const { enqueue, row, event } = await startWorker(t, database, {
    robbed: {
      maxAttempts: 1,
      run: async (_: unknown, job: Job) => {
        try {
          return await job.transaction(async (tx) => {
            await effect(tx, job);
            await database.pool.query('update pgsched.job set fence = 1 where id = $1', [job.id]);
            return null;
          });
        } catch (error) {
          errors.push(error);
          throw error;
        }
      },
    },
  });
  const { id } = await enqueue('robbed', {});
  await event('leaseLost', (event) => event.id === id);
  t.like(errors[0], { name: 'LeaseLost', code: 'PGS4001' });
  t.is(await effects(id), 0);
  // The worker gives back a job that it holds and does not know of, as soon as it looks.
  t.regex((await row(id)).status, /^(running|pending)$/);
});

test('a job that was cancelled meanwhile rolls back, and ends as cancelled', async (t) => {
  const begun = gate();
  const finish = gate();
  const { enqueue, ended } = await startWorker(t, database, {
    recalled: {
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          await effect(tx, job);
          begun.open();
          await finish.opened;
          return null;
        }),
    },
  });
  const job = await enqueue('recalled', {});
  await begun.opened;
  t.true(await job.cancel());
  finish.open();
  t.is((await ended(job.id)).status, 'cancelled');
  t.is(await effects(job.id), 0);
});

test('a timeout rolls back, and the connection that the callback still uses is nobody else’s', async (t) => {
  const { enqueue, row } = await startWorker(t, database, {
    overdue: {
      timeout: 1_500,
      backoff: quickly,
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          await effect(tx, job);
          if (job.attempt === 1) await tx.query('select pg_sleep(8)');
          return job.attempt;
        }),
    },
  });
  const job = await enqueue('overdue', {});
  t.is(await job.result(), 2);
  t.is(await effects(job.id), 1);
  t.is((await row(job.id)).failures?.[0]?.name, 'TimedOut');
});

test('a transaction that lost against another is run anew, without using an attempt', async (t) => {
  let tries = 0;
  const { enqueue, row } = await startWorker(t, database, {
    serial: {
      maxAttempts: 1,
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          tries += 1;
          await effect(tx, job);
          if (tries < 3) await tx.query(`do $$ begin raise sqlstate '40001'; end $$`);
          return tries;
        }),
    },
  });
  const job = await enqueue('serial', {});
  t.is(await job.result(), 3);
  t.is(await effects(job.id), 1);
  t.is((await row(job.id)).attempt, 1);
});

test('somebody who holds a row keeps the job from ending, and no other that ends with it', async (t) => {
  const finish = gate();
  const { enqueue, worker, ended, row } = await startWorker(t, database, {
    settled: { run: () => finish.opened.then(() => 'done') },
  });
  const jobs = await Promise.all([1, 2, 3].map((n) => enqueue('settled', n)));
  await until(() => worker.stats().running === 3, 'the runs');
  const [held, ...others] = jobs as [JobHandle<unknown>, ...JobHandle<unknown>[]];
  const locker = await lockRow(held.id);
  finish.open();
  for (const { id } of others) t.is((await ended(id)).status, 'completed');
  t.is((await row(held.id)).status, 'running');
  await locker.query('commit');
  locker.release();
  t.is((await ended(held.id)).status, 'completed');
});

test('somebody who looks at the row for a moment does not cost the job its completion', async (t) => {
  const begun = gate();
  const finish = gate();
  const { enqueue, events } = await startWorker(t, database, {
    watched: {
      maxAttempts: 1,
      run: (_: unknown, job: Job) =>
        job.transaction(async (tx) => {
          await effect(tx, job);
          begun.open();
          await finish.opened;
          return 'done';
        }),
    },
  });
  const job = await enqueue('watched', {});
  await begun.opened;
  const locker = await lockRow(job.id);
  finish.open();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await locker.query('commit');
  locker.release();
  t.is(await job.result({ timeout: 10_000 }), 'done');
  t.false(events.some(({ type }) => type === 'leaseLost' || type === 'failed'));
});

test('what a handler throws after the commit is reported, and changes nothing', async (t) => {
  const { enqueue, event, ended } = await startWorker(t, database, {
    regrets: {
      run: async (_: unknown, job: Job) => {
        await job.transaction(async () => 'committed');
        throw new Error('too late');
      },
    },
    twice: {
      run: async (_: unknown, job: Job) => {
        await job.transaction(async () => 'first');
        return job.transaction(async () => 'second');
      },
    },
  });
  const regrets = await enqueue('regrets', {});
  t.is(await regrets.result(), 'committed');
  const { error } = await event('error', ({ message }) => message.includes('regrets'));
  t.like(error, { name: 'AfterCompletion', code: 'PGS4005' });
  await event('completed', ({ id }) => id === regrets.id);

  const twice = await enqueue('twice', {});
  t.is((await ended(twice.id)).result, 'first');
  t.like((await event('error', ({ message }) => message.includes('twice'))).error, {
    name: 'AfterCompletion',
  });
});

test('a job is completed in a transaction of the handler’s own', async (t) => {
  const { enqueue, event, row } = await startWorker(t, database, {
    own: {
      run: async (_: unknown, job: Job<string>) => {
        const client = await database.pool.connect();
        try {
          await client.query('begin');
          await effect(client, job as Job);
          const result = await job.complete(client, 'mine');
          t.is((await row(job.id)).status, 'running');
          await client.query('commit');
          return result;
        } finally {
          client.release();
        }
      },
    },
  });
  const job = await enqueue('own', {});
  t.is(await job.result(), 'mine');
  await event('completed', ({ id }) => id === job.id);
  t.is(await effects(job.id), 1);
});

test('a pool is refused where a transaction belongs', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    pooled: {
      maxAttempts: 1,
      run: (_: unknown, job: Job<string>) => job.complete(database.pool as never, 'x'),
    },
  });
  const { error } = await ended((await enqueue('pooled', {})).id);
  t.is(error?.name, 'InvalidTransaction');
});

test.serial('a commit whose answer was lost counts', async (t) => {
  const proxy = await startProxy(database.url);
  t.teardown(() => proxy.close());
  let runs = 0;
  const { enqueue, row, events } = await startWorker(
    t,
    database,
    {
      unheard: {
        run: (_: unknown, job: Job) =>
          job.transaction(async (tx) => {
            runs += 1;
            await effect(tx, job);
            void proxy.cutAnswerWith('COMMIT\0');
            return 'heard';
          }),
      },
    },
    { connectionString: proxy.url },
  );
  const job = await enqueue('unheard', {});
  t.is(await job.result(), 'heard');
  await until(() => events.find((event) => event.type === 'completed'), 'the report');
  t.is(runs, 1);
  t.is(await effects(job.id), 1);
  t.like(await row(job.id), { status: 'completed', attempt: 1 });
});

for (const dieAt of ['before commit', 'after commit'] as const) {
  test.serial(`a worker killed right ${dieAt}: the effects are there exactly once`, async (t) => {
    const { enqueue, ended } = setUp(t, database, crashTasks, quick);
    const { id } = await enqueue('effect', { dieAt });
    const first = await spawnWorker(t, database.url);
    await first.exited;
    t.is(await effects(id), dieAt === 'after commit' ? 1 : 0);
    const second = await spawnWorker(t, database.url);
    t.is((await ended(id)).status, 'completed');
    t.is(await effects(id), 1);
    if (dieAt === 'before commit') await second.event('completed');
    else t.false(second.events.some(({ type }) => type === 'completed'));
  });
}
