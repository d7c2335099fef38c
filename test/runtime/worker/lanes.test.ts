import test from 'ava';
import { testDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();

/** Puts a job into lane 0, as an enqueue does that finds no lane. */
async function unfiled(task: string, args: unknown, priority = 0): Promise<string> {
  const { rows } = await database.pool.query(
    `insert into pgsched.job (id, run_at, created_at, nonce, lane, task, version, priority, topic, args)
     select nextval('pgsched.job_id'), clock_timestamp(), clock_timestamp(), 1, 0, t.task, 1, $3, $1, $2
       from pgsched.task t where t.name = $1
     returning id`,
    [task, JSON.stringify(args), priority],
  );
  return rows[0].id;
}

test.serial('a job without a lane is filed and run', async (t) => {
  const { ended } = await startWorker(t, database, { stray: { run: (n: unknown) => n } });
  const id = await unfiled('stray', 'found', 77);
  t.like(await ended(id), { status: 'completed', result: 'found' });
  const { rows } = await database.pool.query(
    'select l.level from pgsched.lane l join pgsched.task t using (task) where t.name = $1 order by 1',
    ['stray'],
  );
  t.deepEqual(rows, [{ level: 0 }, { level: 20 }]);
});

test.serial('filing keeps the order', async (t) => {
  const ran: unknown[] = [];
  const task = {
    filed: {
      run: (n: unknown) => {
        ran.push(n);
        return null;
      },
    },
  };
  const first = await startWorker(t, database, task);
  await first.worker.stop();
  for (const [n, priority] of [0, 0, 5, 10, 0].entries()) await unfiled('filed', n, priority);
  const { start, event } = setUp(t, database, task, { concurrency: 1 });
  await start();
  await event('completed', () => ran.length === 5);
  t.deepEqual(ran, [3, 2, 0, 1, 4]);
});

test.serial(
  'unfiled jobs that somebody holds neither stop the others nor keep the worker busy',
  async (t) => {
    const { enqueue, ended, worker } = await startWorker(t, database, {
      free: { run: (n: unknown) => n },
    });
    const holder = await database.connect();
    const held = await unfiled('free', 'held');
    await holder.query('begin');
    const { rowCount } = await holder.query('select from pgsched.job where id = $1 for update', [
      held,
    ]);
    t.is(rowCount, 1);
    t.is(await (await enqueue('free', 'other')).result(), 'other');
    const commits = async () =>
      Number(
        (
          await database.pool.query(
            'select xact_commit as n from pg_stat_database where datname = current_database()',
          )
        ).rows[0].n,
      );
    // What was committed before may be counted late, but not again and again.
    const isQuiet = async () => {
      const before = await commits();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return (await commits()) - before < 500;
    };
    await until(isQuiet, 'the worker to be idle');
    t.is(worker.stats().running, 0);
    await holder.query('rollback');
    t.is((await ended(held)).result, 'held');
  },
);

test.serial('a priority nobody used before needs no other worker', async (t) => {
  const { enqueue } = await startWorker(t, database, { fresh: { run: (n: unknown) => n } });
  for (const priority of ['critical', -9, 21, 'low', 11] as const) {
    t.is(await (await enqueue('fresh', priority, { priority })).result(), priority);
  }
});
