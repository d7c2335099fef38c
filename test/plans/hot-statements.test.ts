import test, { type ExecutionContext } from 'ava';
import { testDatabase } from '../support/database.js';
import { explain, type PlanNode } from '../support/explain.js';
import { fill, hotStatements } from './hot-statements.js';

const backlog = 1_000_000;
/** Of a claim of 500: what it takes, once more where it looks ahead. */
const mostRows = 1_000;
/** A claim of 500 reads its index, locks, moves and indexes each row: about ten pages a job. */
const mostPages = 6_500;
const large = /^job(_key|_archive.*)?$/;

const database = await testDatabase();
const owner = await database.connect();
// Statistics of a moment when every job was held, by one worker and in one lane; and never again.
await owner.query(`
  alter table pgsched.job set (autovacuum_enabled = off);
  alter table pgsched.job_key set (autovacuum_enabled = off);
  insert into pgsched.job (id, run_at, created_at, nonce, lane, task, version, priority, fence, instance)
  select -n, now(), now(), 1, 1, 1, 1, 0, 5, 7 from generate_series(1, 20000) n;
  analyze pgsched.job; analyze pgsched.job_key; analyze pgsched.job_archive;
  delete from pgsched.job`);
await fill(owner, backlog);
const statements = await hotStatements();

/** Every statement, several times on a connection of its own, because a session's first plans are not its later ones. */
async function checkPlans(t: ExecutionContext, setting = 'select 1', except = /^$/): Promise<void> {
  const client = await database.connect();
  await client.query(setting);
  for (const [name, { text, values }] of statements) {
    if (except.test(name)) continue;
    for (let n = 0; n < 2; n++) {
      await client.query('begin');
      const { nodes, buffers } = await explain(client, text, values);
      await client.query('rollback');
      for (const node of nodes) checkNode(t, name, node);
      t.true(buffers <= mostPages, `${name}: ${buffers} pages`);
    }
  }
}

function checkNode(t: ExecutionContext, name: string, node: PlanNode): void {
  const { 'Node Type': type, 'Relation Name': relation = '', 'Index Name': index = '' } = node;
  const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  const what = `${name}: ${type} ${relation} ${index}, ${rows} rows`;
  if (/Sort/.test(type) || (large.test(relation) && /Scan/.test(type))) {
    t.true(rows <= mostRows, what);
  }
  // Of a partition that is empty the planner sees that it is.
  if (type === 'Seq Scan' && large.test(relation)) t.is(rows, 0, what);
}

test.serial(
  'with the statistics of another day every hot statement keeps to its index',
  async (t) => {
    await checkPlans(t);
  },
);

test.serial('with fresh statistics, too', async (t) => {
  await owner.query('analyze pgsched.job; analyze pgsched.job_key; analyze pgsched.job_archive');
  await checkPlans(t);
});

test.serial('with generic plans, too', async (t) => {
  await checkPlans(t, 'set plan_cache_mode = force_generic_plan');
});

test.serial('with plans for each call, too', async (t) => {
  await checkPlans(t, 'set plan_cache_mode = force_custom_plan');
});

test.serial('and with a fifth of the rows dead', async (t) => {
  await owner.query('update pgsched.job set headers = null where id % 5 = 0');
  await checkPlans(t);
});

test.serial(
  'and when all but a few rows are dead, which somebody’s snapshot keeps, and statistics say that there are none',
  async (t) => {
    await owner.query('create table few as select * from pgsched.job where id <= 500');
    await owner.query('create table few_keys as select * from pgsched.job_key where job <= 500');
    const reader = await database.connect();
    await reader.query('begin isolation level repeatable read; select count(*) from pgsched.lane');
    await owner.query('delete from pgsched.job; delete from pgsched.job_key');
    await owner.query('vacuum analyze pgsched.job, pgsched.job_key');
    await owner.query('insert into pgsched.job select * from few');
    await owner.query('insert into pgsched.job_key select * from few_keys');
    // What looks for pending jobs reads past the dead ones: a claim once, and then from its mark on.
    await checkPlans(t, 'select 1', /^(claim|idle|file|waiting strangers)/);
  },
);
