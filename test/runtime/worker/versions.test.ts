import test, { type ExecutionContext } from 'ava';
import type { Shape, TaskContract } from '../../../runtime/contract/types.js';
import { number, object, string } from '../../support/contract.js';
import { testDatabase } from '../../support/database.js';
import { setUp, type Tasks } from '../../support/worker.js';

const database = await testDatabase();

/** What `greet` takes in each version. */
const args: Record<number, Shape> = {
  1: object({ name: string }),
  2: object({ first: string, last: string }),
  3: object({ first: string, last: string, at: { kind: 'date' } }),
};

const steps = {
  1: ({ name }: { name: string }) => {
    const [first, last] = name.split(' ');
    return { first, last };
  },
  2: (old: { first: string; last: string }) => ({ ...old, at: new Date(0) }),
};

const asJson = (given: unknown) => JSON.parse(JSON.stringify(given));

/** The task as its callers and workers of that version know it. */
function greet(version: number, task: string, more: Tasks[string] = {}): Tasks {
  const older = Object.entries(args).filter(([earlier]) => Number(earlier) < version);
  const part: Partial<TaskContract> = {
    version,
    args: args[version] as Shape,
    history: Object.fromEntries(older.map(([earlier, shape]) => [earlier, { args: shape }])),
  };
  const upcast = Object.fromEntries(
    Object.entries(steps).filter(([earlier]) => Number(earlier) < version),
  );
  return { [task]: { ...part, upcast, run: asJson, ...more } };
}

function caller(t: ExecutionContext, version: number, task: string) {
  const { enqueue } = setUp(t, database, greet(version, task));
  return (given: unknown) => enqueue(task, given);
}

test('older args are brought up to date step by step, then checked and given to the handler', async (t) => {
  const { start, ended } = setUp(t, database, greet(3, 'greet.all'));
  const jobs = [
    await caller(t, 1, 'greet.all')({ name: 'Ada Lovelace' }),
    await caller(t, 2, 'greet.all')({ first: 'Alan', last: 'Turing' }),
    await caller(t, 3, 'greet.all')({ first: 'Grace', last: 'Hopper', at: new Date(1) }),
  ];
  await start();
  const results = await Promise.all(jobs.map(async ({ id }) => (await ended(id)).result));
  t.deepEqual(results, [
    { first: 'Ada', last: 'Lovelace', at: '1970-01-01T00:00:00.000Z' },
    { first: 'Alan', last: 'Turing', at: '1970-01-01T00:00:00.000Z' },
    { first: 'Grace', last: 'Hopper', at: '1970-01-01T00:00:00.001Z' },
  ]);
});

test('in a rolling deploy newer rows wait for newer workers, and both versions of worker take the rest', async (t) => {
  const task = 'greet.rolling';
  const by = (version: number) => ({ run: () => version });
  const old = setUp(t, database, greet(2, task, by(2)));
  const first = await caller(t, 1, task)({ name: 'Ada Lovelace' });
  const newest = await caller(t, 3, task)({ first: 'Grace', last: 'Hopper', at: new Date() });
  await old.start();
  t.is((await old.ended(first.id)).result, 2);
  const second = await caller(t, 2, task)({ first: 'Alan', last: 'Turing' });
  t.is((await old.ended(second.id)).result, 2);
  t.is((await old.row(newest.id)).status, 'pending');

  const young = await setUp(t, database, greet(3, task, by(3))).start();
  t.is((await young.ended(newest.id)).result, 3);
  const both = new Set<unknown>();
  // Each version of caller goes on as well.
  for (let round = 0; round < 50 && both.size < 2; round++) {
    const { id } = await caller(t, 1, task)({ name: `${round} x` });
    both.add((await young.ended(id)).result);
  }
  await old.worker.stop();
  const last = await caller(t, 1, task)({ name: 'Ada Lovelace' });
  t.is((await young.ended(last.id)).result, 3);
});

test('a worker says which newer jobs it leaves', async (t) => {
  const { enqueue } = setUp(t, database, greet(3, 'greet.newer'));
  await enqueue('greet.newer', { first: 'Grace', last: 'Hopper', at: new Date() });
  const { start, event } = setUp(t, database, greet(2, 'greet.newer'));
  await start();
  const { message } = await event('warning', ({ message }) => message.includes('greet.newer'));
  t.is(message, 'Jobs of greet.newer (version 3) wait, and this worker does not take them.');
});

test('a version whose step was deleted is not claimed any more', async (t) => {
  const task = 'greet.dropped';
  const job = await caller(t, 1, task)({ name: 'Ada Lovelace' });
  const tasks = greet(3, task, { upcast: { 2: steps[2] } });
  const { start, enqueue, row, ended } = setUp(t, database, tasks);
  await start();
  const other = await enqueue(task, { first: 'Grace', last: 'Hopper', at: new Date() });
  t.is((await ended(other.id)).status, 'completed');
  t.is((await row(job.id)).status, 'pending');
});

test('an upcaster that throws, or makes what does not fit, fails its job by name; others go on', async (t) => {
  const task = 'greet.broken';
  const upcast = {
    1: ({ name }: { name: string }) => {
      if (name === 'throws') throw new TypeError('no last name');
      return { first: 7, last: name };
    },
    2: steps[2],
  };
  const { start, ended } = setUp(t, database, greet(3, task, { upcast }));
  const enqueue = caller(t, 1, task);
  const [throws, misfits] = [await enqueue({ name: 'throws' }), await enqueue({ name: 'Ada' })];
  const good = await caller(t, 2, task)({ first: 'Alan', last: 'Turing' });
  await start();
  const { error, attempt } = await ended(throws.id);
  t.is(attempt, 1, 'it is not tried again');
  t.like(error, { name: 'InvalidArgs', code: 'PGS2001' });
  t.regex(error?.message ?? '', /the upcaster from version 1 failed: TypeError: no last name/);
  t.regex((await ended(misfits.id)).error?.message ?? '', /first: expected .*, got/);
  t.is((await ended(good.id)).status, 'completed');
});

test('a step that is missing between two versions is found before the worker starts', (t) => {
  const tasks = greet(3, 'greet.gap', { upcast: { 1: steps[1] } });
  const error = t.throws(() => setUp(t, database, tasks), { code: 'PGS2007' });
  t.regex(error?.message ?? '', /greet\.gap has no step from version 2/);
});

test('a consumer in SQL is told the version of what it claims', async (t) => {
  const task = 'greet.sql';
  await caller(t, 1, task)({ name: 'Ada Lovelace' });
  const { start } = setUp(t, database, { [task]: { version: 2, args: number } });
  await start();
  const { rows } = await database.pool.query(
    `select version, args from pgsched.claim(5, array[$1])`,
    [task],
  );
  t.deepEqual(rows, [{ version: 1, args: { name: 'Ada Lovelace' } }]);
});
