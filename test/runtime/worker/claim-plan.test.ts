import test, { type ExecutionContext } from 'ava';
import { testDatabase } from '../../support/database.js';
import { type Explained, explain } from '../../support/explain.js';

const database = await testDatabase();
const tasks = Array.from({ length: 6 }, (_, i) => `task${i}`);
const backlog = 200_000;

/** Many jobs in many lanes: due ones, and as many for later before them by priority. */
async function fill(): Promise<number[]> {
  const { rows } = await database.pool.query(
    `select task from pgsched._declare($1, array_fill(1::smallint, array[24]), $1,
       array(select p::smallint from generate_series(1, 6), unnest(array[-10, 0, 10, 20]) p), array_fill(null::text, array[24]))`,
    [tasks.flatMap((name) => [name, name, name, name])],
  );
  await database.pool.query(
    `alter table pgsched.job set (autovacuum_enabled = false);
     insert into pgsched.worker (instance, host, pid) values (7, 'here', 1);
     insert into pgsched.job (id, run_at, created_at, nonce, lane, task, version, priority, args)
     select nextval('pgsched.job_id'),
            clock_timestamp() + case when n % 2 = 0 then interval '1 hour' else -interval '1 s' * (n % 1000) end,
            clock_timestamp(), 1, l.lane, l.task, 1, l.level + (n % 3), '{"some": "args"}'
       from (select lane, task, level, row_number() over (order by lane) - 1 as i, count(*) over () as lanes
               from pgsched.lane where level < 20) l,
            generate_series(1, ${backlog}) n
      where n % l.lanes = l.i`,
  );
  return [...new Set(rows.map(({ task }) => task))];
}

const numbers = await fill();

/** Many times, because a session's first plans are not its later ones. */
async function claims(t: ExecutionContext, times: number): Promise<Explained[]> {
  const client = await database.connect();
  const explained: Explained[] = [];
  for (let i = 0; i < times; i++) {
    explained.push(
      await explain(
        client,
        'select * from pgsched._claim(7, $1, $2, $3, null, array[]::integer[], 5, 20, true)',
        [i + 1, numbers, numbers.map(() => 1)],
      ),
    );
  }
  const { rows } = await database.pool.query(
    'select count(*)::int as n from pgsched.job where fence between 1 and $1',
    [times],
  );
  t.is(rows[0].n, times * 20, 'each claim took what it asked for');
  await database.pool.query(
    'update pgsched.job set fence = null, instance = null where fence is not null',
  );
  return explained;
}

function checkPlans(t: ExecutionContext, explained: readonly Explained[], buffers: number): void {
  for (const { nodes, buffers: used } of explained) {
    const reads = nodes.filter(
      (node) => node['Relation Name'] === 'job' && /Scan/.test(node['Node Type']),
    );
    t.true(reads.length > 0);
    for (const node of reads) {
      const how = `${node['Node Type']} ${node['Index Name'] ?? ''}`.trim();
      t.true(['Index Scan job_claim', 'Index Only Scan job_claim', 'Tid Scan'].includes(how), how);
      t.true(node['Actual Rows'] <= 20, `${how}: ${node['Actual Rows']} rows`);
    }
    for (const node of nodes.filter((node) => /Sort/.test(node['Node Type']))) {
      t.true(node['Actual Rows'] <= 200, `${node['Actual Rows']} rows sorted`);
    }
    t.true(used < buffers, `${used} pages`);
  }
}

test.serial(
  'without statistics a claim reads its jobs from the claim index, and nothing else',
  async (t) => {
    checkPlans(t, await claims(t, 8), 3_000);
  },
);

test.serial('with statistics, too', async (t) => {
  await database.pool.query('analyze');
  checkPlans(t, await claims(t, 8), 3_000);
});

test.serial('with statistics of an empty table, too', async (t) => {
  await database.pool.query('create table kept as select * from pgsched.job');
  await database.pool.query('truncate pgsched.job');
  await database.pool.query('analyze pgsched.job');
  await database.pool.query('insert into pgsched.job select * from kept');
  checkPlans(t, await claims(t, 8), 3_000);
});
