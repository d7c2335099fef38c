import test from 'ava';
import { testDatabase } from '../support/database.js';
import { ack, claimOne, declare, enqueue, job, nack, rows } from '../support/sql.js';
import { until } from '../support/until.js';
import { setUp, startWorker } from '../support/worker.js';

const database = await testDatabase();
const { pool } = database;
const seldom = { poll: { min: '10m', max: '10m' } } as const;

/** Until a worker has nothing to do, and has said that it can be woken. */
async function asleep(): Promise<void> {
  await until(
    async () =>
      (await rows(pool, 'select from pgsched.worker where wakeable_until > clock_timestamp()'))
        .length,
    'the worker’s sleep',
  );
  // It looks once more after it has said so.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

test.serial(
  'a job that SQL enqueues wakes a worker at its commit, and runs with its defaults',
  async (t) => {
    const setup = await startWorker(
      t,
      database,
      { double: { priority: 10, key: 'double:{n}', run: ({ n }: { n: number }) => n * 2 } },
      seldom,
    );
    await asleep();
    const { id, outcome } = await enqueue(
      pool,
      `'double', '{"n": 21}', headers => '{"from": "sql"}'`,
    );
    t.is(outcome, 'created');
    await setup.event('completed', (event) => event.id === id);
    t.like(await job(pool, id), {
      status: 'completed',
      result: 42,
      priority: 10,
      key: 'double:21',
      attempt: 1,
    });
  },
);

test.serial(
  'a job that a trigger’s transaction enqueues wakes a worker when it commits, not before',
  async (t) => {
    const setup = await startWorker(t, database, { late: { run: () => 1 } }, seldom);
    await asleep();
    const client = await database.connect();
    await client.query('begin');
    const { id } = await enqueue(client, `'late'`);
    t.deepEqual(await rows(pool, 'select from pgsched.all_jobs where id = $1', [id]), []);
    await client.query('commit');
    await setup.event('completed', (event) => event.id === id);
  },
);

test.serial(
  'a job that TypeScript enqueues is claimed and completed by SQL, and its result read in TypeScript',
  async (t) => {
    const setup = setUp(t, database, { mailed: { maxAttempts: 3 } });
    const handle = await setup.enqueue(
      'mailed',
      { to: 'ada' },
      { priority: 'high', headers: { a: 'b' } },
    );
    const first = await claimOne(pool, 'mailed');
    t.like(first, {
      id: handle.id,
      args: { to: 'ada' },
      headers: { a: 'b' },
      priority: 10,
      attempt: 1,
    });
    const result = handle.result({ timeout: '20s' });
    // It marks the row, which a claim would pass over meanwhile.
    await until(
      async () =>
        (
          await rows(pool, 'select from pgsched.job where id = $1 and awaited_until is not null', [
            handle.id,
          ])
        ).length,
      'the mark of who waits',
    );
    t.is(await nack(pool, first, 'the server said no', '2000-01-01T00:00Z'), 'retry');
    t.true(await ack(pool, await claimOne(pool, 'mailed'), { id: 'm1' }));
    t.deepEqual(await result, { id: 'm1' });
  },
);

test.serial('both find the key that the other has written', async (t) => {
  await declare(pool, { unique: { key: 'u:{id}' } });
  const setup = setUp(t, database, { unique: { key: 'u:{id}' } });
  const handle = await setup.enqueue('unique', { id: 'é"{x}' });
  t.deepEqual(await enqueue(pool, `'unique', '{"id": "é\\"{x}"}'`), {
    id: handle.id,
    outcome: 'duplicate',
  });
  const { id } = await enqueue(pool, `'unique', '{"id": 7}'`);
  await t.throwsAsync(setup.enqueue('unique', { id: 7 }), { code: 'PGS3001' });
  const shared = await setup.enqueue('unique', { id: 7 }, { onConflict: 'ignore' });
  t.is(shared.id, id);
});

test.serial('the worker and SQL claim from one queue, each job once', async (t) => {
  const setup = setUp(t, database, { both: { run: () => 'worker' } });
  await setup.enqueueMany(
    'both',
    Array.from({ length: 300 }, (_, n) => n),
  );
  const mine = new Set<string>();
  const started = setup.start();
  for (let round = 0; round < 10; round++) {
    for (const claimed of (await pool.query(`select * from pgsched.claim(5, array['both'])`))
      .rows) {
      t.false(mine.has(claimed.id));
      mine.add(claimed.id);
      t.true(await ack(pool, claimed, 'sql'));
    }
  }
  await started;
  await until(
    async () =>
      (
        await rows(
          pool,
          `select from pgsched.all_jobs where task = 'both' and status <> 'completed'`,
        )
      ).length === 0,
    'the end of all jobs',
  );
  const results = await rows(
    pool,
    `select result, attempt, count(*)::int as n from pgsched.all_jobs where task = 'both' group by 1, 2 order by 1`,
  );
  t.deepEqual(results, [
    ...(mine.size > 0 ? [{ result: 'sql', attempt: 1, n: mine.size }] : []),
    ...(mine.size < 300 ? [{ result: 'worker', attempt: 1, n: 300 - mine.size }] : []),
  ]);
});

test.serial('a worker gives back what a consumer has held past its deadline', async (t) => {
  const setup = await startWorker(t, database, {
    left: { run: () => 'worker', backoff: { kind: 'list', delays: [0], jitter: 0 } },
  });
  await pool.query(
    `select pgsched._pause(array(select task from pgsched.task where name = 'left'), null, true)`,
  );
  const { id } = await enqueue(pool, `'left'`);
  // As a consumer claimed it before the pause.
  await pool.query(
    `update pgsched.job set fence = 1, instance = 0, attempt = 1, claimed_at = clock_timestamp(), deadline = clock_timestamp() where id = $1`,
    [id],
  );
  await pool.query(
    `select pgsched._pause(array(select task from pgsched.task where name = 'left'), null, false)`,
  );
  t.like(await setup.ended(id), { status: 'completed', result: 'worker', attempt: 2 });
});
