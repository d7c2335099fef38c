import test, { type ExecutionContext } from 'ava';
import type { AnyJobEvent, EventFilter } from '../../../runtime/client/types.js';
import { Fail } from '../../../runtime/index.js';
import type { Job } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { type Setup, setUp } from '../../support/worker.js';

const database = await testDatabase();

/** Listens from now on, until the test ends: what was heard so far. */
async function listen(
  t: ExecutionContext,
  { jobs }: Setup,
  filter: EventFilter = {},
  heard: AnyJobEvent[] = [],
): Promise<AnyJobEvent[]> {
  const before = await listeners();
  const stop = new AbortController();
  const ended = (async () => {
    for await (const event of jobs.events({ signal: stop.signal, ...filter })) heard.push(event);
  })();
  t.teardown(async () => {
    stop.abort();
    await ended;
  });
  await until(async () => (await listeners()) > before, 'the listener');
  return heard;
}

async function listeners(): Promise<number> {
  const { rows } = await database.pool.query(
    'select count(*)::int as n from pgsched.event_listener',
  );
  return rows[0].n;
}

const types = (events: readonly AnyJobEvent[], id: string) =>
  events.filter((event) => event.id === id).map(({ type }) => type);

test.serial(
  'each thing that happens to a job is told, with its task, attempt and instant',
  async (t) => {
    const heard: AnyJobEvent[] = [];
    const setup = setUp(t, database, {
      good: {
        run: async (_: unknown, job: Job) => {
          await job.progress(0.5, { step: 'half' });
          await until(() => heard.some(({ type }) => type === 'progressed'), 'the event');
          return null;
        },
      },
      flaky: {
        maxAttempts: 2,
        backoff: { kind: 'list', delays: [10], jitter: 0 },
        run: () => Promise.reject(new Error('no')),
      },
      hopeless: { run: () => Promise.reject(new Fail('no')) },
      late: { startWithin: 0, run: () => null },
      stopped: { run: () => null },
    });
    await listen(t, setup, {}, heard);
    const started = Date.now();
    const stopped = await setup.enqueue('stopped', 1, { delay: '1h' });
    await stopped.cancel();
    const late = await setup.enqueue('late', 1, { runAt: new Date(Date.now() - 60_000) });
    await setup.start();
    const good = await setup.enqueue('good', 1);
    const flaky = await setup.enqueue('flaky', 1);
    const hopeless = await setup.enqueue('hopeless', 1);
    for (const { id } of [good, flaky, hopeless, late]) await setup.ended(id);
    await until(() => types(heard, good.id).includes('completed'), 'the last event');
    await until(() => types(heard, flaky.id).includes('failed'), 'the last event');

    t.deepEqual(types(heard, stopped.id), ['enqueued', 'cancelled']);
    t.deepEqual(types(heard, late.id), ['enqueued', 'expired']);
    t.deepEqual(types(heard, good.id), ['enqueued', 'started', 'progressed', 'completed']);
    t.deepEqual(
      types(heard, flaky.id).filter((type) => type !== 'started'),
      ['enqueued', 'retried', 'failed'],
    );
    t.is(types(heard, flaky.id).filter((type) => type === 'started').length, 2);
    t.true(types(heard, hopeless.id).includes('failed'));
    t.like(
      heard.find((event) => event.id === good.id && event.type === 'progressed'),
      { task: 'good', attempt: 1, fraction: 0.5, data: { step: 'half' } },
    );
    t.deepEqual(
      heard
        .filter((event) => event.id === flaky.id && event.type !== 'started')
        .map((e) => e.attempt),
      [0, 1, 2],
    );
    for (const { at } of heard) t.true(Math.abs(at.getTime() - started) < 30_000);
  },
);

test.serial('the last word of a job that its handler, a filter or a redrive has', async (t) => {
  const setup = setUp(t, database, {
    effect: { run: (_: unknown, job: Job) => job.transaction(async () => 1) },
    waits: {},
  });
  const heard = await listen(t, setup);
  await setup.start();
  const effect = await setup.enqueue('effect', 1);
  await effect.result();
  const many = await setup.enqueueMany('waits', Array(50).fill(1), { delay: '1h' });
  t.is(await setup.jobs.cancel({ task: 'waits' }), 50);
  t.is(await setup.jobs.redrive({ task: 'waits', status: 'cancelled' }), 50);
  const [first] = many as [(typeof many)[0]];
  await until(() => types(heard, many.at(-1)?.id as string).length === 3, 'the events of the last');
  t.deepEqual(types(heard, first.id), ['enqueued', 'cancelled', 'enqueued']);
  t.is(types(heard, effect.id).at(-1), 'completed');
});

test.serial('a filter takes what fits in task, type and id', async (t) => {
  const setup = setUp(t, database, { one: {}, two: {} });
  const held = await setup.enqueue('one', 1, { delay: '1h' });
  const ofTask = await listen(t, setup, { task: 'two' });
  const ofTypes = await listen(t, setup, { type: ['cancelled', 'failed'], task: ['one', 'two'] });
  const ofJob = await listen(t, setup, { id: held.id });
  const other = await setup.enqueue('two', 1, { delay: '1h' });
  await other.cancel();
  await held.cancel();
  await until(() => ofJob.length === 1 && ofTypes.length === 2, 'the events');
  t.deepEqual(types(ofTask, other.id), ['enqueued', 'cancelled']);
  t.is(ofTask.length, 2);
  t.deepEqual(
    ofTypes.map(({ task, type }) => [task, type]),
    [
      ['two', 'cancelled'],
      ['one', 'cancelled'],
    ],
  );
});

test.serial('while nobody listens nothing is told', async (t) => {
  const setup = setUp(t, database, { quiet: { run: () => null } });
  // A connection that would hear of it, if anything were told.
  const ear = await database.connect();
  const notes: string[] = [];
  ear.on('notification', ({ payload }) => notes.push(payload as string));
  await ear.query('listen "pgsched:pgsched:events"');
  await setup.start();
  await (await setup.enqueue('quiet', 1)).result();
  await ear.query('select 1');
  t.deepEqual(notes, []);
  await listen(t, setup);
  await (await setup.enqueue('quiet', 1)).result();
  await until(() => notes.some((note) => note.includes('completed')), 'the event');
});

test.serial(
  'break ends it, and so do its signal, return() while it waits, and the end of the client',
  async (t) => {
    const { jobs, enqueue } = setUp(t, database, { over: {} });
    const broken = (async () => {
      for await (const event of jobs.events({ type: 'enqueued' })) return event.task;
      return null;
    })();
    await until(async () => (await listeners()) === 1, 'the listener');
    await enqueue('over', 1, { delay: '1h' });
    t.is(await broken, 'over');
    await until(async () => (await listeners()) === 0, 'its end');

    const stop = new AbortController();
    const aborted = jobs.events({ signal: stop.signal })[Symbol.asyncIterator]().next();
    await until(async () => (await listeners()) === 1, 'the listener');
    stop.abort();
    t.deepEqual(await aborted, { done: true, value: undefined });
    const never = jobs.events({ signal: stop.signal })[Symbol.asyncIterator]();
    t.true((await never.next()).done, 'aborted before it began');

    const iterator = jobs.events()[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await until(async () => (await listeners()) === 1, 'the listener');
    await iterator.return?.();
    t.true((await waiting).done);
    t.is(await listeners(), 0);
  },
);

test.serial('closing the client ends what listens', async (t) => {
  const { makeClient } = await import('../../support/client.js');
  const client = makeClient({ connectionString: database.url });
  const next = client.jobs.events()[Symbol.asyncIterator]().next();
  await until(async () => (await listeners()) === 1, 'the listener');
  await client.close();
  t.true((await next).done);
  await database.pool.query('delete from pgsched.event_listener');
});

test.serial('a listener that lost its connection hears again', async (t) => {
  const setup = setUp(t, database, { again: {} });
  const heard = await listen(t, setup);
  const ears = `select pid from pg_stat_activity
     where datname = current_database() and query ilike 'listen %events%' and pid <> pg_backend_pid()`;
  const { rows } = await database.pool.query(ears);
  t.true(rows.length > 0);
  // As after an outage in which the database forgot who listens.
  await database.pool.query('delete from pgsched.event_listener');
  await database.pool.query(`select pg_terminate_backend(pid) from (${ears}) e`);
  await until(async () => (await listeners()) === 1, 'the listener again');
  const { id } = await setup.enqueue('again', 1, { delay: '1h' });
  await until(() => types(heard, id).includes('enqueued'), 'the event');
});

test.serial(
  'data of progress that a notification cannot carry is left out, and reaches the job all the same',
  async (t) => {
    const setup = setUp(t, database, {
      big: {
        run: async (_: unknown, job: Job) => {
          // Longer as the database writes it than as it was sent.
          await job.progress(0.25, Array(2_900).fill(1));
          await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
        },
      },
    });
    const heard = await listen(t, setup, { type: 'progressed' });
    await setup.start();
    const job = await setup.enqueue('big', 1);
    await until(() => heard.length > 0, 'the event');
    t.like(heard[0], { fraction: 0.25, data: null });
    t.deepEqual((await job.progress())?.data, Array(2_900).fill(1));
    await job.cancel();
  },
);

test('events narrow by their type', async (t) => {
  const { jobs } = setUp(t, database, {});
  const seen = async () => {
    for await (const event of jobs.events<'mail' | 'sms'>({ task: 'mail' })) {
      const task: 'mail' | 'sms' = event.task;
      if (event.type === 'progressed') return [task, event.fraction, event.data];
      // @ts-expect-error only progress has a fraction
      return event.fraction;
    }
    return null;
  };
  // @ts-expect-error no such type
  const wrong = () => jobs.events({ type: 'finished' });
  t.is(typeof seen, typeof wrong);
});
