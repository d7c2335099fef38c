import test from 'ava';
import { testDatabase } from '../support/database.js';
import { rows } from '../support/sql.js';

const database = await testDatabase();
const { pool } = database;

const available =
  (await rows(pool, `select from pg_available_extensions where name = 'plpgsql_check'`)).length > 0;
const checked = available ? test.serial : test.serial.skip;
const title = available
  ? ''
  : ' (the server has no plpgsql_check: Debian’s postgresql-15-plpgsql-check)';

interface Finding {
  readonly function: string;
  readonly line: number | null;
  readonly level: string;
  readonly message: string;
  readonly statement: string | null;
  readonly detail: string | null;
  readonly query: string | null;
}

checked(`plpgsql_check finds nothing in any function${title}`, async (t) => {
  await pool.query('create extension plpgsql_check');
  const findings = await rows<Finding>(
    pool,
    `select p.oid::regprocedure::text as function, c.lineno as line, c.level, c.message, c.statement, c.detail, c.query
       from pg_proc p
       join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
      cross join lateral plpgsql_check_function_tb(p.oid, fatal_errors => false, other_warnings => true,
              extra_warnings => true, performance_warnings => true, security_warnings => true) c
      where p.pronamespace = 'pgsched'::regnamespace
      order by 1, 2`,
  );
  t.deepEqual(findings, []);
});

checked(`a wrong column in a function would be found${title}`, async (t) => {
  await pool.query(
    `create function pgsched.broken() returns void language plpgsql as $$ begin perform j.nothing from pgsched.job j; end $$`,
  );
  const found = await rows<Finding>(
    pool,
    `select level, message from plpgsql_check_function_tb('pgsched.broken()')`,
  );
  t.deepEqual(found, [{ level: 'error', message: 'column j.nothing does not exist' }] as never);
  await pool.query('drop function pgsched.broken()');
});

test('every function in SQL is what PostgreSQL itself has checked when it was made', async (t) => {
  const { rows: found } = await pool.query(
    `select p.proname from pg_proc p join pg_language l on l.oid = p.prolang
      where p.pronamespace = 'pgsched'::regnamespace and l.lanname not in ('plpgsql', 'sql')`,
  );
  t.deepEqual(found, []);
  t.is((await pool.query('show check_function_bodies')).rows[0].check_function_bodies, 'on');
});
