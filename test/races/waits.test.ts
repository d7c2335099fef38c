import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import type pg from 'pg';
import { freeKeys } from '../../queries/maintenance.queries.js';
import { Statements } from '../../runtime/database/statements.js';
import { testDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const database = await testDatabase();
const { pool } = database;
const contract = JSON.stringify({ topic: 'waits', keyScope: 'active' });
const { rows: declared } = await pool.query(
  `select task from pgsched._declare('{waits}', '{1}', '{waits}', '{0}', $1)`,
  [[contract]],
);
const task: number = declared[0].task;
await pool.query(`insert into pgsched.worker (instance, host, pid) values (7, 'here', 1)`);

const open: pg.Client[] = [];
test.afterEach.always(async () => {
  for (const client of open.splice(0)) await client.query('rollback').catch(() => {});
});

test.beforeEach(async () => {
  await pool.query('delete from pgsched.job; delete from pgsched.job_key');
});

interface Answer {
  readonly id: string;
  readonly outcome: string;
}

async function enqueue(client: pg.ClientBase | pg.Pool, options: object = {}): Promise<Answer> {
  const names = Object.keys(options);
  const args = names.map((name, i) => `, ${name} => $${i + 1}`).join('');
  const { rows } = await client.query(
    `select id::text, outcome from pgsched.enqueue('waits'${args})`,
    Object.values(options),
  );
  return rows[0];
}

async function claim(client: pg.ClientBase | pg.Pool, n: number): Promise<string[]> {
  const { rows } = await client.query(
    `select c.id::text from pgsched._claim(7, (random() * 9e15)::bigint, array[${task}], '{1}', null, '{}', $1, $1, true) c where c.id is not null`,
    [n],
  );
  return rows.map(({ id }) => id);
}

/** A connection in a transaction, which gives up waiting soon, and is rolled back after the test. */
async function begin(how = ''): Promise<pg.Client> {
  const client = await database.connect();
  open.push(client);
  await client.query(`begin ${how}; set local lock_timeout = '2s'`);
  return client;
}

/** Until this connection waits for a lock. */
async function waits(client: pg.Client): Promise<void> {
  const { processID } = client as unknown as { processID: number };
  await until(async () => {
    const { rows } = await pool.query(
      `select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`,
      [processID],
    );
    return rows.length > 0;
  }, 'the wait for a lock');
}

test.serial('a job that ends while a replace waits for it: the call is the new job', async (t) => {
  const first = await enqueue(pool, { key: 'k' });
  const [held] = await claim(pool, 1);
  t.is(held, first.id);
  const settling = await begin();
  await settling.query('select from pgsched.job where id = $1 for update', [first.id]);
  const replacing = await database.connect();
  const answer = enqueue(replacing, { key: 'k', on_conflict: 'replace' });
  await waits(replacing);
  await settling.query(
    `select from pgsched._settle(array[$1::bigint], array(select fence from pgsched.job where id = $1), '{completed}', '{1}', '{null}', '{null}', '{1000}')`,
    [first.id],
  );
  await settling.query('commit');
  const { id, outcome } = await answer;
  t.is(outcome, 'created');
  t.not(id, first.id);
  const { rows } = await pool.query('select id::text from pgsched.job');
  t.deepEqual(rows, [{ id }], 'it is there');
});

test.serial(
  'a job that is cancelled while a replace waits for it: the call is the new job',
  async (t) => {
    const first = await enqueue(pool, { key: 'k' });
    const cancelling = await begin();
    await cancelling.query('select from pgsched.job where id = $1 for update', [first.id]);
    const replacing = await database.connect();
    const answer = enqueue(replacing, { key: 'k', on_conflict: 'replace' });
    await waits(replacing);
    await cancelling.query('select pgsched.cancel($1)', [first.id]);
    await cancelling.query('commit');
    t.is((await answer).outcome, 'created');
    t.is((await pool.query('select from pgsched.job')).rowCount, 1);
  },
);

test.serial('a job that is claimed while a replace waits for it is not replaced', async (t) => {
  const first = await enqueue(pool, { key: 'k' });
  const claiming = await begin();
  t.deepEqual(await claim(claiming, 1), [first.id]);
  const replacing = await database.connect();
  const answer = enqueue(replacing, { key: 'k', on_conflict: 'replace' });
  await waits(replacing);
  await claiming.query('commit');
  t.deepEqual(await answer, { id: first.id, outcome: 'duplicate' });
});

test.serial(
  'keys that retention frees: the worker waits for no transaction that takes one over',
  async (t) => {
    await pool.query(
      `insert into pgsched.job_key (task, key, job, nonce, history, free_at)
     select $1, k, 1, 1, true, clock_timestamp() - interval '1 s' from unnest('{taken,other}'::text[]) k`,
      [task],
    );
    const user = await begin();
    t.is((await enqueue(user, { key: 'taken' })).outcome, 'created');
    const worker = await begin();
    await new Statements('pgsched').on(worker)(freeKeys, undefined);
    await worker.query('commit');
    t.deepEqual((await pool.query('select key from pgsched.job_key')).rows, [{ key: 'taken' }]);
    await user.query('rollback');
    await new Statements('pgsched').on(pool)(freeKeys, undefined);
    t.is((await pool.query('select from pgsched.job_key')).rowCount, 0);
  },
);

for (const isolation of ['read committed', 'serializable']) {
  test.serial(
    `${isolation} transactions that are the first to use a topic or priority wait for nobody`,
    async (t) => {
      const topic = `new.${isolation.replace(' ', '')}`;
      const one = await begin(`isolation level ${isolation}`);
      const other = await begin(`isolation level ${isolation}`);
      await enqueue(one, { topic, priority: 10 });
      await enqueue(other, { topic: `${topic}.too`, priority: -10 });
      await enqueue(one, { topic: `${topic}.too`, priority: -10 });
      await enqueue(other, { topic, priority: 10 });
      await one.query('commit');
      await other.query('commit');
      await pool.query('select pgsched._file(100)');
      t.is((await claim(pool, 10)).length, 4);
    },
  );
}

test.serial('the third claimer at the same time gets its share', async (t) => {
  await Promise.all(Array.from({ length: 90 }, () => enqueue(pool)));
  const claimers = [await begin(), await begin(), await begin()];
  const taken: string[][] = [];
  for (const claimer of claimers) taken.push(await claim(claimer, 30));
  t.deepEqual(
    taken.map((ids) => ids.length),
    [30, 30, 30],
  );
  t.is(new Set(taken.flat()).size, 90);
  for (const claimer of claimers) await claimer.query('commit');
});

test.serial(
  'a claim that died before its commit has taken nothing, and the jobs keep their place',
  async (t) => {
    const first = await enqueue(pool);
    const second = await enqueue(pool);
    const dying = await begin();
    t.deepEqual(await claim(dying, 1), [first.id]);
    const { processID } = dying as unknown as { processID: number };
    await pool.query('select pg_terminate_backend($1)', [processID]);
    await until(async () => {
      const { rows } = await pool.query('select from pg_stat_activity where pid = $1', [processID]);
      return rows.length === 0;
    }, 'its end');
    t.deepEqual(await claim(pool, 2), [first.id, second.id]);
  },
);

test.serial(
  'a job enqueued long before its commit is claimed in its old place when it comes',
  async (t) => {
    const early = await begin();
    const first = await enqueue(early);
    await delay(5);
    await enqueue(pool);
    const third = await enqueue(pool);
    t.is((await claim(pool, 1)).length, 1, 'others have gone past');
    await early.query('commit');
    t.deepEqual(await claim(pool, 2), [first.id, third.id]);
  },
);

test.serial('either the sleeper sees the job, or its commit wakes the sleeper', async (t) => {
  const listener = await database.connect();
  const heard: string[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
  const { rows } = await pool.query('select pgsched._channel() as channel');
  await listener.query(`listen "${rows[0].channel}"`);
  const idle = 'select look_again from pgsched._idle(7, 60000)';

  // The sleeper looks while the job is not committed; who commits asks after that whether somebody sleeps.
  await pool.query(`update pgsched.worker set wakeable_until = '-infinity'`);
  const user = await begin();
  await user.query(
    `select from pgsched._enqueue('{900001}', 1, null, array[${task}], '{1}', '{waits}', '{null}', '{0}', null, null, '{f}', '{raise}', null, null, '{0}', null, null, null, false)`,
  );
  t.deepEqual(
    (await pool.query(idle)).rows,
    [{ look_again: true }],
    'it says that it will sleep, and looks once more',
  );
  t.deepEqual(await claim(pool, 1), []);
  await user.query('commit');
  await pool.query(`select pgsched._wake(array[${task}])`);
  await until(() => heard.includes(`work ${task}`), 'the word');

  // The commit comes first, and nobody was to be woken: the second look finds it.
  heard.length = 0;
  await pool.query(
    `delete from pgsched.job; update pgsched.worker set wakeable_until = '-infinity'`,
  );
  await enqueue(pool);
  t.true((await pool.query(idle)).rows[0].look_again);
  t.is((await claim(pool, 1)).length, 1);
  t.deepEqual(heard, []);
});

test.serial(
  'a settle passes a row that somebody holds, ends the others, and says which',
  async (t) => {
    const jobs = [await enqueue(pool), await enqueue(pool), await enqueue(pool)];
    await claim(pool, 3);
    const reader = await begin();
    await reader.query('select from pgsched.job where id = $1 for update', [jobs[1]?.id]);
    const { rows } = await pool.query(
      `select job::text, exception from pgsched._settle(array(select id from pgsched.job order by id), array(select fence from pgsched.job order by id),
       '{completed,completed,completed}', '{1,1,1}', '{null,null,null}', '{null,null,null}', '{1000,1000,1000}')`,
    );
    t.deepEqual(rows, [{ job: jobs[1]?.id, exception: 'busy' }]);
    t.is((await pool.query('select from pgsched.job')).rowCount, 1);
    await reader.query('rollback');
  },
);

test.serial('a rescue passes a row that somebody holds, and comes back for it', async (t) => {
  const [first] = [await enqueue(pool), await enqueue(pool)];
  await claim(pool, 2);
  await pool.query('update pgsched.job set instance = 8');
  const settling = await begin();
  await settling.query('select from pgsched.job where id = $1 for update', [first?.id]);
  const rescue = `select rescued::int from pgsched._rescue(100, '{}', '{}', 1000, '{}')`;
  t.deepEqual((await pool.query(rescue)).rows, [{ rescued: 1 }]);
  await settling.query('rollback');
  t.deepEqual((await pool.query(rescue)).rows, [{ rescued: 1 }]);
});

test.serial('a worker is removed before or after a claim of its, never between', async (t) => {
  await enqueue(pool);
  await pool.query(`insert into pgsched.worker (instance, host, pid) values (9, 'here', 1)`);
  const claiming = await begin();
  const taken = await claiming.query(
    `select c.id from pgsched._claim(9, 1, array[${task}], '{1}', null, '{}', 1, 1, true) c where c.id is not null`,
  );
  t.is(taken.rowCount, 1);
  const removing = await database.connect();
  const removed = removing.query('delete from pgsched.worker where instance = 9');
  await waits(removing);
  await claiming.query('commit');
  await removed;
  const { rows } = await pool.query(
    `select rescued::int from pgsched._rescue(100, '{}', '{}', 1000, '{}')`,
  );
  t.deepEqual(rows, [{ rescued: 1 }], 'what it claimed is found');
  const late = await pool.query(
    `select from pgsched._claim(9, 2, array[${task}], '{1}', null, '{}', 1, 1, true)`,
  );
  t.is(late.rowCount, 0, 'no row, no claim');
});
