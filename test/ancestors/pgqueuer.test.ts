/** What PgQueuer does with a job, done here. */
import test from 'ava';
import type { JobHandle } from '../../runtime/client/types.js';
import { clientFor, workerFor } from '../support/client.js';
import { testDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const database = await testDatabase();
const where = { connectionString: database.url };

test.serial(
  'ten thousand jobs are all there, or none; their ids are in the order of the list',
  async (t) => {
    const { enqueue, jobs } = clientFor(t, where);
    const list = Array.from({ length: 10_000 }, (_, n) => ({ n }));
    await t.throwsAsync(enqueue.double.many([...list, { n: 'x' } as never]), {
      name: 'InvalidArgs',
    });
    t.deepEqual(await jobs.list({ task: 'double' }), []);
    const handles = await enqueue.double.many(list);
    t.is(handles.length, 10_000);
    const { rows } = await database.pool.query(
      `select count(*)::int as n from unnest($1::bigint[]) with ordinality as i(id, place)
       join pgsched.job j on j.id = i.id and (j.args -> 'n')::int = i.place - 1`,
      [handles.map(({ id }) => id)],
    );
    t.is(rows[0].n, 10_000);
    t.is(await jobs.cancel({ task: 'double' }), 10_000);
  },
);

test.serial(
  'failed jobs are kept, listed and redriven, attempts from 0; others are left alone',
  async (t) => {
    let broken = true;
    const { enqueue, jobs } = clientFor(t, where);
    await workerFor(
      t,
      {
        double: ({ n }: { n: number }) => {
          if (broken && n < 2) throw new Error('broken');
          return n * 2;
        },
      },
      where,
    );
    const [first, second, third] = (await enqueue.double.many([{ n: 0 }, { n: 1 }, { n: 2 }])) as [
      JobHandle<number>,
      JobHandle<number>,
      JobHandle<number>,
    ];
    for (const job of [first, second]) await t.throwsAsync(job.result(), { name: 'JobFailed' });
    t.is(await third.result(), 4);
    const failed = await jobs.list({ task: 'double', status: 'failed' });
    t.deepEqual(
      failed.map(({ id, attempt, error }) => ({ id, attempt, message: error?.message })),
      [first, second].map((job) => ({ id: job.id, attempt: 2, message: 'broken' })),
    );
    broken = false;
    t.is(await jobs.redrive({ id: [first, second, third].map(({ id }) => id) }), 2);
    t.is(await second.result(), 2);
    t.like(await jobs.get('double', second.id), { status: 'completed', attempt: 1 });
  },
);

test.serial(
  'what waits is cleared by a filter, and the archive says so; ended jobs are purged',
  async (t) => {
    const { enqueue, jobs } = clientFor(t, where);
    const cleared = await enqueue.echo.many(['a', 'b'], { topic: 'bulk.eu' });
    const kept = await enqueue.echo('c');
    t.is(await jobs.cancel({ task: 'echo', topic: 'bulk.*' }), 2);
    for (const { id } of cleared) t.like(await jobs.get('echo', id), { status: 'cancelled' });
    t.is(await jobs.purge({ task: 'echo', topic: 'bulk.*' }), 2);
    for (const { id } of cleared) t.is(await jobs.get('echo', id), null);
    t.like(await jobs.get('echo', kept.id), { status: 'pending' });
    t.true(await kept.cancel());
  },
);

test.serial(
  'one notification wakes the workers for a bulk of a thousand, and none is sent for what happens to them',
  async (t) => {
    const { enqueue, jobs } = clientFor(t, where);
    await workerFor(t, { double: ({ n }: { n: number }) => n }, where);
    const listener = await database.connect();
    const told: string[] = [];
    listener.on('notification', ({ payload }) => told.push(payload ?? ''));
    const { rows } = await listener.query('select pgsched._channel() as channel');
    await listener.query(`listen "${rows[0].channel}"`);
    await until(
      async () =>
        (
          await listener.query(
            'select from pgsched.worker where wakeable_until > clock_timestamp()',
          )
        ).rowCount,
      'a worker that sleeps',
    );

    await enqueue.double.many(Array.from({ length: 1_000 }, (_, n) => ({ n })));
    await until(
      async () =>
        (await jobs.list({ task: 'double', status: ['pending', 'running'] })).length === 0,
      'the end of all',
    );
    // Comes after all that was sent before it.
    await listener.query(`select pg_notify('${rows[0].channel}', 'last')`);
    await until(() => told.includes('last'), 'the last notification');
    t.regex(told[0] ?? '', /^work \d+$/);
    t.is(told.length, 2, told.join(' | '));
  },
);
