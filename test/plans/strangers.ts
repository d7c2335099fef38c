import type { Client, Pool } from 'pg';
import { declare, row } from '../support/sql.js';

/** Numbers and versions of the task whose jobs are claimed: `mine`. */
export interface Mine {
  readonly task: number;
}

/**
 * A queue whose head is other people's: of each kind as many due jobs, older and of a higher priority than those of `mine`:
 * of other topics of the same task, of other tasks, of a paused task, of a payload version that nobody knows. And a tenth as
 * many that consumers hold.
 */
export async function fill(pool: Pool, strangers: number, mine: number): Promise<Mine> {
  await declare(pool, { mine: { topic: 'mine.own' }, paused: {}, held: {} });
  for (let i = 0; i < 10; i++) {
    await declare(pool, {
      [`foreign${i}`]: { priority: 20 },
      mine: { topic: `mine.other${i}`, priority: 20 },
    });
  }
  await declare(pool, {
    paused: { priority: 20 },
    mine: { version: 9, topic: 'mine.own', priority: 20 },
  });
  await pool.query(`update pgsched.task set paused = true where name = 'paused'`);
  await pool.query(
    `insert into pgsched.worker (instance, host, pid) values (7, 'here', 1) on conflict do nothing`,
  );
  await insert(pool, strangers / 4, `t.name ~ '^foreign'`);
  await insert(pool, strangers / 4, `l.topic ~ '^mine.other'`);
  await insert(pool, strangers / 4, `t.name = 'paused'`);
  await insert(pool, strangers / 4, `l.version = 9`);
  await insert(pool, strangers / 10, `t.name = 'held'`);
  await pool.query(
    `update pgsched.job set fence = 1, instance = 0, attempt = 1, deadline = clock_timestamp() + interval '1 h', claimed_at = clock_timestamp()
      where task = (select task from pgsched.task where name = 'held')`,
  );
  await insert(pool, mine, `l.topic = 'mine.own' and l.version = 1`, '1 s', 0);
  await pool.query('vacuum analyze pgsched.job');
  return row(pool, `select task from pgsched.task where name = 'mine'`);
}

async function insert(
  pool: Pool,
  count: number,
  lanes: string,
  ago = '1 day',
  priority = 20,
): Promise<void> {
  await pool.query(
    `insert into pgsched.job (id, run_at, created_at, nonce, lane, task, version, priority, args)
     select nextval('pgsched.job_id'), clock_timestamp() - interval '${ago}' + n * interval '1 us', clock_timestamp(),
            1, l.lane, l.task, l.version, ${priority}, '{"some": "args"}'
       from generate_series(1, ${Math.floor(count)}) n
       join (select l.*, row_number() over (order by l.lane) - 1 as i, count(*) over () as lanes
               from pgsched.lane l join pgsched.task t on t.task = l.task where ${lanes}) l on n % l.lanes = l.i`,
  );
}

/** Gives back what the last claims took. */
export async function giveBack(client: Pool | Client, { task }: Mine): Promise<void> {
  await client.query(
    `update pgsched.job set fence = null, instance = null, deadline = null, attempt = 0 where task = $1 and fence is not null`,
    [task],
  );
  await client.query('vacuum pgsched.job');
}

/** What is measured: one claim of twenty jobs, each way. */
export const claims: Readonly<Record<string, (mine: Mine) => [text: string, values: unknown[]]>> = {
  'a worker of the task': ({ task }) => [
    `select * from pgsched._claim(7, 5, array[$1::int], '{1}', array[pgsched._topic_regex('mine.own')], '{}', 5, 20, true)`,
    [task],
  ],
  'claim by SQL': () => [`select * from pgsched.claim(20, array['mine'])`, []],
  'claim_topic by SQL': () => [`select * from pgsched.claim_topic('*.own', 20)`, []],
};
