import test from 'ava';
import { crashTables, crashTasks } from '../../support/crash-tasks.js';
import { testDatabase } from '../../support/database.js';
import { quick, spawnWorker } from '../../support/spawn-worker.js';
import { until } from '../../support/until.js';
import { setUp } from '../../support/worker.js';

const database = await testDatabase();
await database.pool.query(crashTables);

async function runs(job: string): Promise<{ attempt: number; pid: number; ended: boolean }[]> {
  const { rows } = await database.pool.query(
    'select attempt, pid, ended_at is not null as ended from run_log where job = $1 order by run',
    [job],
  );
  return rows;
}

test.serial("a killed worker's jobs come back, and lose no attempt", async (t) => {
  const { enqueueMany, ended, row } = setUp(t, database, crashTasks);
  const first = await spawnWorker(t, database.url, { concurrency: 3 });
  const jobs = await enqueueMany('log', Array(6).fill({ ms: 700 }));
  await until(async () => (await runs(jobs[2]?.id as string)).length === 1, 'three runs');
  await first.signal('SIGKILL');
  t.like(await row(jobs[0]?.id as string), { status: 'running', attempt: 1 });

  const second = await spawnWorker(t, database.url);
  await second.event('rescued');
  for (const { id } of jobs) {
    const { status, attempt, rescues, result } = await ended(id);
    t.deepEqual([status, attempt, rescues, result], ['completed', 1, 0, second.pid]);
  }
});

test.serial('a rescued job is suspect, and its start is on record before it runs', async (t) => {
  const { enqueue, row, ended } = setUp(t, database, crashTasks);
  const { id } = await enqueue('log', { ms: 800 });
  const first = await spawnWorker(t, database.url);
  await until(async () => (await runs(id)).length === 1, 'the first run');
  t.like(await row(id), { suspect: false });
  await first.signal('SIGKILL');

  await spawnWorker(t, database.url);
  await until(async () => (await runs(id)).length === 2, 'the second run');
  const { rows } = await database.pool.query('select suspect, started from pgsched.job');
  t.deepEqual(rows, [{ suspect: true, started: true }]);
  t.is((await ended(id)).status, 'completed');
});

test.serial(
  'a job that kills its worker fails after maxRescues; its neighbours are completed',
  async (t) => {
    const { enqueue, enqueueMany, ended } = setUp(t, database, crashTasks);
    const before = await enqueueMany('log', Array(4).fill({ ms: 50 }));
    const poison = await enqueue('die', {});
    const after = await enqueueMany('log', Array(200).fill({}));
    let deaths = 0;
    for (let failed = false; !failed; ) {
      const worker = await spawnWorker(t, database.url, { maxRescues: 2, concurrency: 5 });
      await Promise.race([worker.exited, ended(poison.id)]);
      const { rowCount } = await database.pool.query(
        `select from pgsched.job_archive where id = $1 and status = 'failed'`,
        [poison.id],
      );
      failed = rowCount === 1;
      if (!failed) deaths += 1;
      if (deaths > 3) break;
      if (failed) {
        for (const { id } of [...before, ...after]) {
          t.like(await ended(id), { status: 'completed', attempt: 1 });
        }
      }
    }
    // The first death is free: nobody knew then who was running.
    t.is(deaths, 3);
    const { error, rescues } = await ended(poison.id);
    t.like(error, { name: 'WorkerLost', code: 'PGS4004' });
    t.is(rescues, 2);
  },
);

test.serial('a healthy job that takes many leases runs once', async (t) => {
  const { enqueue, ended } = setUp(t, database, crashTasks);
  const lease = 2_000;
  const [, watcher] = await Promise.all([
    spawnWorker(t, database.url, { beat: 100, lease, concurrency: 1 }),
    spawnWorker(t, database.url, { beat: 100, lease, concurrency: 1 }),
  ]);
  const { id } = await enqueue('log', { ms: 4 * lease });
  t.is((await ended(id)).attempt, 1);
  t.is((await runs(id)).length, 1);
  t.false(watcher.events.some(({ type }) => type === 'rescued'));
});

test.serial('a worker that was taken for dead goes on under another number', async (t) => {
  const { enqueue, worker, event, events, start } = setUp(
    t,
    database,
    { echo: { run: (n: unknown) => n } },
    quick,
  );
  await start();
  for (let round = 1; round <= 3; round++) {
    await database.pool.query('delete from pgsched.worker');
    await event('warning', () => deadWarnings() === round);
    t.is(await (await enqueue('echo', round)).result(), round);
  }
  function deadWarnings(): number {
    return events.filter((event) => event.type === 'warning' && /for dead/.test(event.message))
      .length;
  }
  t.is(deadWarnings(), 3);
  await worker.stop();
  const { rowCount } = await database.pool.query('select from pgsched.worker where pid = $1', [
    process.pid,
  ]);
  t.is(rowCount, 0, 'no row is left behind');
});

test.serial(
  'two workers and a kill -9 lose no job of 10,000, and run none twice at the same time',
  async (t) => {
    const { enqueueMany } = setUp(t, database, crashTasks);
    await database.pool.query('truncate run_log');
    const jobs = await enqueueMany('log', Array(10_000).fill({}));
    const first = await spawnWorker(t, database.url);
    await spawnWorker(t, database.url);
    await until(async () => (await count('select from run_log')) > 2_000, 'some runs');
    await first.signal('SIGKILL');
    t.true((await count('select from run_log')) < 10_000, 'killed in the middle');
    await spawnWorker(t, database.url);

    await until(
      async () => (await count('select from pgsched.job')) === 0,
      'the end of all',
      60_000,
    );
    const ids = jobs.map(({ id }) => id);
    t.is(
      await count(
        `select from pgsched.job_archive where id = any($1) and status = 'completed' and attempt = 1`,
        ids,
      ),
      10_000,
    );
    t.is(
      await count(
        'select from unnest($1::bigint[]) id where id not in (select job from run_log where ended_at is not null)',
        ids,
      ),
      0,
    );
    // A run of the killed process ended with it, whatever it had written down by then.
    t.is(
      await count(
        `select from run_log a join run_log b on b.job = a.job and b.run > a.run
        where a.pid <> ${first.pid} and (a.ended_at is null or b.started_at < a.ended_at)`,
      ),
      0,
    );

    async function count(query: string, values?: unknown): Promise<number> {
      const text = query.replace(/^select from/, 'select count(*)::int as n from');
      const { rows } = await database.pool.query(text, values === undefined ? [] : [values]);
      return rows[0].n;
    }
  },
);
