import test from 'ava';
import { crashTables, crashTasks } from '../../support/crash-tasks.js';
import { testDatabase } from '../../support/database.js';
import { spawnWorker } from '../../support/spawn-worker.js';
import { gate, until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();
await database.pool.query(crashTables);

test('no more run at once than `concurrency`, and as many as that', async (t) => {
  let running = 0;
  let most = 0;
  const { enqueueMany, worker } = await startWorker(
    t,
    database,
    {
      busy: {
        run: async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 2));
          running -= 1;
          return null;
        },
      },
    },
    { concurrency: 7 },
  );
  await enqueueMany('busy', Array(500).fill({}));
  await until(() => worker.stats().completed === 500, 'the end of all');
  t.is(most, 7);
});

test('a worker prefetches no more than it will start soon', async (t) => {
  const hold = gate();
  const { enqueueMany, worker } = await startWorker(
    t,
    database,
    { held: { run: () => hold.opened.then(() => null) } },
    { concurrency: 3 },
  );
  await enqueueMany('held', Array(100).fill({}));
  await until(() => worker.stats().running === 3, 'three runs');
  t.is(worker.stats().buffered, 0, 'slow jobs are not prefetched');
  hold.open();
  await until(() => worker.stats().completed === 100, 'the end of all');

  let most = 0;
  const quick = await startWorker(t, database, {
    quick: {
      run: () => {
        most = Math.max(most, quick.worker.stats().buffered);
        return null;
      },
    },
  });
  await quick.enqueueMany('quick', Array(5_000).fill({}));
  await until(() => quick.worker.stats().completed === 5_000, 'the end of all');
  t.true(most <= 1_000, `${most}`);
});

test.serial('two workers share the work', async (t) => {
  const { enqueueMany } = setUp(t, database, crashTasks);
  const workers = await Promise.all([
    spawnWorker(t, database.url, { concurrency: 2 }),
    spawnWorker(t, database.url, { concurrency: 2 }),
  ]);
  const jobs = await enqueueMany('log', Array(60).fill({ ms: 20 }));
  await Promise.all(jobs.map((job) => job.result()));
  const { rows } = await database.pool.query(
    'select pid, count(*)::int as n from run_log group by pid order by pid',
  );
  t.deepEqual(
    rows.map(({ pid }) => pid),
    workers.map(({ pid }) => pid).sort((a, b) => a - b),
  );
  t.true(
    rows.every(({ n }) => n >= 10),
    JSON.stringify(rows),
  );
});

test('an option that makes no sense is refused by name', (t) => {
  for (const options of [
    { concurrency: 0 },
    { concurrency: 1.5 },
    { beat: 10 },
    { beat: '1s', lease: '2s' },
    { lease: 'soon' as '1s' },
  ] as const) {
    t.throws(() => setUp(t, database, { none: { run: () => null } }, options), { code: 'PGS2004' });
  }
});
