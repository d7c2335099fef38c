/** What pgjobs does in SQL, done here; and what goes wrong there, and does not here. */
import test from 'ava';
import { testDatabase } from '../support/database.js';
import { readJob, startWorker } from '../support/worker.js';
import { type Claimed, declare, sqlLayer } from './support.js';

const database = await testDatabase();
const { pool } = database;
const { enqueue, claim, claimTopic, ack, nack } = sqlLayer(pool);

const soon = { kind: 'list', delays: [0], jitter: 0 } as const;

/** The claimed jobs' deadlines are over. */
async function runOut(...jobs: readonly Claimed[]): Promise<void> {
  await pool.query(
    `update pgsched.job set deadline = clock_timestamp() - interval '1 s' where id = any($1)`,
    [jobs.map(({ id }) => id)],
  );
}

test.serial('publish, consume, ack: the job moves to the archive with its result', async (t) => {
  await declare(database, { round: {} });
  const { id, outcome } = await enqueue(`'round', '{"n": 1}'`);
  t.is(outcome, 'created');
  const [job, ...others] = await claim(10, 'round');
  t.deepEqual(others, []);
  t.like(job, { id, task: 'round', args: { n: 1 }, attempt: 1 });
  t.true(await ack(job as Claimed, { ok: true }));
  t.like(await readJob(pool, id), { status: 'completed', result: { ok: true } });
  t.deepEqual(await claim(10, 'round'), []);
});

test.serial('NULL in an argument is the task’s default, in bulk too', async (t) => {
  await declare(database, {
    nulls: { timeout: 1_234_000, maxAttempts: 2, priority: 7, backoff: soon },
  });
  await enqueue(`'nulls', null, null, null, null, null, null, null, null, null`);
  await pool.query(
    `select pgsched.enqueue_many(array[
       row('nulls', null, null, null, null, null, null, null, null)::pgsched.new_job,
       row('nulls', '{}', null, null, 3, null, null, null, null)::pgsched.new_job])`,
  );
  for (const attempt of [1, 2]) {
    const jobs = await claim(10, 'nulls');
    t.deepEqual(
      jobs.map((job) => [job.attempt, job.priority]),
      [
        [attempt, 7],
        [attempt, 7],
        [attempt, 3],
      ],
    );
    for (const job of jobs) {
      const within = job.deadline.getTime() - Date.now();
      t.true(within > 1_200_000 && within < 1_240_000, 'the timeout of the task');
      t.is(await nack(job, 'no'), attempt === 1 ? 'retry' : 'failed');
    }
  }
  t.deepEqual(await claim(10, 'nulls'), []);
});

test.serial('a publish is of the caller’s transaction', async (t) => {
  await declare(database, { within: {} });
  const connection = await database.connect();
  await connection.query('begin');
  await sqlLayer(connection).enqueue(`'within'`);
  t.deepEqual(await claim(1, 'within'), [], 'not before the commit');
  await connection.query('rollback');
  t.deepEqual(await claim(1, 'within'), [], 'never after a rollback');
  await connection.query('begin');
  const { id } = await sqlLayer(connection).enqueue(`'within'`);
  await connection.query('commit');
  const [job] = await claim(1, 'within');
  t.is(job?.id, id);
  await ack(job as Claimed);
});

test.serial('a trigger publishes: of the rows that are committed, and no others', async (t) => {
  const { enqueue: _, ended } = await startWorker(t, database, {
    welcome: { run: ({ name }: { name: string }) => `Welcome, ${name}!` },
  });
  await pool.query(`
    create table person (name text);
    create function greet() returns trigger language plpgsql as $$
    begin
      perform pgsched.enqueue('welcome', jsonb_build_object('name', new.name));
      return new;
    end $$;
    create trigger greet after insert on person for each row execute function greet()`);
  await pool.query(`insert into person values ('Ada')`);
  await pool.query(`begin; insert into person values ('Bob'); rollback`);
  const { rows } = await pool.query(`select id from pgsched.all_jobs where task = 'welcome'`);
  t.is(rows.length, 1);
  t.like(await ended(rows[0].id), { status: 'completed', result: 'Welcome, Ada!' });
});

test.serial('consume gives at most n, greater priorities first, then the oldest', async (t) => {
  await declare(database, { ordered: {} });
  for (const [n, priority] of [5, null, -1, 5, 0].entries()) {
    await enqueue(`'ordered', $1, priority => $2::smallint`, n, priority);
  }
  await enqueue(`'ordered', '9', now() + interval '1 day', priority => 99::smallint`);
  const taken: unknown[] = [];
  for (let round = 0; round < 3; round++) {
    const jobs = await claim(2, 'ordered');
    t.is(jobs.length, round < 2 ? 2 : 1);
    for (const job of jobs) {
      taken.push(job.args);
      await ack(job);
    }
  }
  // Without a priority: the task's, which is 0. What is for tomorrow waits, however urgent.
  t.deepEqual(taken, [0, 3, 1, 4, 2]);
});

test.serial(
  'a topic’s wildcard stands between dots, and % and _ are ordinary characters',
  async (t) => {
    await declare(database, { routed: {} });
    const topics = ['shop.a_b', 'shop.aXb', 'shop.eu.mail', 'shop', 'shopping.cart', 'shop.%'];
    for (const topic of topics) await enqueue(`'routed', topic => $1`, topic);

    const claimed = async (pattern: string): Promise<string[]> => {
      const connection = await database.connect();
      await connection.query('begin');
      const jobs = await sqlLayer(connection).claimTopic(pattern, 10);
      await connection.query('rollback');
      return jobs.map(({ topic }) => topic).sort();
    };
    t.deepEqual(await claimed('shop.a_b'), ['shop.a_b']);
    t.deepEqual(await claimed('shop.%'), ['shop.%']);
    t.deepEqual(await claimed('shop'), ['shop']);
    t.deepEqual(await claimed('shop.*'), ['shop.%', 'shop.aXb', 'shop.a_b']);
    t.deepEqual(await claimed('shop.**'), [
      'shop',
      'shop.%',
      'shop.aXb',
      'shop.a_b',
      'shop.eu.mail',
    ]);
  },
);

test.serial('what a topic claim gives is the job as it is claimed, not as it was', async (t) => {
  await declare(database, { fresh: {} });
  const { id } = await enqueue(`'fresh', topic => 'fresh.one'`);
  const [job] = await claimTopic('fresh.*', 1);
  t.like(job, { id, attempt: 1, topic: 'fresh.one' });
  const { rows } = await pool.query(
    'select fence, attempt, deadline, claimed_at is not null as claimed from pgsched.job where id = $1',
    [id],
  );
  t.deepEqual(rows, [{ fence: job?.fence, attempt: 1, deadline: job?.deadline, claimed: true }]);
  await ack(job as Claimed);
});

test.serial('a job that is due is due in every time zone', async (t) => {
  await declare(database, { zoned: {} });
  for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati']) {
    const connection = await database.connect();
    await connection.query(`set time zone '${zone}'`);
    const local = sqlLayer(connection);
    const due = await local.enqueue(`'zoned', run_at => $1`, new Date(Date.now() - 1_000));
    await local.enqueue(`'zoned', run_at => $1`, new Date(Date.now() + 3_600_000));
    await local.enqueue(`'zoned', delay => '1 hour'`);
    const jobs = await local.claim(10, 'zoned');
    t.deepEqual(
      jobs.map(({ id }) => id),
      [due.id],
      zone,
    );
    t.true(await local.ack(jobs[0] as Claimed));
  }
});

test.serial('nack runs the job again after its backoff, or when it is told to', async (t) => {
  await declare(database, {
    again: { backoff: { kind: 'linear', base: 3_000, max: 100_000_000, jitter: 0 } },
  });
  const { id } = await enqueue(`'again'`);
  const [first] = await claim(1, 'again');
  t.is(await nack(first as Claimed, 'once'), 'retry');
  const { due_in, failures } = await readJob(pool, id);
  t.true(due_in > 1_500 && due_in <= 3_000, `${due_in}`);
  t.like(failures?.[0], { message: 'once', attempt: 1 });

  await pool.query('update pgsched.job set run_at = clock_timestamp() where id = $1', [id]);
  const [second] = await claim(1, 'again');
  t.is(await nack(second as Claimed, 'twice', new Date(Date.now() + 7_200_000)), 'retry');
  const told = await readJob(pool, id);
  t.true(told.due_in > 7_190_000 && told.due_in <= 7_200_000, `${told.due_in}`);
});

for (const runs of [1, 3]) {
  test.serial(
    `maxAttempts ${runs} is ${runs} in all; then the job has failed, with what was said`,
    async (t) => {
      const task = `attempts${runs}`;
      await declare(database, { [task]: { maxAttempts: runs, backoff: soon } });
      const { id } = await enqueue('$1', task);
      const outcomes: unknown[] = [];
      for (let attempt = 1; attempt <= runs; attempt++) {
        const [job] = (await claim(1, task)) as [Claimed];
        outcomes.push(await nack(job, `run ${job.attempt}`));
      }
      t.deepEqual(outcomes, [...Array(runs - 1).fill('retry'), 'failed']);
      t.like(await readJob(pool, id), {
        status: 'failed',
        attempt: runs,
        error: { message: `run ${runs}` },
      });
    },
  );
}

test.serial(
  'who has lost a job can neither ack nor nack it, and whoever has it now can',
  async (t) => {
    await declare(database, { contested: { backoff: soon } });
    const { id } = await enqueue(`'contested'`);
    const [late] = (await claim(1, 'contested')) as [Claimed];
    await runOut(late);
    // The sweep is at the start of a claim; the job that it gives back is due at once, and claimed by this one or the next.
    const [now] = [...(await claim(1, 'contested')), ...(await claim(1, 'contested'))] as [Claimed];
    t.is(now.id, id);
    t.not(now.fence, late.fence);
    t.false(await ack(late, 'late'));
    t.is(await nack(late, 'late'), null);
    t.like(await readJob(pool, id), { status: 'running', attempt: 2 });
    t.true(await ack(now, 'in time'));
    t.false(await ack(late, 'late'));
    t.like(await readJob(pool, id), { status: 'completed', result: 'in time' });
  },
);

test.serial(
  'ack of what was never claimed, or has run out, says false and raises nothing',
  async (t) => {
    await declare(database, { unclaimed: {} });
    const { id } = await enqueue(`'unclaimed'`);
    t.false(await ack({ id, fence: '1' }));
    t.false(await ack({ id: '999999999', fence: '1' }));
    t.is(await nack({ id, fence: '1' }), null);
    t.like(await readJob(pool, id), { status: 'pending', attempt: 0 });
  },
);

for (const [what, maxAttempts, status] of [
  ['an attempt', 3, 'pending'],
  ['the last attempt', 1, 'failed'],
] as const) {
  test.serial(
    `${what} that ran out is counted once, and no error, however many sweep it at once`,
    async (t) => {
      const task = `swept${maxAttempts}`;
      await declare(database, {
        [task]: { maxAttempts, backoff: { kind: 'list', delays: [3_600_000], jitter: 0 } },
      });
      const { id } = await enqueue('$1', task);
      const [job] = (await claim(1, task)) as [Claimed];
      await runOut(job);
      const sweepers = await Promise.all(Array.from({ length: 4 }, () => database.connect()));
      // The first holds the row until the others have looked.
      await sweepers[0]?.query('begin');
      for (const sweeper of sweepers) t.deepEqual(await sqlLayer(sweeper).claim(1, task), []);
      await sweepers[0]?.query('commit');
      await Promise.all(sweepers.map((sweeper) => sqlLayer(sweeper).claim(1, task)));
      const row = await readJob(pool, id);
      t.like(row, { status, attempt: 1 });
      t.is(row.failures?.length ?? 0, maxAttempts === 1 ? 0 : 1);
      t.like(maxAttempts === 1 ? row.error : row.failures?.[0], { name: 'TimedOut' });
    },
  );
}

test.serial('the views show each job once, as it stands', async (t) => {
  await declare(database, { viewed: { maxAttempts: 1 } });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) ids.push((await enqueue(`'viewed', $1`, i)).id);
  const expired = await enqueue(`'viewed', start_within => '1 minute'`);
  await pool.query(`update pgsched.job set run_at = run_at - interval '1 hour' where id = $1`, [
    expired.id,
  ]);
  const jobs = await claim(3, 'viewed');
  await ack(jobs[0] as Claimed);
  await nack(jobs[1] as Claimed, 'no');
  const { rows } = await pool.query(
    `select id, status::text from pgsched.all_jobs where task = 'viewed' order by id`,
  );
  t.deepEqual(
    rows.map(({ status }) => status),
    ['completed', 'failed', 'running', 'pending', 'expired'],
  );
  const running = await pool.query(`select id from pgsched.running_jobs where task = 'viewed'`);
  t.deepEqual(running.rows, [{ id: ids[2] }]);
  const late = await pool.query(`select id from pgsched.expired_jobs where task = 'viewed'`);
  t.deepEqual(late.rows, [{ id: expired.id }]);
  const stats = await pool.query(
    `select due::int, scheduled::int, running::int from pgsched.queue_stats where task = 'viewed'`,
  );
  t.deepEqual(stats.rows, [{ due: 1, scheduled: 0, running: 1 }]);
});
