import test from 'ava';
import { testDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { startWorker } from '../../support/worker.js';

const database = await testDatabase();
const tasks = { echo: { run: (n: unknown) => n } };

async function partitions(): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'pgsched.job_archive'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

function day(ahead: number): string {
  const date = new Date(Date.now() + ahead * 86_400_000);
  return `job_archive_${date.toISOString().slice(0, 10).replaceAll('-', '')}`;
}

async function dropDays(): Promise<void> {
  for (const name of await partitions()) {
    if (/\d$/.test(name)) await database.pool.query(`drop table pgsched.${name}`);
  }
}

test.serial('a worker sees to the partitions of the week ahead', async (t) => {
  await dropDays();
  await startWorker(t, database, tasks);
  // Of what ends today and is kept for up to seven days, and so for each of the next seven days.
  await until(async () => (await partitions()).includes(day(14)), 'the last day');
  const names = await partitions();
  for (let ahead = 0; ahead <= 14; ahead++) t.true(names.includes(day(ahead)), day(ahead));
});

test.serial('a settle that meets no partition makes it', async (t) => {
  const { enqueue, events } = await startWorker(t, database, tasks);
  t.is(await (await enqueue('echo', 1)).result(), 1);
  await dropDays();
  const job = await enqueue('echo', 2);
  t.is(await job.result(), 2);
  t.false(events.some(({ type }) => type === 'error'));
});

test.serial('partitions whose day is over are dropped', async (t) => {
  await database.pool.query(`select pgsched._add_archive_days('{2020-01-01,2020-01-02}')`);
  t.true((await partitions()).includes('job_archive_20200101'));
  await startWorker(t, database, tasks);
  await until(async () => !(await partitions()).some((name) => name.includes('_2020')), 'the drop');
  t.true((await partitions()).includes('job_archive_infinity'));
});

test.serial(
  'a reader in an old partition holds up neither settles nor claims, only the drop',
  async (t) => {
    await database.pool.query(`select pgsched._add_archive_days('{2020-01-03}')`);
    const reader = await database.connect();
    await reader.query('begin');
    await reader.query('select count(*) from pgsched.job_archive');
    const first = await startWorker(t, database, tasks);
    for (let n = 0; n < 20; n++) {
      t.is(await (await first.enqueue('echo', n)).result({ timeout: 10_000 }), n);
    }
    await first.worker.stop();
    const still = async (): Promise<boolean> =>
      (
        await database.pool.query(
          `select to_regclass('pgsched.job_archive_20200103') is not null as still`,
        )
      ).rows[0].still;
    t.true(await still());
    await reader.query('commit');

    await startWorker(t, database, tasks);
    await until(async () => !(await still()), 'the drop');
    t.pass();
  },
);
