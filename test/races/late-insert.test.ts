import test from 'ava';
import type pg from 'pg';
import { sweepRepeats } from '../../queries/maintenance.queries.js';
import { Statements } from '../../runtime/database/statements.js';
import { testDatabase } from '../support/database.js';
import { ack, claimOne, declare, row, rows } from '../support/sql.js';
import { until } from '../support/until.js';

// A client loses its connection, repeats its insert under the same id, and only then does the server come to the first one.

const database = await testDatabase();
const { pool } = database;
await declare(pool, { late: {} });
const { task } = await row<{ task: number }>(pool, 'select task from pgsched.task');
let id = 900_000;

for (const key of [null, 'k']) {
  const kind = key === null ? 'without a key' : 'with a key';

  test.serial(
    `the first insert, ${kind}, after its repeat and the job’s end: nothing`,
    async (t) => {
      id += 1;
      await insert(pool, key, true);
      await ack(pool, await claimOne(pool, 'late'));
      await insert(pool, key, false);
      t.deepEqual(await statuses(), ['completed']);
      t.deepEqual(await rows(pool, 'select key from pgsched.job_key'), [], 'and its key is free');
    },
  );
}

test.serial('the same where the first insert was under way meanwhile', async (t) => {
  id += 1;
  await pool.query(`
    create or replace function stall() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock(1); return null; end $$;
    create or replace trigger stall before insert on pgsched.job for each statement
      when (current_setting('application_name') = 'slow') execute function stall()`);
  const gate = await database.connect();
  await gate.query('select pg_advisory_lock(1)');
  const slow = await database.connect({ application_name: 'slow' });
  const first = insert(slow, null, false);
  await until(
    async () =>
      (
        await rows(
          pool,
          `select from pg_stat_activity where application_name = 'slow' and wait_event = 'advisory'`,
        )
      ).length,
    'the first insert',
  );
  await insert(pool, null, true);
  await ack(pool, await claimOne(pool, 'late'));
  await gate.query('select pg_advisory_unlock(1)');
  await first;
  t.deepEqual(await statuses(), ['completed']);
});

test.serial(
  'a first insert that replaces, after its repeat: who holds the key now stays as it is',
  async (t) => {
    id += 1;
    const early = id;
    await insert(pool, 'k', true, 'replace');
    await ack(pool, await claimOne(pool, 'late'));
    id += 1;
    await insert(pool, 'k', false, 'raise', 'new');
    await insert(pool, 'k', false, 'replace', 'old', early);
    const { args } = await row<{ args: unknown }>(
      pool,
      'select args from pgsched.job where id = $1',
      [id],
    );
    t.is(args, 'new');
  },
);

test.serial('what was repeated is forgotten after an hour, not before', async (t) => {
  await pool.query(
    `insert into pgsched.repeated_insert (id, at)
     values (1, clock_timestamp() - interval '59 min'), (2, clock_timestamp() - interval '61 min')`,
  );
  await new Statements('pgsched').on(pool)(sweepRepeats, undefined);
  t.deepEqual(await rows(pool, 'select id from pgsched.repeated_insert where id < 3'), [
    { id: '1' },
  ]);
});

async function insert(
  on: pg.Pool | pg.Client,
  key: string | null,
  repeat: boolean,
  conflict = 'raise',
  args = 'any',
  job = id,
): Promise<void> {
  await on.query(
    `select from pgsched._enqueue(array[$1::bigint], 1, null, array[$2::int], '{1}', '{late}', '{null}', '{0}', null, null,
       '{f}', array[$5::text], array[to_json($6::text)::text], null, '{0}', null,
       case when $3::text is not null then array[$3::text] end, null, $4)`,
    [job, task, key, repeat, conflict, args],
  );
}

async function statuses(): Promise<string[]> {
  const found = await rows<{ status: string }>(
    pool,
    'select status from pgsched.all_jobs where id = $1',
    [id],
  );
  return found.map(({ status }) => status);
}
