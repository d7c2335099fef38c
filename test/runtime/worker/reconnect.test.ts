import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import pg from 'pg';
import { startEmbedded } from '../../../cli/embedded.js';
import type { Job } from '../../../runtime/worker/types.js';
import { migrate } from '../../../schema/migrate.js';
import { testDatabase } from '../../support/database.js';
import { startProxy } from '../../support/proxy.js';
import { quick } from '../../support/spawn-worker.js';
import { gate, until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();

/** Ends every connection of workers and clients to this file's database. */
async function killConnections(): Promise<number> {
  const { rowCount } = await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'pgsched' and pid <> pg_backend_pid()`,
  );
  return rowCount ?? 0;
}

test.serial('an idle worker whose connections are killed works on', async (t) => {
  const { enqueue } = await startWorker(t, database, { idle: { run: (n: unknown) => n } });
  t.is(await (await enqueue('idle', 1)).result(), 1);
  t.true((await killConnections()) >= 3, 'claims, beat and listener at least');
  t.is(await (await enqueue('idle', 2)).result(), 2);
});

test.serial('a job that runs while its worker’s connections are killed runs once', async (t) => {
  const finish = gate();
  const starts: number[] = [];
  const { enqueue, worker, row } = await startWorker(t, database, {
    steady: {
      run: async (_: unknown, { attempt }: Job) => {
        starts.push(attempt);
        await finish.opened;
        return 'done';
      },
    },
  });
  const job = await enqueue('steady', {});
  await until(() => worker.stats().running === 1, 'the run');
  await killConnections();
  finish.open();
  t.is(await job.result(), 'done');
  t.deepEqual(starts, [1]);
  t.like(await row(job.id), { status: 'completed', attempt: 1 });
});

test.serial(
  'while connections are killed again and again, no job is lost and none runs twice',
  async (t) => {
    const runs = new Map<unknown, number>();
    const { enqueueMany, worker } = await startWorker(t, database, {
      shaken: {
        run: async (n: unknown) => {
          runs.set(n, (runs.get(n) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, 1));
          return null;
        },
      },
    });
    await enqueueMany('shaken', [...Array(3_000).keys()]);
    for (let kills = 0; kills < 5; kills++) {
      const before = worker.stats().completed;
      await until(() => worker.stats().completed > before || runs.size === 3_000, 'progress');
      await killConnections();
    }
    await until(async () => {
      const { rows } = await database.pool.query('select count(*)::int as n from pgsched.job');
      return rows[0].n === 0;
    }, 'the end of all');
    t.is(runs.size, 3_000);
    t.deepEqual(
      [...runs].filter(([, count]) => count !== 1),
      [],
    );
  },
);

test.serial('a claim whose answer was lost with its connection is given back', async (t) => {
  const proxy = await startProxy(database.url);
  t.teardown(() => proxy.close());
  const runs: number[] = [];
  const { enqueue, row } = await startWorker(
    t,
    database,
    {
      astray: {
        run: (_: unknown, { attempt }: Job) => {
          runs.push(attempt);
          return 'found';
        },
      },
    },
    { connectionString: proxy.url },
  );
  const cut = proxy.cutAnswerWith('only the claim carries this');
  const job = await enqueue('astray', 'only the claim carries this');
  await cut;
  t.is(await job.result({ timeout: 10_000 }), 'found');
  t.deepEqual(runs, [1]);
  t.is((await row(job.id)).attempt, 1);
});

test.serial('a settlement whose answer was lost is not taken for a lost lease', async (t) => {
  const proxy = await startProxy(database.url);
  t.teardown(() => proxy.close());
  const finish = gate();
  const { enqueue, event, events, worker, row } = await startWorker(
    t,
    database,
    { silent: { run: () => finish.opened.then(() => 'done') } },
    // Seldom enough for the settle's answer to be the next that is empty.
    { connectionString: proxy.url, poll: { min: '10m', max: '10m' }, beat: '1m', lease: '10m' },
  );
  const { id } = await enqueue('silent', {});
  await until(() => worker.stats().running === 1, 'the run');
  // The settle of one job answers no rows: its command tag is all that is there to cut.
  const cut = proxy.cutAnswerWith('SELECT 0');
  finish.open();
  await cut;
  await event('completed', (event) => event.id === id);
  t.is((await row(id)).result, 'done');
  t.false(events.some(({ type }) => type === 'leaseLost'));
});

test.serial(
  'an outage longer than the lease rescues nobody’s job, and all work on after it',
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'pgsched-outage-'));
    const server = await startEmbedded({ directory, persistent: true });
    t.teardown(async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    });
    const pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => {});
    t.teardown(() => pool.end());
    const client = await pool.connect();
    await migrate(client as unknown as pg.Client);
    client.release();

    const finish = gate();
    const tasks = { outlast: { run: () => finish.opened.then(() => 'outlasted') } };
    const where = { url: server.url, pool };
    const one = await startWorker(t, where, tasks, quick);
    const other = await startWorker(t, where, tasks, quick);
    const job = await one.enqueue('outlast', {});
    await until(() => one.worker.stats().running + other.worker.stats().running === 1, 'the run');

    await server.stop();
    await one.event('warning', ({ message }) => /has not answered the heartbeat/.test(message));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await startEmbedded({ directory, persistent: true });
    finish.open();
    t.is((await one.ended(job.id)).status, 'completed');
    const { attempt, rescues } = await one.row(job.id);
    t.deepEqual([attempt, rescues], [1, 0]);
    for (const { events } of [one, other]) {
      t.false(events.some(({ type }) => type === 'rescued' || type === 'failed'));
    }
    t.is((await (await other.enqueue('outlast', {})).result()) as string, 'outlasted');
  },
);

test.serial(
  'what a worker holds starts after an outage in which its last run has ended',
  async (t) => {
    const proxy = await startProxy(database.url);
    t.teardown(() => proxy.close());
    const finish = gate();
    const { enqueue, worker, ended } = await startWorker(
      t,
      database,
      { held: { run: (n: unknown) => (n === 100 ? finish.opened.then(() => n) : n) } },
      { concurrency: 1, connectionString: proxy.url },
    );
    const jobs = await Promise.all(Array.from({ length: 130 }, (_, n) => enqueue('held', n)));
    await until(() => worker.stats().completed === 100 && worker.stats().buffered > 0, 'the gate');
    proxy.cut({ refuse: true });
    await until(() => proxy.open === 0, 'the outage');
    finish.open();
    await until(() => worker.stats().running === 0, 'the end of the run');
    proxy.mend();
    for (const { id } of jobs) t.is((await ended(id)).status, 'completed');
  },
);

test.serial('a worker stops in good time while its database is away', async (t) => {
  const proxy = await startProxy(database.url);
  const finish = gate();
  const { enqueue, worker } = setUp(
    t,
    database,
    { adrift: { run: () => finish.opened } },
    { connectionString: proxy.url },
  );
  await worker.start();
  await enqueue('adrift', {});
  await until(() => worker.stats().running === 1, 'the run');
  await proxy.close();
  finish.open();
  const begun = performance.now();
  await worker.stop({ drain: 500 });
  t.is(worker.state, 'stopped');
  t.true(performance.now() - begun < 12_000);
});
