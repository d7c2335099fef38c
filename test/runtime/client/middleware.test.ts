import test from 'ava';
import type { EnqueueMiddleware, EnqueueRequest } from '../../../runtime/client/middleware.js';
import { clientFor, workerFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();
const connectionString = database.url;

/** Each item with one more header. */
const stamp =
  (name: string, value: string): EnqueueMiddleware =>
  (request, next) =>
    next({
      ...request,
      items: request.items.map(({ args, options }) => ({
        args,
        options: { ...options, headers: { ...options.headers, [name]: value } },
      })),
    });

test('layers run in their order, the first outermost, and what they change is enqueued', async (t) => {
  const calls: string[] = [];
  const layer =
    (name: string): EnqueueMiddleware =>
    async (request, next) => {
      calls.push(`${name} in`);
      const handles = await next(request);
      calls.push(`${name} out ${handles.length}`);
      return handles;
    };
  const { enqueue, jobs } = clientFor(t, {
    connectionString,
    middleware: [layer('outer'), stamp('trace', 't1'), stamp('by', 'inner'), layer('last')],
  });
  const job = await enqueue.double({ n: 1 }, { headers: { own: 'x', by: 'caller' } });
  t.deepEqual(calls, ['outer in', 'last in', 'last out 1', 'outer out 1']);
  t.deepEqual((await jobs.get('double', job.id))?.headers, { own: 'x', trace: 't1', by: 'inner' });
});

test('it sees the task, the args and the options of one, of many and of a call', async (t) => {
  const seen: EnqueueRequest[] = [];
  const watch: EnqueueMiddleware = (request, next) => {
    seen.push(request);
    return next(request);
  };
  const { enqueue, call } = clientFor(t, { connectionString, middleware: [watch] });
  await workerFor(t, { double: ({ n }: { n: number }) => 2 * n }, { connectionString });
  await enqueue.double({ n: 1 }, { priority: 'low' });
  await enqueue.double.many([{ n: 2 }, { n: 3 }], { priority: 'high' });
  await enqueue.double.many([{ n: 4 }, { n: 5 }], (_, i) => ({ delay: i }));
  t.is(await call.double({ n: 6 }, { timeout: '30s', headers: { a: 'b' } }), 12);
  t.deepEqual(seen, [
    { task: 'double', kind: 'single', items: [{ args: { n: 1 }, options: { priority: 'low' } }] },
    {
      task: 'double',
      kind: 'many',
      items: [
        { args: { n: 2 }, options: { priority: 'high' } },
        { args: { n: 3 }, options: { priority: 'high' } },
      ],
    },
    {
      task: 'double',
      kind: 'many',
      items: [
        { args: { n: 4 }, options: { delay: 0 } },
        { args: { n: 5 }, options: { delay: 1 } },
      ],
    },
    {
      task: 'double',
      kind: 'call',
      items: [{ args: { n: 6 }, options: { headers: { a: 'b' } } }],
    },
  ]);
});

test('what it changes holds for many and for a call too', async (t) => {
  const { enqueue, call, jobs } = clientFor(t, {
    connectionString,
    middleware: [stamp('trace', 't2')],
  });
  await workerFor(
    t,
    { echo: (_: unknown, job: { headers: unknown }) => job.headers },
    { connectionString },
  );
  t.deepEqual(await call.echo('x', { headers: { own: 'y' } }), { own: 'y', trace: 't2' });
  const handles = await enqueue.tick.many([undefined, undefined], { delay: '1h' });
  for (const { id } of handles) {
    t.deepEqual((await jobs.get('tick', id))?.headers, { trace: 't2' });
  }
});

test('args that it makes wrong are refused, as if the caller had', async (t) => {
  const spoil: EnqueueMiddleware = (request, next) =>
    next({ ...request, items: request.items.map((item) => ({ ...item, args: { n: 'x' } })) });
  const { enqueue } = clientFor(t, { connectionString, middleware: [spoil] });
  await t.throwsAsync(enqueue.double({ n: 1 }), { code: 'PGS2001' });
  await t.throwsAsync(enqueue.double.many([{ n: 1 }]), { code: 'PGS2001' });
});

test('it may refuse by throwing, and hears what is thrown inside', async (t) => {
  const heard: unknown[] = [];
  const refuse: EnqueueMiddleware = async () => {
    throw new Error('not today');
  };
  const hear: EnqueueMiddleware = async (request, next) => {
    try {
      return await next(request);
    } catch (error) {
      heard.push((error as Error).message);
      throw error;
    }
  };
  const { enqueue, call, jobs } = clientFor(t, { connectionString, middleware: [hear, refuse] });
  for (const attempt of [
    () => enqueue.mail.send({ to: 'x' }),
    () => enqueue.mail.send.many([{ to: 'x' }]),
    () => call.double({ n: 1 }),
  ]) {
    await t.throwsAsync(attempt(), { message: 'not today' });
  }
  t.is(heard.length, 3);
  t.deepEqual(await jobs.list({ task: 'mail.send' }), []);
});

test('it must resolve to what next does', async (t) => {
  const forget: EnqueueMiddleware = async (request, next) => {
    await next(request);
    return [];
  };
  const { enqueue } = clientFor(t, { connectionString, middleware: [forget] });
  const message =
    /resolved to 0 handles instead of 1: it must resolve to what next\(\) resolves to/;
  await t.throwsAsync(enqueue.tick(), { code: 'PGS2004', message });
  await t.throwsAsync(enqueue.tick.many([undefined]), { code: 'PGS2004', message });
});

test('a transaction reaches the insert through it', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString, middleware: [stamp('a', 'b')] });
  const tx = await database.pool.connect();
  await tx.query('begin');
  const one = await enqueue.echo(1, { tx });
  const [two] = await enqueue.echo.many([2], { tx });
  t.is(await jobs.get('echo', one.id), null);
  await tx.query('rollback');
  tx.release();
  t.is(await jobs.get('echo', one.id), null);
  t.is(await jobs.get('echo', two?.id as string), null);
});
