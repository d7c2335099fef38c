import test from 'ava';
import fc from 'fast-check';
import { isPgschedError } from '../../../runtime/errors.js';
import { bindStandalone } from '../../../runtime/standalone/bind-standalone.js';
import type {
  EnqueueTask,
  EnqueueTaskWithoutArgs,
  StandaloneOptions,
} from '../../../runtime/standalone/types.js';
import { clientFor, contract, makeClient, workerFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';

const database = await testDatabase();
const { pool, url } = database;
const connection = { connectionString: url };

interface StandaloneClient {
  readonly enqueue: {
    readonly tick: EnqueueTaskWithoutArgs<void>;
    readonly double: EnqueueTask<{ n: number }, number>;
    readonly mail: { readonly send: EnqueueTask<{ to: string }, void> };
    readonly echo: EnqueueTask<unknown, unknown>;
    readonly receipt: EnqueueTask<{ orderId: number }, void>;
    readonly quiet: EnqueueTask<{ id: string }, void>;
  };
}

const standalone = (options: StandaloneOptions) =>
  bindStandalone<StandaloneClient>(contract, options);
const { enqueue } = standalone(pool);

test.before('the database knows the tasks: somebody has declared them', async () => {
  await using client = makeClient(connection);
  await client.jobs.list({ limit: 1 });
});

/** What the database holds of a job, but what no two jobs share. */
async function stored(id: string): Promise<object> {
  const { rows } = await pool.query(
    `select j.task, version, pgsched._topic_of(lane, j.task, topic) as topic, priority, args, headers, key, start_within,
            round(extract(epoch from run_at - created_at)) as delay, due_at, awaited_until
       from pgsched.job j where id = $1`,
    [id],
  );
  return rows[0];
}

test('a worker runs what it enqueues, and the handle gives the result', async (t) => {
  await workerFor(t, { double: ({ n }: { n: number }) => n * 2 }, connection);
  const job = await enqueue.double({ n: 21 });
  t.is(job.outcome, 'created');
  t.is(job.task, 'double');
  t.is(await job.result({ timeout: '20s' }), 42);
  const handles = await enqueue.double.many([{ n: 1 }, { n: 2 }]);
  t.deepEqual(
    await Promise.all(handles.map((handle) => handle.result({ timeout: '20s' }))),
    [2, 4],
  );
});

test('a failed job rejects with its remote error, a cancelled one says so', async (t) => {
  const failing = () => {
    throw new Error('no such record');
  };
  await workerFor(t, { quiet: failing }, connection);
  const error = await t.throwsAsync((await enqueue.quiet({ id: 'failing' })).result());
  t.true(isPgschedError(error, 'JobFailed'));
  t.regex(String(error?.message), /no such record/);

  const waiting = await enqueue.mail.send({ to: 'a' }, { delay: '1h' });
  t.true(await waiting.cancel());
  t.false(await waiting.cancel());
  await t.throwsAsync(waiting.result(), { name: 'JobCancelled' });
});

test('waiting ends with its timeout or its signal, and leaves the job alone', async (t) => {
  const job = await enqueue.tick(undefined, { delay: '1h' });
  await t.throwsAsync(job.result({ timeout: '30ms' }), { name: 'ResultTimeout' });
  const reason = new Error('the page was left');
  t.is(await t.throwsAsync(job.result({ signal: AbortSignal.abort(reason) })), reason);
  t.true(await job.reschedule('2h'));
  t.is(await job.progress(), null);
  t.true(await job.cancel());
});

test('who waits makes the result stay', async (t) => {
  const job = await enqueue.tick(undefined, { delay: '1h' });
  const waiting = t.throwsAsync(job.result({ timeout: '5s' }), { name: 'JobCancelled' });
  await until(
    async () => Reflect.get(await stored(job.id), 'awaited_until'),
    'the database to know that somebody waits',
  );
  await job.cancel();
  await waiting;
});

test('what it stores is what the other client stores', async (t) => {
  const other = clientFor(t, connection).enqueue;
  const json = fc.jsonValue({ depthSize: 'small' });
  const options = fc.record(
    {
      priority: fc.constantFrom<'low' | 'critical' | number>('low', 'critical', 3),
      topic: fc.constantFrom('echo', 'some.where'),
      startWithin: fc.constantFrom(null, '1h' as const),
      delay: fc.constantFrom('1m' as const, 5_000),
      headers: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('', 'ü"\\')),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(json, options, async (args, given) => {
      const [mine, theirs] = await Promise.all([
        enqueue.echo(args, given),
        other.echo(args, given),
      ]);
      t.deepEqual(await stored(mine.id), await stored(theirs.id));
    }),
    { numRuns: 25 },
  );
});

test('it makes the same keys, and keeps them by the same rules', async (t) => {
  const other = clientFor(t, connection).enqueue;
  const first = await enqueue.receipt({ orderId: 7 });
  t.like(await stored(first.id), { key: 'receipt:7' });
  const error = await t.throwsAsync(other.receipt({ orderId: 7 }), { name: 'DuplicateJob' });
  const mine = await t.throwsAsync(enqueue.receipt({ orderId: 7 }), { name: 'DuplicateJob' });
  t.is(mine?.message, error?.message);

  const same = await enqueue.receipt({ orderId: 7 }, { onConflict: 'ignore' });
  t.like(same, { id: first.id, outcome: 'existing' });
  const anew = await enqueue.receipt({ orderId: 7 }, { onConflict: 'replace', priority: 5 });
  t.like(anew, { id: first.id, outcome: 'replaced' });
  t.like(await stored(first.id), { priority: 5 });
  const own = await enqueue.receipt({ orderId: 7 }, { key: 'mine' });
  t.is(own.outcome, 'created');
});

test('a list has handles in its order, options per item, and one outcome each', async (t) => {
  const held = await enqueue.quiet({ id: 'held' }, { delay: '1h' });
  const handles = await enqueue.quiet.many(
    [{ id: 'x' }, { id: 'held' }, { id: 'x' }],
    (_, index) => ({
      delay: '1h',
      priority: index,
    }),
  );
  t.deepEqual(
    handles.map(({ outcome }) => outcome),
    ['created', 'existing', 'existing'],
  );
  t.deepEqual(
    handles.map(({ id }) => id),
    [handles[0]?.id, held.id, handles[0]?.id],
  );
  const error = await t.throwsAsync(
    enqueue.quiet.many([{ id: 'y' }, { id: 'y' }], { onConflict: 'raise' }),
    { name: 'DuplicateJob' },
  );
  t.regex(String(error?.message), /held by another job of this call/);
  t.deepEqual(await enqueue.quiet.many([]), []);
});

test('nothing is sent unless all of it fits', async (t) => {
  let sent = 0;
  const { enqueue } = standalone({
    async query() {
      sent += 1;
      return [];
    },
  });
  await t.throwsAsync(enqueue.double({ n: 'one' } as never), {
    name: 'InvalidArgs',
    message: /n: expected number/,
  });
  await t.throwsAsync(enqueue.double.many([{ n: 1 }, {} as never]), {
    name: 'InvalidArgs',
    message: /\[1\] n/,
  });
  await t.throwsAsync(enqueue.tick(undefined, { priority: 1.5 }), { name: 'InvalidOption' });
  await t.throwsAsync(enqueue.tick(undefined, { tx: pool } as never), {
    name: 'InvalidOption',
    message: /takes no tx/,
  });
  t.is(sent, 0);
});

test('an enqueue is one statement with texts alone, and rows may come as a list', async (t) => {
  const statements: { text: string; values: unknown[] }[] = [];
  const { enqueue } = standalone({
    async query(text, values) {
      statements.push({ text, values });
      return (await pool.query(text, values)).rows;
    },
  });
  const job = await enqueue.receipt({ orderId: 8 });
  t.is(statements.length, 1);
  for (const value of statements[0]?.values ?? [])
    t.true(value === null || typeof value === 'string');
  t.true(await job.cancel());
});

test('in a transaction jobs come with its commit', async (t) => {
  const connected = await database.connect();
  const { enqueue } = standalone(connected);
  await connected.query('begin');
  const job = await enqueue.tick(undefined, { delay: '1h' });
  await t.throwsAsync(job.result(), { name: 'NotCommitted' });
  t.is(await stored(job.id), undefined as never);
  await connected.query('commit');
  t.like(await stored(job.id), { version: 1 });
  await t.throwsAsync(job.result({ timeout: 30 }), { name: 'ResultTimeout' });

  await connected.query('begin');
  const gone = await enqueue.tick();
  await connected.query('rollback');
  await t.throwsAsync(gone.result(), { name: 'ResultGone' });
});

test('a task that the database does not know is refused by name', async (t) => {
  const other = { ...contract, tasks: { later: { ...contract.tasks['tick'] } } };
  const client = bindStandalone<{ enqueue: { later: EnqueueTaskWithoutArgs<void> } }>(
    other as never,
    pool,
  );
  await t.throwsAsync(client.enqueue.later(), {
    name: 'UnknownTask',
    message: /does not know the task "later" yet.*npx pgsched migrate/,
  });
});

test('a schema that is not there says what to run', async (t) => {
  const client = standalone({ query: pool.query.bind(pool), schema: 'elsewhere' });
  await t.throwsAsync(client.enqueue.tick(), {
    name: 'SchemaOutOfDate',
    message: /"elsewhere".*npx pgsched migrate/,
  });
});
