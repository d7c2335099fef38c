import test from 'ava';
import type { Job } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { type Setup, setUp } from '../../support/worker.js';

const database = await testDatabase();
const topicOf = { run: (_: unknown, job: Job) => job.topic };

test('a job has its own topic, else that of its task, else the name of its task', async (t) => {
  const { enqueue, jobs, start } = setUp(t, database, {
    send: topicOf,
    audit: { ...topicOf, topic: 'records.audit' },
  });
  const expected = [
    [await enqueue('send', 1), 'send'],
    [await enqueue('audit', 1), 'records.audit'],
    [await enqueue('audit', 1, { topic: 'records.eu.audit' }), 'records.eu.audit'],
    [await enqueue('send', 1, { topic: 'records.audit' }), 'records.audit'],
  ] as const;
  for (const [{ id, task }, topic] of expected) t.is((await jobs.get(task, id))?.topic, topic);
  await start();
  for (const [job, topic] of expected) t.is(await job.result(), topic, 'in the handler');
  for (const [{ id, task }, topic] of expected) {
    t.is((await jobs.get(task, id))?.topic, topic, 'when it has ended');
  }
});

for (const bad of ['', '.', 'a..b', 'a.*', 'a b', '**', 'a\nb', 'a'.repeat(501), 7]) {
  test(`no topic: ${JSON.stringify(bad).slice(0, 20)}`, async (t) => {
    const { enqueue } = setUp(t, database, { checked: {} });
    await t.throwsAsync(enqueue('checked', 1, { topic: bad as string }), {
      code: 'PGS2004',
      message: /topic must be names with dots/,
    });
  });
}

test('no pattern: a worker and a filter refuse it', async (t) => {
  const { jobs } = setUp(t, database, { asked: {} });
  for (const pattern of ['', 'a.', 'a.b*', 'a b']) {
    t.throws(() => setUp(t, database, {}, { topics: [pattern] }), { code: 'PGS2004' });
    await t.throwsAsync(jobs.list({ topic: pattern }), { code: 'PGS2004' });
    await t.throwsAsync(jobs.pause({ topic: pattern }), { code: 'PGS2004' });
  }
});

const topics = ['a', 'a.b', 'a.b.c', 'a.x.c', 'b', 'b.c', 'a_b', 'axb', 'a%', 'é.ü'];

for (const [pattern, expected] of [
  ['a', ['a']],
  ['a.*', ['a.b']],
  ['*', ['a', 'b', 'a_b', 'axb', 'a%']],
  ['*.*', ['a.b', 'b.c', 'é.ü']],
  ['a.**', ['a', 'a.b', 'a.b.c', 'a.x.c']],
  ['a.*.c', ['a.b.c', 'a.x.c']],
  ['**.c', ['a.b.c', 'a.x.c', 'b.c']],
  ['a.**.c', ['a.b.c', 'a.x.c']],
  ['**', topics],
  // Ordinary characters, though not in LIKE or in a regular expression.
  ['a_b', ['a_b']],
  ['a%', ['a%']],
  ['é.*', ['é.ü']],
] as const) {
  test(`the pattern ${pattern} takes ${expected.join(' ')}`, async (t) => {
    const task = `taking ${pattern.replaceAll('.', '-')}`;
    const { enqueue, jobs, start, worker } = setUp(
      t,
      database,
      { [task]: topicOf },
      { topics: [pattern] },
    );
    const handles = new Map<string, Awaited<ReturnType<Setup['enqueue']>>>();
    for (const topic of topics) handles.set(topic, await enqueue(task, topic, { topic }));
    const listed = await jobs.list({ task, topic: pattern });
    t.deepEqual(listed.map((job) => job.topic).sort(), [...expected].sort(), 'the filter');
    await start();
    for (const topic of expected) t.is(await handles.get(topic)?.result(), topic);
    // Who waits for a result may hear of it before the worker does.
    await until(() => worker.stats().completed === expected.length, 'the worker to know');
    t.is((await jobs.list({ task, status: 'pending' })).length, topics.length - expected.length);
  });
}

test('workers with disjoint, overlapping and catch-all patterns share the work by topic', async (t) => {
  const ran: [string, string][] = [];
  const by = (name: string) => ({
    shared: { run: (_: unknown, job: Job) => void ran.push([name, job.topic]) },
  });
  const { enqueue } = setUp(t, database, { shared: {} });
  const wanted = { mail: ['mail.**'], both: ['mail.eu', 'sms.*'], rest: ['**'] };
  const start = (name: keyof typeof wanted) =>
    setUp(t, database, by(name), { topics: wanted[name] }).start();
  const sent = ['mail.eu', 'mail.us', 'sms.eu', 'fax'];
  const send = async () => {
    for (const topic of sent) await enqueue('shared', topic, { topic });
  };

  const mail = await start('mail');
  await send();
  await until(() => ran.length === 2, 'the mail');
  const both = await start('both');
  await until(() => ran.length === 3, 'the text message');
  await start('rest');
  await until(() => ran.length === 4, 'the fax');
  t.deepEqual(ran, [
    ['mail', 'mail.eu'],
    ['mail', 'mail.us'],
    ['both', 'sms.eu'],
    ['rest', 'fax'],
  ]);

  ran.length = 0;
  for (let round = 0; round < 10; round += 1) await send();
  await until(() => ran.length === 40, 'all of them, once each');
  for (const [worker, topic] of ran) {
    if (worker === 'mail') t.regex(topic, /^mail\./);
    if (worker === 'both') t.regex(topic, /^(mail\.eu|sms\..*)$/);
  }
  await Promise.all([mail.worker.stop(), both.worker.stop()]);
});

test('a pattern of no task at all takes nothing, and nothing is lost', async (t) => {
  const tasks = { left: topicOf };
  const elsewhere = await setUp(t, database, tasks, { topics: ['nowhere'] }).start();
  const { enqueue, row, start } = setUp(t, database, tasks);
  const job = await enqueue('left', 1);
  const near = await elsewhere.enqueue('left', 1, { topic: 'nowhere' });
  t.is(await near.result(), 'nowhere');
  t.is((await row(job.id)).status, 'pending');
  await start();
  t.is(await job.result(), 'left');
});

test('more topics than a task has lanes for share one, and are still told apart', async (t) => {
  const tasks = { many: topicOf };
  const all = Array.from({ length: 200 }, (_, i) => `region.${i}`);
  const { enqueueMany, jobs } = setUp(t, database, tasks);
  const handles = await enqueueMany('many', all, (topic) => ({ topic: topic as string }));
  const { rows } = await database.pool.query(
    `select count(*)::int as lanes, count(*) filter (where l.topic = '*')::int as shared
       from pgsched.lane l join pgsched.task t using (task) where t.name = 'many'`,
  );
  t.like(rows[0], { shared: 1 });
  t.true(rows[0].lanes <= 65, `${rows[0].lanes} lanes`);

  const some = await setUp(t, database, tasks, { topics: ['region.3', 'region.199'] }).start();
  t.is(await handles[3]?.result(), 'region.3');
  t.is(await handles[199]?.result(), 'region.199');
  // The database tells the callers sooner than the worker.
  await until(() => some.worker.stats().completed === 2, 'both to be counted');
  t.is((await jobs.list({ task: 'many', topic: 'region.150' }))[0]?.status, 'pending');
  await some.worker.stop();

  await setUp(t, database, tasks).start();
  t.deepEqual(await Promise.all(handles.map((handle) => handle.result())), all);
});

test('in the lane that topics share priority and time still decide', async (t) => {
  const ran: unknown[] = [];
  const { enqueue, enqueueMany, start } = setUp(
    t,
    database,
    { full: { run: (args: unknown) => void ran.push(args) } },
    { concurrency: 1, topics: ['late.*'] },
  );
  const fill = Array.from({ length: 70 }, (_, i) => `early.${i}`);
  await enqueueMany('full', fill, (topic) => ({ topic: topic as string, delay: '1h' }));
  await enqueue('full', 'first of normal', { topic: 'late.b' });
  await enqueue('full', 'second of normal', { topic: 'late.a' });
  await enqueue('full', 'more', { topic: 'late.c', priority: 5 });
  await enqueue('full', 'high', { topic: 'late.d', priority: 'high' });
  await start();
  await until(() => ran.length === 4, 'the four');
  t.deepEqual(ran, ['high', 'more', 'first of normal', 'second of normal']);
});
