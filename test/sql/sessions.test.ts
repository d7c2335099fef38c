import test from 'ava';
import { testDatabase } from '../support/database.js';
import { ack, claimOne, declare, enqueue, nack, row, secondsOfRun } from '../support/sql.js';

const database = await testDatabase();
const { pool } = database;

const sessions: Record<string, string> = {
  UTC: `set timezone = 'UTC'`,
  'New York': `set timezone = 'America/New_York'`,
  'India, whose abbreviation means Israel, with German dates': `set timezone = 'Asia/Kolkata'; set datestyle = 'German, DMY'`,
  'Kiritimati with SQL dates': `set timezone = 'Pacific/Kiritimati'; set datestyle = 'SQL, DMY'; set intervalstyle = 'sql_standard'`,
  'an offset of its own': `set timezone = '<X>-05:45'; set datestyle = 'Postgres, MDY'; set extra_float_digits = -15`,
  'an empty search path': `set search_path = ''`,
  'old-fashioned strings and loose nulls': `set standard_conforming_strings = off; set transform_null_equals = on; set bytea_output = 'escape'; set xmloption = document`,
  'a lazy planner': `set plan_cache_mode = force_generic_plan; set enable_indexscan = off; set enable_nestloop = off; set jit_above_cost = 0`,
};

let number = 0;
for (const [title, settings] of Object.entries(sessions)) {
  test.serial(`a job’s life is the same in a session of ${title}`, async (t) => {
    const task = `task${++number}`;
    const client = await database.connect();
    await client.query(settings);
    await declare(client, { [task]: { maxAttempts: 2, startWithin: 60_000, key: '{id}' } });

    // Due a second ago, whatever the clock on the wall says.
    const { id } = await enqueue(
      client,
      `'${task}', '{"id": 1.0}', run_at => clock_timestamp() - interval '1 s'`,
    );
    t.is((await enqueue(client, `'${task}', '{"id": 1}'`)).outcome, 'duplicate');
    const first = await claimOne(client, task);
    t.is(first.id, id);
    t.is(await secondsOfRun(pool, id), 60);
    t.is(await nack(client, first, 'again', new Date(Date.now() - 1_000).toISOString()), 'retry');
    const { failures } = await row<{ failures: { at: string }[] }>(
      pool,
      'select failures from pgsched.all_jobs where id = $1',
      [id],
    );
    t.regex(failures[0]?.at ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    t.true(Math.abs(Date.parse(failures[0]?.at ?? '') - Date.now()) < 60_000);
    t.true(await ack(client, await claimOne(client, task), { done: true }));

    const later = await enqueue(client, `'${task}', '{"id": 2}', delay => '1 day 02:00:00'`);
    t.like(
      await row(
        pool,
        'select extract(epoch from run_at - created_at)::int as s from pgsched.all_jobs where id = $1',
        [later.id],
      ),
      { s: 93_600 },
    );
  });
}

test.serial('days of the archive begin at midnight UTC, whoever adds them', async (t) => {
  for (const settings of Object.values(sessions)) {
    const client = await database.connect();
    await client.query(settings);
    await client.query(`select pgsched._add_archive_days(array[date '2031-03-30' + $1::int])`, [
      ++number,
    ]);
  }
  const { rows } = await pool.query(
    `select right(c.relname, 8) as day, pg_get_expr(c.relpartbound, c.oid) as bounds
       from pg_class c where c.relkind = 'r' and c.relname ~ '^job_archive_2031'`,
  );
  t.is(rows.length, Object.keys(sessions).length);
  const reader = await database.connect();
  await reader.query(`set timezone = 'UTC'`);
  for (const { day } of rows) {
    const { rows: found } = await reader.query(
      `select pg_get_expr(relpartbound, oid) as bounds from pg_class where relname = 'job_archive_' || $1`,
      [day],
    );
    const from = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)} 00:00:00+00`;
    t.true(found[0].bounds.startsWith(`FOR VALUES FROM ('${from}')`), found[0].bounds);
  }
});
