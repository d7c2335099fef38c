import test from 'ava';
import { number, object } from '../../support/contract.js';
import { testDatabase } from '../../support/database.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();

/** Puts a job into the table by SQL, past every check of ours. */
async function insertBySql(task: string, args: unknown, version = 1): Promise<string> {
  const { rows } = await database.pool.query(
    `with known as (select * from pgsched._declare(array[$1], array[1::smallint], array[$1], array[0::smallint], array[null]))
     insert into pgsched.job (id, run_at, created_at, nonce, lane, task, version, priority, topic, args)
     select nextval('pgsched.job_id'), clock_timestamp(), clock_timestamp(), 1, 0, k.task, $3, 0, $1, $2 from known k
     returning id`,
    [task, JSON.stringify(args), version],
  );
  return rows[0].id;
}

test('a row that does not fit fails by name and at once; its neighbours run', async (t) => {
  const seen: unknown[] = [];
  const tasks = {
    strict: {
      args: object({ n: number }),
      run: (args: unknown) => {
        seen.push(args);
        return null;
      },
    },
  };
  const { enqueue, ended, start, events } = setUp(t, database, tasks);
  const bad = [
    await insertBySql('strict', { n: 'seven' }),
    await insertBySql('strict', null),
    await insertBySql('strict', [1, 2]),
  ];
  const good = [await insertBySql('strict', { n: 1 }), (await enqueue('strict', { n: 2 })).id];
  await start();
  for (const id of good) t.is((await ended(id)).status, 'completed');
  for (const id of bad) {
    const { status, attempt, error } = await ended(id);
    t.deepEqual([status, attempt], ['failed', 1]);
    t.like(error, { name: 'InvalidArgs', code: 'PGS2001' });
  }
  t.regex((await ended(bad[0] as string)).error?.message ?? '', /strict: n: expected number/);
  t.is(events.filter(({ type }) => type === 'failed').length, 3);
  t.deepEqual(seen, [{ n: 1 }, { n: 2 }]);
});

test('a result that does not fit the contract fails the job by name and without a retry', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    promises: { result: object({ bytes: number }), run: () => ({ bytes: 'many' }) },
  });
  const job = await ended((await enqueue('promises', {})).id);
  t.like(job, { status: 'failed', attempt: 1, error: { name: 'InvalidResult', code: 'PGS2002' } });
  t.regex(job.error?.message ?? '', /promises: bytes: expected number/);
});

for (const [what, value] of [
  ['nul', 'a\0b'],
  ['half', '\ud800'],
  ['function', { run: () => {} }],
  ['nan', Number.NaN],
] as const) {
  test(`a result that cannot be stored (${what}) fails its job alone`, async (t) => {
    const { enqueueMany, ended } = await startWorker(t, database, {
      [what]: { run: (n: number) => (n === 2 ? value : n) },
    });
    const [first, second, third] = await enqueueMany(what, [1, 2, 3]);
    t.is((await ended(second?.id as string)).status, 'failed');
    t.is(await first?.result(), 1);
    t.is(await third?.result(), 3);
  });
}

test('a result whose reading throws fails its job', async (t) => {
  const { enqueue, ended, worker } = await startWorker(t, database, {
    trap: {
      maxAttempts: 1,
      run: () => ({
        get value(): never {
          throw new Error('sprung');
        },
      }),
    },
  });
  t.is((await ended((await enqueue('trap', {})).id)).status, 'failed');
  t.is(worker.stats().running, 0);
});

test('what PostgreSQL alone refuses fails only its own job of a batch', async (t) => {
  const { enqueueMany, ended } = await startWorker(t, database, {
    picky: { run: (n: number) => ({ n }) },
  });
  await database.pool.query(
    `alter table pgsched.job_archive add constraint picky check (result is distinct from '{"n": 50}')`,
  );
  t.teardown(() => database.pool.query('alter table pgsched.job_archive drop constraint picky'));
  const jobs = await enqueueMany('picky', [...Array(100).keys()]);
  const rows = await Promise.all(jobs.map(({ id }) => ended(id)));
  t.deepEqual(
    rows.flatMap(({ status, error }, n) => (status === 'completed' ? [] : [[n, error?.name]])),
    [[50, 'ResultNotStorable']],
  );
});

test('jobs of an unknown task, and of a newer version, wait and are reported; the others run', async (t) => {
  const { enqueue, row, start } = setUp(t, database, { known: { run: () => 1 } });
  const stranger = await insertBySql('stranger', {});
  const newer = await insertBySql('known', {}, 2);
  await start();
  t.is(await (await enqueue('known', {})).result(), 1);
  t.like(await row(stranger), { status: 'pending', attempt: 0 });
  t.like(await row(newer), { status: 'pending', attempt: 0 });

  // Filed by now, each in a lane of its own: the next worker sees them at its start.
  const next = await startWorker(t, database, { known: { run: () => 1 } });
  const warning = (text: RegExp) => next.event('warning', ({ message }) => text.test(message));
  await t.notThrowsAsync(warning(/Jobs of stranger \(version 1\) wait/));
  await t.notThrowsAsync(warning(/Jobs of known \(version 2\) wait/));
});
