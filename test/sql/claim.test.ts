import test from 'ava';
import { testDatabase } from '../support/database.js';
import type { Claimed } from '../support/sql.js';
import {
  ack,
  claim,
  claimOne,
  declare,
  enqueue,
  job,
  nack,
  row,
  rows,
  secondsOfRun,
} from '../support/sql.js';
import { until } from '../support/until.js';

const database = await testDatabase();
const { pool } = database;
const none = { kind: 'list', delays: [0], jitter: 0 } as const;

/** A task of its own for each test, so that they do not claim each other's jobs. */
let tasks = 0;
async function task(contract: Parameters<typeof declare>[1][string] = {}): Promise<string> {
  const name = `task${++tasks}`;
  await declare(pool, { [name]: contract });
  return name;
}

/** As if the time of its claim were over. */
async function passDeadline({ id }: Claimed): Promise<void> {
  await pool.query(
    `update pgsched.job set deadline = clock_timestamp() - interval '1 ms' where id = $1`,
    [id],
  );
}

test.serial('a claim answers the job as it is now, with all that a consumer needs', async (t) => {
  const name = await task({ timeout: 30_000, priority: 3, backoff: none });
  const { id } = await enqueue(
    pool,
    `'${name}', '{"a": 1}', topic => 'other.topic', headers => '{"h": "1"}'`,
  );
  const found = await claimOne(pool, name);
  t.like(found, {
    id,
    task: name,
    topic: 'other.topic',
    args: { a: 1 },
    headers: { h: '1' },
    attempt: 1,
    priority: 3,
  });
  t.true(BigInt(found.fence) > 0n);
  t.like(
    await row(
      pool,
      'select round(extract(epoch from deadline - claimed_at))::int as s from pgsched.running_jobs where id = $1',
      [id],
    ),
    { s: 30 },
  );
  t.is(await nack(pool, found), 'retry');
  t.is((await claimOne(pool, name)).attempt, 2);
});

test.serial(
  'jobs come by priority, then in their order, at most as many as asked for, each to one claimer',
  async (t) => {
    const name = await task();
    for (const [n, priority] of [0, 10, 0, 10, -10].entries()) {
      await enqueue(pool, `'${name}', '${n}', priority => ${priority}`);
    }
    await enqueue(pool, `'${name}', '"later"', delay => '1 h', priority => 20`);
    const first = await claim(pool, 3, [name]);
    t.deepEqual(
      first.map(({ args }) => args),
      [1, 3, 0],
    );
    const second = await claim(pool, 10, [name]);
    t.deepEqual(
      second.map(({ args }) => args),
      [2, 4],
    );
    t.not(first[0]?.fence, second[0]?.fence);
  },
);

test.serial(
  'a consumer claims the tasks that it names, of the version that the contract has',
  async (t) => {
    const [mine, foreign] = [await task(), await task()];
    await enqueue(pool, `'${foreign}'`);
    await enqueue(pool, `'${mine}'`);
    t.deepEqual(
      (await claim(pool, 10, [mine])).map((found) => found.task),
      [mine],
    );
    await t.throwsAsync(claim(pool, 1, [mine, 'tsk0']), {
      message: `There is no task 'tsk0'.`,
      code: '22023',
    });
    await t.throwsAsync(pool.query('select pgsched.claim(1, null)'), {
      message: /tasks must be the names/,
    });
    for (const n of [0, -1, 10_001, null]) {
      await t.throwsAsync(pool.query('select pgsched.claim($1, $2)', [n, [mine]]), {
        message: /n must be from 1 to 10000/,
      });
    }
  },
);

test.serial('of a paused task or topic nothing is claimed', async (t) => {
  const name = await task();
  await enqueue(pool, `'${name}', topic => 'stopped.eu'`);
  const number = `array(select task from pgsched.task where name = '${name}')`;
  await pool.query(`select pgsched._pause(${number}, 'stopped.**', true)`);
  t.deepEqual(await claim(pool, 1, [name]), []);
  await pool.query(`select pgsched._pause(${number}, null, false)`);
  t.deepEqual(await claim(pool, 1, [name]), []);
  t.deepEqual(await rows(pool, `select * from pgsched.claim_topic('stopped.*')`), []);
  await pool.query(`select pgsched._pause('{}', 'stopped.**', false)`);
  t.is((await claim(pool, 1, [name])).length, 1);
});

test.serial(
  'a job whose enqueue commits while a claim is under way is answered if it is claimed',
  async (t) => {
    const name = await task();
    await enqueue(pool, `'${name}', '1'`);
    const [blocker, claimer, late] = [
      await database.connect(),
      await database.connect(),
      await database.connect(),
    ];
    const { pid } = await row<{ pid: number }>(claimer, 'select pg_backend_pid() as pid');
    await late.query('begin');
    await enqueue(late, `'${name}', '2'`);
    await blocker.query('begin; lock table pgsched.topic in access exclusive mode');
    const claiming = claim(claimer, 10, [name]);
    await until(
      async () =>
        (
          await rows(
            pool,
            `select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`,
            [pid],
          )
        ).length,
      'the claim to wait',
    );
    await late.query('commit');
    await blocker.query('commit');
    t.deepEqual(
      (await claiming).map(({ args }) => args),
      [1, 2],
    );
  },
);

test.serial(
  'ack completes a job with its result, once, and says so again to who asks again',
  async (t) => {
    const name = await task();
    const { id } = await enqueue(pool, `'${name}'`);
    const claimed = await claimOne(pool, name);
    t.true(await ack(pool, claimed, { sum: 3 }));
    t.like(await job(pool, id), { status: 'completed', result: { sum: 3 }, attempt: 1 });
    t.true(await ack(pool, claimed, { sum: 4 }), 'its answer was lost');
    t.like(await job(pool, id), { result: { sum: 3 } });
    t.is(await nack(pool, claimed), null);
  },
);

test.serial('without the fence of its claim nobody settles a job', async (t) => {
  const name = await task();
  const { id } = await enqueue(pool, `'${name}'`);
  const claimed = await claimOne(pool, name);
  t.false(await ack(pool, { ...claimed, fence: String(BigInt(claimed.fence) - 1n) }));
  t.is(await nack(pool, { ...claimed, fence: '0' }), null);
  t.false(await ack(pool, { ...claimed, fence: null as never }));
  t.false(await ack(pool, { ...claimed, id: '0' }));
  t.like(await job(pool, id), { status: 'running' });
});

test.serial(
  'nack fails the run: another one by the task’s backoff, until no attempt is left',
  async (t) => {
    const name = await task({
      maxAttempts: 3,
      backoff: { kind: 'linear', base: 3_000, max: 300_000, jitter: 0 },
    });
    const { id } = await enqueue(pool, `'${name}'`);
    for (const wait of [3, 6]) {
      t.is(await nack(pool, await claimOne(pool, name), `after ${wait} s`), 'retry');
      t.like(
        await row(
          pool,
          'select round(extract(epoch from run_at - clock_timestamp()))::int as s from pgsched.all_jobs where id = $1',
          [id],
        ),
        { s: wait },
      );
      await pool.query('select pgsched.reschedule($1, now())', [id]);
    }
    t.is(await nack(pool, await claimOne(pool, name), 'for good'), 'failed');
    const ended = await job(pool, id);
    t.like(ended, { status: 'failed', attempt: 3, error: { name: 'Error', message: 'for good' } });
    t.deepEqual(
      (ended['failures'] as { message: string }[]).map(({ message }) => message),
      ['after 3 s', 'after 6 s'],
    );
  },
);

test.serial('nack may say when the next run is', async (t) => {
  const name = await task();
  const { id } = await enqueue(pool, `'${name}'`);
  const claimed = await claimOne(pool, name);
  await t.throwsAsync(nack(pool, claimed, null, 'infinity'), {
    message: /run_at must be an instant/,
  });
  t.is(await nack(pool, claimed, null, new Date(Date.now() + 7_200_000).toISOString()), 'retry');
  t.like(
    await row(
      pool,
      'select round(extract(epoch from run_at - clock_timestamp()) / 60)::int as min from pgsched.all_jobs where id = $1',
      [id],
    ),
    { min: 120 },
  );
});

test.serial(
  'numbers that no contract gives never mean for ever: three runs of a minute',
  async (t) => {
    for (const contract of [
      null,
      { maxAttempts: null, timeout: null, backoff: null, startWithin: null, priority: null },
    ]) {
      const name = await task(contract as never);
      const { id } = await enqueue(pool, `'${name}'`);
      for (const became of ['retry', 'retry', 'failed']) {
        const claimed = await claimOne(pool, name);
        t.is(await secondsOfRun(pool, id), 60);
        t.is(await nack(pool, claimed, null, '2000-01-01T00:00Z'), became);
      }
    }
  },
);

test.serial(
  'a claim gives a job back whose deadline has passed; the late consumer cannot settle it',
  async (t) => {
    const name = await task({ maxAttempts: 2, backoff: none });
    const { id } = await enqueue(pool, `'${name}'`);
    const late = await claimOne(pool, name);
    await passDeadline(late);
    const next = await claimOne(pool, name);
    t.like(next, { id, attempt: 2 });
    t.false(await ack(pool, late));
    t.is(await nack(pool, late), null);
    t.like(await job(pool, id), { status: 'running' });

    await passDeadline(next);
    t.deepEqual(await claim(pool, 1, [name]), [], 'its last attempt is over');
    t.like(await job(pool, id), {
      status: 'failed',
      attempt: 2,
      error: { name: 'TimedOut', code: 'PGS4002' },
    });
    t.false(await ack(pool, next), 'the archive knows its fence, and that it failed');
    t.like(await job(pool, id), { status: 'failed', result: null });
  },
);

test.serial(
  'a sweep that ends a few begins with the earliest deadline, and of equal ones with the oldest job',
  async (t) => {
    const name = await task({ maxAttempts: 1 });
    for (let i = 0; i < 4; i++) await enqueue(pool, `'${name}'`);
    const claimed = await claim(pool, 4, [name]);
    const ids = claimed.map(({ id }) => id).sort((x, y) => Number(x) - Number(y));
    // The first two have the later deadline, and the last of all lies first in the table.
    for (const [index, age] of [
      [3, 2],
      [2, 2],
      [1, 1],
      [0, 1],
    ] as const) {
      await pool.query(
        `update pgsched.job set deadline = timestamptz '2020-01-10' - $2 * interval '1 day' where id = $1`,
        [ids[index], age],
      );
    }
    const ended: string[] = [];
    for (let i = 0; i < 4; i++) {
      await pool.query('select pgsched._sweep(1)');
      for (const id of ids) {
        if (!ended.includes(id) && (await job(pool, id))['status'] === 'failed') ended.push(id);
      }
    }
    t.deepEqual(ended, [ids[2], ids[3], ids[0], ids[1]]);
  },
);

test.serial('before its deadline nobody takes a job away', async (t) => {
  const name = await task();
  await enqueue(pool, `'${name}'`);
  const claimed = await claimOne(pool, name);
  t.deepEqual(await claim(pool, 1, [name]), []);
  t.true(await ack(pool, claimed));
});

test.serial(
  'many that sweep at the same time end each overdue run once, and none raises',
  async (t) => {
    const [lasting, last] = [
      await task({ maxAttempts: 5, backoff: none }),
      await task({ maxAttempts: 1 }),
    ];
    for (const name of [lasting, last]) {
      await pool.query(
        `select pgsched.enqueue_many(array(select row('${name}', to_jsonb(n), null, null, null, null, null, null, null)::pgsched.new_job from generate_series(1, 150) n))`,
      );
    }
    await claim(pool, 300, [lasting, last]);
    await pool.query(
      `update pgsched.job set deadline = clock_timestamp() - interval '1 ms' where instance = 0 and task in (select task from pgsched.task where name in ($1, $2))`,
      [lasting, last],
    );
    const sweepers = await Promise.all(Array.from({ length: 6 }, () => database.connect()));
    const idle = await task();
    await Promise.all(sweepers.map((sweeper) => claim(sweeper, 1, [idle])));
    const counts = (name: string) =>
      rows(
        pool,
        'select status::text, attempt, jsonb_array_length(failures) as failures, count(*)::int as n from pgsched.all_jobs where task = $1 group by 1, 2, 3',
        [name],
      );
    t.deepEqual(await counts(lasting), [{ status: 'pending', attempt: 1, failures: 1, n: 150 }]);
    t.deepEqual(await counts(last), [{ status: 'failed', attempt: 1, failures: null, n: 150 }]);
  },
);

test.serial('a job too late to start expires, and another is claimed in its place', async (t) => {
  const name = await task({ startWithin: 5_000 });
  const [stale, patient, fresh] = [
    await enqueue(pool, `'${name}', run_at => now() - interval '10 s'`),
    await enqueue(pool, `'${name}', run_at => now() - interval '10 s', start_within => '-1 s'`),
    await enqueue(pool, `'${name}'`),
  ];
  t.deepEqual(
    (await claim(pool, 2, [name])).map(({ id }) => id).sort(),
    [patient.id, fresh.id].sort(),
  );
  t.like(await job(pool, stale.id), { status: 'expired', attempt: 0 });
  t.deepEqual(await rows(pool, 'select id from pgsched.expired_jobs where task = $1', [name]), [
    { id: stale.id },
  ]);
});

test.serial('a job that has run once does not expire, however late its next run is', async (t) => {
  const name = await task({ startWithin: 5_000 });
  const { id } = await enqueue(pool, `'${name}'`);
  await nack(pool, await claimOne(pool, name), null, '2000-01-01T00:00Z');
  await pool.query(
    `update pgsched.job set run_at = run_at - interval '1 h', due_at = due_at - interval '1 h' where id = $1`,
    [id],
  );
  t.is((await claimOne(pool, name)).id, id);
});

test.serial('an ack waits for a cancel that is not committed, and heeds it', async (t) => {
  const name = await task();
  for (const end of ['rollback', 'commit'] as const) {
    const { id } = await enqueue(pool, `'${name}'`);
    const claimed = await claimOne(pool, name);
    const canceller = await database.connect();
    await canceller.query('begin');
    t.like(await row(canceller, 'select pgsched.cancel($1)', [id]), { cancel: true });
    const acking = ack(pool, claimed);
    await until(
      async () =>
        (
          await rows(
            pool,
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%ack(%'`,
          )
        ).length,
      'the ack to wait',
    );
    await canceller.query(end);
    t.is(await acking, end === 'rollback');
    t.like(await job(pool, id), { status: end === 'rollback' ? 'completed' : 'cancelled' });
  }
});

const topics: Record<string, { takes: string[]; leaves: string[] }> = {
  'pat.one': { takes: ['pat.one'], leaves: ['pat.one.x', 'pat.on', 'xpat.one'] },
  'pat.*': { takes: ['pat.one', 'pat.a_b'], leaves: ['pat', 'pat.one.x'] },
  'pat.**': { takes: ['pat', 'pat.one', 'pat.one.x'], leaves: ['patx', 'other.pat'] },
  '**.end': { takes: ['end', 'pat.end', 'a.b.end'], leaves: ['pat.end.x', 'bend'] },
  'pat.*.c': { takes: ['pat.b.c'], leaves: ['pat.c', 'pat.b.b.c'] },
  'pat.a_b': { takes: ['pat.a_b'], leaves: ['pat.aXb'] },
  'pat.a%': { takes: ['pat.a%'], leaves: ['pat.aXb', 'pat.a'] },
  'pat.a\\b': { takes: ['pat.a\\b'], leaves: ['pat.ab', 'pat.a\\\\b'] },
  'pat.\\d': { takes: ['pat.\\d'], leaves: ['pat.1', 'pat.d'] },
  'pat.[a-z]+?(x)|$': { takes: ['pat.[a-z]+?(x)|$'], leaves: ['pat.a'] },
  'pat.äß': { takes: ['pat.äß'], leaves: ['pat.ÄSS'] },
};

for (const [pattern, { takes, leaves }] of Object.entries(topics)) {
  test.serial(
    `the pattern ${pattern} takes ${takes.join(', ')}, not ${leaves.join(', ')}`,
    async (t) => {
      const name = await task();
      for (const topic of [...takes, ...leaves])
        await enqueue(pool, `'${name}', to_jsonb($1::text), topic => $1`, [topic]);
      const found = await rows<Claimed>(pool, 'select * from pgsched.claim_topic($1, 100)', [
        pattern,
      ]);
      t.deepEqual(
        found.map(({ args }) => args),
        takes,
      );
      t.deepEqual(
        found.map(({ topic }) => topic),
        takes,
      );
      for (const claimed of [...found, ...(await claim(pool, 100, [name]))])
        await ack(pool, claimed);
    },
  );
}

test.serial('what is no pattern is refused', async (t) => {
  for (const pattern of ['', '.', 'a..b', 'a.', '.a', 'a b', 'a*', '***', null]) {
    await t.throwsAsync(pool.query('select pgsched.claim_topic($1)', [pattern]), {
      message: /A pattern is a topic/,
    });
  }
});

test.serial(
  'where no worker ever runs, jobs of undeclared topics are claimed, and the archive has room for days to come',
  async (t) => {
    const name = await task();
    const { id } = await enqueue(pool, `'${name}', topic => 'never.declared', priority => 99`);
    t.is((await claimOne(pool, name)).id, id);

    await pool.query(
      `do $$ declare p regclass; begin
       for p in select inhrelid::regclass from pg_inherits where inhparent = 'pgsched.job_archive'::regclass
                 and right(inhrelid::regclass::text, 8) > to_char(clock_timestamp() at time zone 'UTC' + interval '3 days', 'YYYYMMDD')
                 and inhrelid::regclass::text ~ '\\d{8}$' loop
         execute format('drop table %s', p);
       end loop; end $$`,
    );
    const last = await task({ maxAttempts: 1 });
    await enqueue(pool, `'${last}'`);
    t.is(await nack(pool, await claimOne(pool, last)), 'failed', 'kept for a week');
  },
);
