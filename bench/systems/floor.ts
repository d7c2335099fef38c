import pg from 'pg';
import { Counter, type OpenSystem, type System } from './system.js';

const batch = 500;
const pollPause = 50;

/**
 * The least that a queue can do by hand: a bare table with its primary key and its claim index, an archive without
 * index, prepared statements. No order between tasks, no retries, no fence, no heartbeat, no validation, no keys.
 */
export const openFloor: OpenSystem = async (url, mode, prepared = false) => {
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  if (!prepared) await pool.query(tables);
  return {
    url,
    close: () => pool.end(),
    enqueue: (n) => insert(pool, [n]),
    enqueueMany: (numbers) => insert(pool, numbers),
    work: (onStart) => work(url, settle[mode], onStart),
    async drained() {
      return (await pool.query('select from job limit 1')).rowCount === 0;
    },
  };
};

const tables = `
  create table job (id bigint generated always as identity primary key, run_at timestamptz not null, worker bigint, args jsonb);
  create index on job (run_at, id) where worker is null;
  create table archive (id bigint, ended_at timestamptz, args jsonb);
  alter table job set (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)`;

const settle = {
  deleting: 'delete from job where id = any ($1::bigint[])',
  history: `with ended as (delete from job where id = any ($1::bigint[]) returning id, args)
            insert into archive select id, clock_timestamp(), args from ended`,
};

function insert(pool: pg.Pool, numbers: readonly number[]): Promise<unknown> {
  return pool.query({
    name: 'insert',
    text: 'insert into job (run_at, args) select clock_timestamp(), a::jsonb from unnest($1::text[]) a',
    values: [numbers.map((n) => JSON.stringify({ n }))],
  });
}

async function work(
  url: string,
  settle: string,
  onStart: (n: number) => void,
): ReturnType<System['work']> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // Without statistics the planner would read the whole backlog for each claim.
  await client.query(
    'set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off',
  );
  const ended = new Counter();
  let stopping = false;
  const looping = (async () => {
    while (!stopping) {
      const { rows } = await client.query({
        name: 'claim',
        text: `update job set worker = 1 where ctid = any (array(
                 select ctid from job where worker is null and run_at <= clock_timestamp()
                  order by run_at, id limit ${batch} for update skip locked))
               returning id, args`,
      });
      for (const { args } of rows) onStart(args.n);
      if (rows.length === 0) await new Promise((resolve) => setTimeout(resolve, pollPause));
      else {
        await client.query({
          name: 'settle',
          text: settle,
          values: [rows.map((row) => row.id)],
        });
        ended.add(rows.length);
      }
    }
  })();
  return {
    ended,
    settled: (count) => ended.reached(count),
    async stop() {
      stopping = true;
      await looping;
      await client.end();
    },
  };
}
