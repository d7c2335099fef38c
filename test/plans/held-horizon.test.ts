import test from 'ava';
import type pg from 'pg';
import { testDatabase } from '../support/database.js';
import { explain } from '../support/explain.js';

const database = await testDatabase();
const { pool } = database;
const { rows } = await pool.query(
  `select task from pgsched._declare('{held}', '{1}', '{held}', '{0}', '{null}')`,
);
const task: number = rows[0].task;
await pool.query(`insert into pgsched.worker (instance, host, pid) values (7, 'here', 1)`);

const backlog = 20_000;
const batch = 500;

test.serial(
  'while a reader keeps vacuum from the dead entries of what was claimed, a claim reads as few pages as before',
  async (t) => {
    const client = await database.connect();
    await fill();
    const reader = await database.connect();
    await reader.query('begin isolation level repeatable read');
    await reader.query('select count(*) from pgsched.job');
    t.teardown(() => reader.query('rollback'));

    let position: string | null = null;
    const pages: number[] = [];
    for (let drained = 0; drained < backlog - 4 * batch; drained += batch) {
      if (drained === 2 * batch) pages.push(await pagesOf(client, position));
      position = await work(client, position);
    }
    pages.push(await pagesOf(client, position));
    const [early, late] = pages as [number, number];
    const blind = await pagesOf(client, null);
    t.log(
      `${early} pages after 1,000 jobs, ${late} after ${backlog - 4 * batch}; ${blind} without a mark`,
    );
    t.true(late < early * 1.25);
    t.true(blind > late + 200, 'there was something to read past');
  },
);

test.serial(
  'a job that commits long after others of its time is found below the mark, within about a second',
  async (t) => {
    await pool.query('delete from pgsched.job');
    const client = await database.connect();
    const early = await database.connect();
    await early.query('begin');
    const { rows: added } = await early.query(`select id from pgsched.enqueue('held')`);
    await fill();
    let position: string | null = null;
    for (let drained = 0; drained < backlog; drained += batch) {
      position = await work(client, position);
    }
    t.deepEqual((await claim(client, position)).ids, [], 'nothing else is left');
    await early.query('commit');
    const committedAt = performance.now();
    for (let ids: string[] = []; ids.length === 0; ) {
      ({ ids, position } = await claim(client, position));
      if (ids.length > 0) t.deepEqual(ids, [added[0].id]);
      t.true(performance.now() - committedAt < 5_000);
    }
  },
);

test.serial('a job that comes back to its old place is found below the mark', async (t) => {
  await pool.query('delete from pgsched.job');
  const client = await database.connect();
  await fill();
  const first = await claim(client, null);
  const id = first.ids[0] as string;
  let { position } = first;
  for (let n = 0; n < 3; n++) position = await work(client, position);
  await pool.query(
    `select from pgsched._settle(array[$1::bigint], array[$2::bigint], '{release}', null, null, null, null)`,
    [id, first.fence],
  );
  t.is((await claim(client, position)).ids[0], id);
});

async function fill(): Promise<void> {
  for (let n = 0; n < backlog; n += 5_000) {
    await pool.query(
      `select count(*) from pgsched.enqueue_many(array(
         select row('held', null, null, null, null, null, null, null, null)::pgsched.new_job from generate_series(1, 5000)))`,
    );
  }
}

interface Claimed {
  readonly ids: string[];
  readonly fence: string;
  readonly position: string | null;
}

const text = `select id, next_position from pgsched._claim(7, $1, array[${task}], '{1}', null, '{}', ${batch}, ${batch}, true, $2)`;
let lastFence = 0;

async function claim(client: pg.Client, position: string | null): Promise<Claimed> {
  lastFence += 1;
  const fence = String(lastFence);
  const answer = await client.query(text, [fence, position]);
  const last = answer.rows.pop();
  return { ids: answer.rows.map(({ id }) => id), fence, position: last?.next_position ?? null };
}

/** Claims a batch and ends it; where to look from next. */
async function work(client: pg.Client, from: string | null): Promise<string | null> {
  const { ids, fence, position } = await claim(client, from);
  await client.query(
    'select from pgsched._settle($1::bigint[], array_fill($2::bigint, array[cardinality($1::bigint[])]), null, null, null, null, null, 50)',
    [ids, fence],
  );
  return position;
}

/** Pages that a claim of one batch looks at. What it claims stays claimed. */
async function pagesOf(client: pg.Client, position: string | null): Promise<number> {
  lastFence += 1;
  return (await explain(client, text, [String(lastFence), position])).buffers;
}
