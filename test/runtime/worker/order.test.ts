import test from 'ava';
import { testDatabase } from '../../support/database.js';
import { type Setup, setUp } from '../../support/worker.js';

const database = await testDatabase();

/** A worker that runs one job at a time and notes what it ran. */
function oneByOne(t: Parameters<typeof setUp>[0], ...tasks: string[]): Setup & OneByOne {
  const ran: unknown[] = [];
  const run = (args: unknown): null => {
    ran.push(args);
    return null;
  };
  const setup = setUp(t, database, Object.fromEntries(tasks.map((task) => [task, { run }])), {
    concurrency: 1,
  });
  const all = async (count: number): Promise<unknown[]> => {
    await setup.start();
    await setup.event('completed', () => setup.worker.stats().completed >= count);
    return ran;
  };
  return { ...setup, all };
}

interface OneByOne {
  /** Starts the worker; what it ran, once it has run this many. */
  all(count: number): Promise<unknown[]>;
}

test('greater priorities run first, the same priority in the order of enqueueing', async (t) => {
  const { enqueue, all } = oneByOne(t, 'ranked');
  const priorities = [0, 'low', 15, 'critical', 'high', 0, 15, -7, -32767, 32767] as const;
  for (const [i, priority] of priorities.entries()) {
    await enqueue('ranked', `${priority}:${i}`, { priority });
  }
  t.deepEqual(await all(10), [
    ...['32767:9', 'critical:3', '15:2', '15:6', 'high:4'],
    ...['0:0', '0:5', '-7:7', 'low:1', '-32767:8'],
  ]);
});

test('the jobs of one bulk call run in the order of its list', async (t) => {
  const { enqueueMany, all } = oneByOne(t, 'listed');
  const list = Array.from({ length: 1_500 }, (_, i) => i);
  await enqueueMany('listed', list);
  t.deepEqual(await all(1_500), list);
});

test('jobs of several tasks run by priority, whatever their task', async (t) => {
  const { enqueue, all } = oneByOne(t, 'first', 'second');
  await enqueue('first', 'first low', { priority: 'low' });
  await enqueue('first', 'first high', { priority: 'high' });
  await enqueue('second', 'second critical', { priority: 'critical' });
  await enqueue('second', 'second normal');
  t.deepEqual(await all(4), ['second critical', 'first high', 'second normal', 'first low']);
});

test('of two tasks of one priority the one that has waited longer runs first', async (t) => {
  const { enqueue, all } = oneByOne(t, 'younger', 'older');
  await enqueue('older', 'older');
  await enqueue('younger', 'younger');
  t.deepEqual(await all(2), ['older', 'younger']);
});

test('a future job does not hold up a due one, however urgent it is', async (t) => {
  const { enqueue, row, all } = oneByOne(t, 'patient');
  const later = [
    await enqueue('patient', 'later', { priority: 'critical', delay: '1h' }),
    // Of the due job's own lane: priorities without a name queue under the name below.
    await enqueue('patient', 'later', { priority: 7, delay: '1h' }),
    await enqueue('patient', 'later', { priority: 3, delay: '1h' }),
  ];
  await enqueue('patient', 'due', { priority: 1 });
  await enqueue('patient', 'due low', { priority: 'low' });
  t.deepEqual(await all(2), ['due', 'due low']);
  for (const { id } of later) t.is((await row(id)).status, 'pending');
});

test('a job for the past is due now, and stands behind those that wait already', async (t) => {
  const { enqueue, all } = oneByOne(t, 'late');
  await enqueue('late', 'waits');
  await enqueue('late', 'for the past', { runAt: new Date(0) });
  t.deepEqual(await all(2), ['waits', 'for the past']);
});

test('delayed jobs run in the order of their instants', async (t) => {
  const { enqueue, all } = oneByOne(t, 'timed');
  const soon = Date.now() + 2_000;
  for (const ms of [300, 100, 200]) {
    await enqueue('timed', ms, { runAt: new Date(soon + ms) });
  }
  t.deepEqual(await all(3), [100, 200, 300]);
});
