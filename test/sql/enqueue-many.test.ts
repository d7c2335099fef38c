import test from 'ava';
import { testDatabase } from '../support/database.js';
import { claimOne, declare, type Enqueued, enqueue, job, row, rows } from '../support/sql.js';

const database = await testDatabase();
const { pool } = database;

await declare(pool, {
  plain: { priority: 5 },
  other: {},
  raising: { key: '{id}', onConflict: 'raise' },
  sharing: { key: '{id}', onConflict: 'ignore' },
  replacing: { key: '{id}', onConflict: 'replace' },
  silent: { key: '{id}' },
});

interface NewJob {
  task: string;
  args?: unknown;
  [field: string]: unknown;
}

/** As PostgREST and most drivers pass it: JSON to rows. */
function enqueueMany(jobs: readonly NewJob[], conflict: string | null = null): Promise<Enqueued[]> {
  return rows(
    pool,
    `select * from pgsched.enqueue_many(
       array(select row(j.*)::pgsched.new_job from jsonb_populate_recordset(null::pgsched.new_job, $1::jsonb) j), $2)`,
    [JSON.stringify(jobs), conflict],
  );
}

const outcomes = (answers: readonly Enqueued[]): string[] => answers.map(({ outcome }) => outcome);

test.serial('answers come in the order of the jobs, whatever their tasks and keys', async (t) => {
  const jobs = Array.from({ length: 500 }, (_, n) => ({
    task: ['plain', 'sharing', 'other'][n % 3] as string,
    args: { id: `order ${(n * 7919) % 1009}`, n },
  }));
  const answers = await enqueueMany(jobs);
  t.is(answers.length, jobs.length);
  const found = await rows<{ id: string; args: unknown; task: string }>(
    pool,
    'select id, task, args from pgsched.all_jobs where id = any($1)',
    [answers.map(({ id }) => id)],
  );
  const byId = new Map(found.map((row) => [row.id, row]));
  answers.forEach(({ id }, n) => {
    t.like(byId.get(id), jobs[n] as object);
  });
  const ids = answers.map(({ id }) => BigInt(id));
  t.deepEqual(
    ids,
    [...ids].sort((a, b) => (a < b ? -1 : 1)),
    'and so do their ids',
  );
});

test.serial(
  'every field of a job is its own; what is missing or null is the task’s default',
  async (t) => {
    const [plain, tuned] = (await enqueueMany([
      { task: 'plain' },
      {
        task: 'plain',
        priority: 9,
        topic: 'x.y',
        key: 'k',
        headers: { a: 'b' },
        delay: '01:00:00',
      },
    ])) as [Enqueued, Enqueued];
    t.like(await job(pool, plain.id), { priority: 5, topic: 'plain', key: null, headers: null });
    t.like(await job(pool, tuned.id), { priority: 9, topic: 'x.y', key: 'k', headers: { a: 'b' } });
  },
);

test.serial(
  'of a key repeated in one call the first is shared, or the last replaces',
  async (t) => {
    const shared = await enqueueMany(
      [1, 2, 3].map((n) => ({ task: 'sharing', args: { id: 'r', n } })),
    );
    t.deepEqual(outcomes(shared), ['created', 'existing', 'existing']);
    t.is(new Set(shared.map(({ id }) => id)).size, 1);
    t.like(await job(pool, shared[0]?.id as string), { args: { id: 'r', n: 1 } });

    const last = await enqueueMany(
      [1, 2, 3].map((n) => ({ task: 'replacing', args: { id: 'r', n } })),
    );
    t.deepEqual(outcomes(last), ['existing', 'existing', 'created']);
    t.is(new Set(last.map(({ id }) => id)).size, 1);
    t.like(await job(pool, last[0]?.id as string), { args: { id: 'r', n: 3 } });

    const again = await enqueueMany(
      [4, 5].map((n) => ({ task: 'replacing', args: { id: 'r', n } })),
    );
    t.deepEqual(outcomes(again), ['replaced', 'replaced']);
    t.like(await job(pool, last[0]?.id as string), { args: { id: 'r', n: 5 } });
  },
);

test.serial('where nothing is said a held key is shared', async (t) => {
  const [first] = await enqueueMany([{ task: 'silent', args: { id: 'a' } }]);
  t.deepEqual(await enqueueMany([{ task: 'silent', args: { id: 'a' } }]), [
    { id: first?.id as string, outcome: 'existing' },
  ]);
});

test.serial(
  'in a call of several tasks each conflict is resolved as its own task says',
  async (t) => {
    const before = await enqueueMany([
      { task: 'sharing', args: { id: 'm', n: 1 } },
      { task: 'replacing', args: { id: 'm', n: 1 } },
    ]);
    const mixed = await enqueueMany([
      { task: 'replacing', args: { id: 'm', n: 2 } },
      { task: 'raising', args: { id: 'm', n: 2 } },
      { task: 'sharing', args: { id: 'm', n: 2 } },
      { task: 'plain', args: { n: 2 } },
    ]);
    t.deepEqual(outcomes(mixed), ['replaced', 'created', 'existing', 'created']);
    t.like(await job(pool, before[0]?.id as string), { args: { id: 'm', n: 1 } });
    t.like(await job(pool, before[1]?.id as string), { args: { id: 'm', n: 2 } });
  },
);

test.serial('one duplicate, and nothing of the call is inserted or replaced', async (t) => {
  const [held, replaceable] = (await enqueueMany([
    { task: 'raising', args: { id: 'd' } },
    { task: 'replacing', args: { id: 'd', n: 1 } },
  ])) as [Enqueued, Enqueued];
  const before = await row(pool, 'select count(*)::int as n from pgsched.all_jobs where id > $1', [
    replaceable.id,
  ]);
  const answers = await enqueueMany([
    { task: 'plain' },
    { task: 'raising', args: { id: 'd' } },
    { task: 'raising', args: { id: 'fresh' } },
    { task: 'raising', args: { id: 'fresh' } },
    { task: 'replacing', args: { id: 'd', n: 2 } },
  ]);
  t.is(answers[1]?.outcome, 'duplicate');
  t.is(answers[1]?.id, held.id);
  t.deepEqual(answers[0], { id: null as never, outcome: 'refused' });
  t.deepEqual(answers[2], { id: null as never, outcome: 'refused' });
  t.deepEqual(
    answers[3],
    { id: null as never, outcome: 'duplicate' },
    'of a job that is not there',
  );
  t.like(await job(pool, replaceable.id), { args: { id: 'd', n: 1 } });
  t.deepEqual(
    await row(pool, 'select count(*)::int as n from pgsched.all_jobs where id > $1', [
      replaceable.id,
    ]),
    before,
  );
  t.deepEqual(outcomes(await enqueueMany([{ task: 'raising', args: { id: 'fresh' } }])), [
    'created',
  ]);
});

test.serial('what runs cannot be replaced', async (t) => {
  await declare(pool, { busy: { key: '{id}', onConflict: 'replace' } });
  const { id } = await enqueue(pool, `'busy', '{"id": 1}'`);
  t.is((await claimOne(pool, 'busy')).id, id);
  t.deepEqual(await enqueueMany([{ task: 'busy', args: { id: 1 } }, { task: 'plain' }]), [
    { id, outcome: 'duplicate' },
    { id: null as never, outcome: 'refused' },
  ]);
});

test.serial(
  'one bad job, and nothing of the call is inserted; it says which task is unknown',
  async (t) => {
    await t.throwsAsync(enqueueMany([{ task: 'other', key: 'bad' }, { task: 'oter' }]), {
      message: `There is no task 'oter'.`,
    });
    t.is((await rows(pool, `select from pgsched.all_jobs where key = 'bad'`)).length, 0);
  },
);

test.serial('no jobs are no rows', async (t) => {
  t.deepEqual(await enqueueMany([]), []);
  t.deepEqual(await rows(pool, 'select * from pgsched.enqueue_many(null)'), []);
});

test.serial('ten thousand jobs at once wake the workers that sleep', async (t) => {
  await pool.query(
    `insert into pgsched.worker (instance, host, pid, wakeable_until) values (9, 'here', 1, 'infinity')`,
  );
  const listener = await database.connect();
  const told: string[] = [];
  listener.on('notification', ({ payload }) => told.push(payload ?? ''));
  await listener.query(`listen "pgsched:pgsched"`);
  const { n } = await row<{ n: string }>(
    pool,
    `select count(*) as n from pgsched.enqueue_many(
       array(select row('plain', null, null, null, null, null, null, null, null)::pgsched.new_job from generate_series(1, 10000)))`,
  );
  t.is(n, '10000');
  const { task } = await row<{ task: number }>(
    pool,
    `select task from pgsched.task where name = 'plain'`,
  );
  await listener.query('select 1');
  t.deepEqual(
    told.filter((text) => text.startsWith('work')),
    [`work ${task}`],
  );
  await pool.query('delete from pgsched.worker');
});
