import test from 'ava';
import { testDatabase } from '../support/database.js';
import { ack, claimOne, declare, enqueue, job, nack, row, rows } from '../support/sql.js';

const database = await testDatabase();
const { pool } = database;

let tasks = 0;
async function task(contract: Parameters<typeof declare>[1][string] = {}): Promise<string> {
  const name = `task${++tasks}`;
  await declare(pool, { [name]: contract });
  return name;
}

async function answer(call: string, values: unknown[]): Promise<unknown> {
  return (await row<{ answer: unknown }>(pool, `select pgsched.${call} as answer`, values)).answer;
}
const cancel = (id: string) => answer('cancel($1)', [id]);
const redrive = (id: string) => answer('redrive($1)', [id]);
const reschedule = (id: string, at: string | null) => answer('reschedule($1, $2)', [id, at]);

test.serial('a pending job is cancelled at once, and only once', async (t) => {
  const { id } = await enqueue(pool, `'${await task()}'`);
  t.true(await cancel(id));
  t.like(await job(pool, id), { status: 'cancelled', attempt: 0 });
  t.false(await cancel(id));
  t.false(await cancel('987654321'));
});

test.serial('a cancelled run ends as cancelled, however its consumer settles it', async (t) => {
  const name = await task();
  for (const settle of [ack, nack]) {
    const { id } = await enqueue(pool, `'${name}'`);
    const claimed = await claimOne(pool, name);
    t.true(await cancel(id));
    t.like(await job(pool, id), { status: 'running' });
    t.is(await settle(pool, claimed), settle === ack ? false : 'cancelled');
    t.like(await job(pool, id), { status: 'cancelled', result: null });
  }
});

test.serial(
  'a failed, cancelled or expired job is redriven: its attempts from 0, its history kept',
  async (t) => {
    const name = await task({ maxAttempts: 1 });
    const { id } = await enqueue(
      pool,
      `'${name}', '{"a": 1}', headers => '{"h": "1"}', topic => 'some.topic', priority => 4`,
    );
    t.false(await redrive(id), 'it is pending');
    await nack(pool, await claimOne(pool, name), 'broken');
    t.true(await redrive(id));
    const again = await job(pool, id);
    t.like(again, {
      status: 'pending',
      attempt: 0,
      args: { a: 1 },
      headers: { h: '1' },
      topic: 'some.topic',
      priority: 4,
    });
    t.like((again['failures'] as unknown[])[0], { message: 'broken', attempt: 1 });

    await cancel(id);
    t.true(await redrive(id));
    await ack(pool, await claimOne(pool, name));
    t.false(await redrive(id), 'it is completed');
  },
);

test.serial('a job whose key another one holds is not redriven', async (t) => {
  const name = await task({ key: '{id}' });
  const { id } = await enqueue(pool, `'${name}', '{"id": 1}'`);
  await cancel(id);
  const next = await enqueue(pool, `'${name}', '{"id": 1}'`);
  t.is(next.outcome, 'created');
  t.false(await redrive(id));
  await cancel(next.id);
  t.true(await redrive(id));
});

test.serial('a pending job is moved in time; a running or ended one is not', async (t) => {
  const name = await task();
  const { id } = await enqueue(pool, `'${name}', delay => '1 h'`);
  t.true(await reschedule(id, '2000-01-01T00:00Z'));
  const claimed = await claimOne(pool, name);
  t.false(await reschedule(id, '2100-01-01T00:00Z'));
  await ack(pool, claimed);
  t.false(await reschedule(id, '2100-01-01T00:00Z'));
  for (const instant of [null, 'infinity', '-infinity']) {
    await t.throwsAsync(reschedule(id, instant), { message: /run_at must be an instant/ });
  }
});

test.serial('running_jobs says who holds a job, and until when', async (t) => {
  const name = await task();
  const { id } = await enqueue(pool, `'${name}'`);
  const { deadline } = await claimOne(pool, name);
  t.like(await row(pool, 'select * from pgsched.running_jobs where id = $1', [id]), {
    task: name,
    topic: name,
    attempt: 1,
    deadline,
    instance: null,
    host: null,
    cancel_requested: false,
  });
});

test.serial('queue_stats counts what is due, what is for later and what runs', async (t) => {
  const name = await task();
  for (const options of ['', '', '', `, delay => '1 h'`, ', priority => 10'])
    await enqueue(pool, `'${name}'${options}`);
  await claimOne(pool, name);
  const counted = await rows(
    pool,
    'select priority, due::int, scheduled::int, running::int, oldest_due is not null as waits from pgsched.queue_stats where task = $1 order by priority',
    [name],
  );
  t.deepEqual(counted, [
    { priority: 0, due: 3, scheduled: 1, running: 0, waits: true },
    { priority: 10, due: 0, scheduled: 0, running: 1, waits: false },
  ]);
});

test.serial(
  'all_jobs shows a job with its topic wherever it is: by its lane, its row or its task',
  async (t) => {
    const name = await task({ topic: 'declared.topic' });
    const ids = [
      (await enqueue(pool, `'${name}'`)).id,
      (await enqueue(pool, `'${name}', topic => 'own.topic'`)).id,
      (await enqueue(pool, `'${name}', priority => 20`)).id,
    ];
    const topics = async () =>
      (
        await rows<{ topic: string }>(
          pool,
          'select topic from pgsched.all_jobs where id = any($1) order by id',
          [ids],
        )
      ).map((r) => r.topic);
    const expected = ['declared.topic', 'own.topic', 'declared.topic'];
    t.deepEqual(await topics(), expected);
    for (const id of ids) await cancel(id);
    t.deepEqual(await topics(), expected);
  },
);
