import test from 'ava';
import { testDatabase } from '../support/database.js';
import { fourProcesses } from './support/race.js';
import type { Leg } from './support/racer.js';

const database = await testDatabase();
const { pool } = database;
const race = await fourProcesses(database.url);

const contract = JSON.stringify({
  topic: 'raced',
  maxAttempts: 2,
  timeout: 60_000,
  backoff: { kind: 'list', delays: [0], jitter: 0 },
});
const { rows: declared } = await pool.query(
  `select task from pgsched._declare('{raced}', '{1}', '{raced}', '{0}', $1)`,
  [[contract]],
);
const task: number = declared[0].task;

test.beforeEach(async () => {
  await pool.query(`
    delete from pgsched.job; delete from pgsched.job_archive; delete from pgsched.job_key; delete from pgsched.worker;
    insert into pgsched.worker (instance, host, pid) select i, 'here', 1 from generate_series(1, 4) i`);
});

/** Jobs of one task, each with the key that `key` makes of its number from 1. */
async function enqueue(count: number, key = 'null::text'): Promise<string[]> {
  const { rows } = await pool.query(
    `select m.id::text from pgsched.enqueue_many(array(
       select row('raced', to_jsonb(n), null, null, null, null, ${key}, null, null)::pgsched.new_job
         from generate_series(1, ${count}) n)) m`,
  );
  return rows.map(({ id }) => id);
}

const claim = (instance: number, n: number): Leg => ({
  text: `select c.id::text, c.attempt from pgsched._claim($1, (random() * 9e15)::bigint, array[${task}], '{1}', null, '{}', $2, $2, true) c where c.id is not null`,
  values: [instance, n],
});

async function claimAll(instance: number): Promise<{ id: string; fence: string }[]> {
  await pool.query(claim(instance, 10_000));
  const { rows } = await pool.query(
    'select id::text, fence::text from pgsched.job where instance = $1 order by id',
    [instance],
  );
  return rows;
}

async function one(query: string): Promise<unknown> {
  const { rows } = await pool.query({ text: query, rowMode: 'array' });
  return rows[0];
}

function times(count: number, leg: Leg): Leg[] {
  return Array(count).fill(leg);
}

test.serial('the same jobs: each is claimed once, and none is passed over by all', async (t) => {
  const jobs = await enqueue(2_000);
  const claimed = await race([1, 2, 3, 4].map((instance) => times(80, claim(instance, 10))));
  const ids = claimed.flat().map(({ id }) => id);
  t.is(ids.length, jobs.length);
  t.is(new Set(ids).size, jobs.length);
  t.true(
    claimed.every((rows) => rows.length > 0),
    'all four took part',
  );
  t.deepEqual(
    await one('select min(attempt), max(attempt), count(distinct instance)::int from pgsched.job'),
    [1, 1, 4],
  );
});

test.serial('the same dead worker: each of its jobs comes back or fails once', async (t) => {
  await enqueue(1_000);
  await claimAll(1);
  await pool.query('update pgsched.job set start_recorded = true where id % 4 = 0');
  await pool.query('update pgsched.job set rescues = 2 where id % 8 = 0');
  await pool.query('delete from pgsched.worker where instance = 1');
  const rescue = {
    text: `select rescued::int, failed from pgsched._rescue(50, array[${task}], '{3}', 1000, '{"name":"WorkerLost"}')`,
    values: [],
  };
  const answers = (await race(Array(4).fill(times(40, rescue)))).flat();
  t.is(
    answers.reduce((sum, { rescued }) => sum + rescued, 0),
    875,
  );
  t.is(
    answers.reduce((sum, { failed }) => sum + failed, 0),
    125,
  );
  t.deepEqual(
    await one(
      'select count(*)::int, max(attempt), sum(rescues)::int from pgsched.job where fence is null',
    ),
    [875, 0, 125],
  );
  t.deepEqual(
    await one(
      `select count(*)::int, count(distinct id)::int, max(rescues) from pgsched.job_archive where status = 'failed'`,
    ),
    [125, 125, 3],
  );
});

test.serial(
  'the same cancel: one is told that it ended a waiting job, and none waits for another',
  async (t) => {
    const running = await enqueue(200);
    await claimAll(1);
    const waiting = await enqueue(200);
    const all = [...running, ...waiting];
    const cancel = (ids: string[]): Leg => ({
      text: 'select c.job::text as id, c.outcome from pgsched._cancel($1, array_fill(null::int, array[cardinality($1::bigint[])]), 1000) c',
      values: [ids],
    });
    const inTens = (ids: string[]): Leg[] =>
      ids.flatMap((_, i) => (i % 10 === 0 ? [cancel(ids.slice(i, i + 10))] : []));
    const backwards = [...all].reverse();
    const answers = (
      await race([inTens(all), inTens(backwards), inTens(all), inTens(backwards)])
    ).flat();
    const ended = answers.filter(({ outcome }) => outcome === 'cancelled').map(({ id }) => id);
    t.deepEqual(ended.sort(), [...waiting].sort());
    t.is(answers.length - ended.length, 4 * running.length, 'who runs is asked by each');
    t.deepEqual(
      await one(
        `select count(*)::int, count(distinct id)::int from pgsched.job_archive where status = 'cancelled'`,
      ),
      [200, 200],
    );
  },
);

test.serial(
  'the same deadline: a run that nobody acknowledged fails once, whoever sweeps',
  async (t) => {
    await enqueue(400);
    await pool.query(`select from pgsched.claim(400, '{raced}')`);
    await pool.query(
      `update pgsched.job set deadline = clock_timestamp() - interval '1 s', attempt = 1 + id % 2`,
    );
    const sweep = { text: 'select pgsched._sweep(20) as swept', values: [] };
    const answers = (await race(Array(4).fill(times(40, sweep)))).flat();
    t.is(
      answers.reduce((sum, { swept }) => sum + swept, 0),
      400,
    );
    t.deepEqual(
      await one(
        `select count(*)::int, max(jsonb_array_length(failures)) from pgsched.job where fence is null and attempt = 1`,
      ),
      [200, 1],
    );
    t.deepEqual(
      await one(
        `select count(*)::int, count(distinct id)::int from pgsched.job_archive where status = 'failed' and attempt = 2`,
      ),
      [200, 200],
    );
  },
);

test.serial(
  'the same redrive: each job comes back once, and of those with one key one',
  async (t) => {
    const free = await enqueue(200);
    const keyed: string[] = [];
    for (let n = 0; n < 5; n++) {
      keyed.push(...(await enqueue(20, `'k' || n`)));
      await claimAll(1);
      await pool.query(
        `select from pgsched._settle(array(select id from pgsched.job order by id), array(select fence from pgsched.job order by id),
         array_fill('failed'::text, array[(select count(*)::int from pgsched.job)]), array_fill('{}'::text, array[(select count(*)::int from pgsched.job)]),
         array_fill(null::bigint, array[(select count(*)::int from pgsched.job)]), array_fill(null::text, array[(select count(*)::int from pgsched.job)]),
         array_fill(1000::bigint, array[(select count(*)::int from pgsched.job)]))`,
      );
    }
    const all = [...free, ...keyed];
    const redrive = (ids: string[]): Leg => ({
      text: 'select r.job::text as id, r.outcome from pgsched._redrive($1, array_fill(null::int, array[cardinality($1::bigint[])])) r',
      values: [ids],
    });
    const answers = (
      await race(
        [redrive(all), redrive([...all].reverse()), redrive(all), redrive(keyed)].map((leg) => [
          leg,
        ]),
      )
    ).flat();
    const back = answers.filter(({ outcome }) => outcome === 'redriven').map(({ id }) => id);
    t.is(back.length, 220);
    t.is(new Set(back).size, 220);
    t.deepEqual(
      await one(
        'select count(*)::int, count(distinct key)::int, count(key)::int, max(attempt) from pgsched.job',
      ),
      [220, 20, 20, 0],
    );
    t.deepEqual(await one('select count(*)::int from pgsched.job_archive'), [80]);
    t.deepEqual(
      await one(
        'select count(*)::int from pgsched.job_key k join pgsched.job j on j.id = k.job and j.key = k.key',
      ),
      [20],
    );
  },
);

test.serial(
  'settle, cancel, rescue and redrive of the same jobs: each job is in one place, its key with it',
  async (t) => {
    for (let round = 0; round < 5; round++) {
      const ids = await enqueue(100, `'r${round}.' || n`);
      const held = await claimAll(1);
      await pool.query('delete from pgsched.worker where instance = 1');
      const none = held.map(() => null);
      const settle = {
        text: 'select job::text as id, exception from pgsched._settle($1, $2, $3, $4, $5, $6, $7)',
        values: [
          held.map(({ id }) => id),
          held.map(({ fence }) => fence),
          held.map(() => 'failed'),
          held.map(() => '{}'),
          none,
          none,
          held.map(() => 1_000),
        ],
      };
      const cancel = {
        text: 'select job::text as id, outcome from pgsched._cancel($1, $2, 1000)',
        values: [[...ids].reverse(), none],
      };
      const rescue = {
        text: `select rescued::int from pgsched._rescue(30, '{}', '{}', 1000, '{}')`,
        values: [],
      };
      const redrive = {
        text: 'select job::text as id, outcome from pgsched._redrive($1, $2)',
        values: [ids, none],
      };
      await race([times(3, settle), times(3, cancel), times(4, rescue), times(3, redrive)]);
      const { rows } = await pool.query(
        `select i.id, (select count(*)::int from pgsched.job j where j.id = i.id) as live,
              (select count(*)::int from pgsched.job_archive a where a.id = i.id) as ended,
              (select count(*)::int from pgsched.job_key k where k.job = i.id) as keys
         from unnest($1::bigint[]) i(id)`,
        [ids],
      );
      t.deepEqual(
        rows.filter(({ live, ended, keys }) => live + ended !== 1 || keys !== live),
        [],
      );
      await pool.query(
        `insert into pgsched.worker (instance, host, pid) values (1, 'here', 1) on conflict do nothing`,
      );
      await pool.query('delete from pgsched.job; delete from pgsched.job_key');
    }
  },
);
