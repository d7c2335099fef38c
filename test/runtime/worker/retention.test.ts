import test from 'ava';
import { taskDefaults } from '../../../runtime/contract/defaults.js';
import { Fail } from '../../../runtime/outcome.js';
import type { Job } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { startProxy } from '../../support/proxy.js';
import { gate, until } from '../../support/until.js';
import { startWorker } from '../../support/worker.js';

const database = await testDatabase();
const day = 86_400_000;
const seldom = { poll: { min: '10m', max: '10m' }, beat: '1m', lease: '10m' } as const;

function retention(own: Partial<typeof taskDefaults.retention>) {
  return { retention: { ...taskDefaults.retention, ...own } };
}

/** How long the archive keeps a job, in milliseconds from its end; undefined: it has none. */
async function kept(id: string): Promise<number | undefined> {
  const { rows } = await database.pool.query(
    // Each for itself: before PostgreSQL 17 nothing can be subtracted from infinity.
    `select (extract(epoch from purge_at) - extract(epoch from ended_at))::float8 * 1000 as ms from pgsched.job_archive where id = $1`,
    [id],
  );
  return rows[0]?.ms;
}

async function gone(id: string): Promise<boolean> {
  const { rowCount } = await database.pool.query('select from pgsched.all_jobs where id = $1', [
    id,
  ]);
  return rowCount === 0;
}

test('a job is kept for as long as its task says, by how it ended', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    short: {
      run: (fail: unknown) => {
        if (fail === true) throw new Fail('no');
        return null;
      },
      ...retention({ completed: 2 * day, failed: 20 * day }),
    },
  });
  const [good, bad] = [await enqueue('short', false), await enqueue('short', true)];
  await ended(good.id);
  await ended(bad.id);
  t.is(await kept(good.id), 2 * day);
  t.is(await kept(bad.id), 20 * day);
});

test('for ever has no end', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    eternal: { run: () => 1, ...retention({ completed: null }) },
  });
  const { id } = await enqueue('eternal', {});
  await ended(id);
  t.is(await kept(id), Number.POSITIVE_INFINITY);
});

test('none keeps nothing of a completed job, and its failures as usual', async (t) => {
  const { enqueue, event, ended } = await startWorker(t, database, {
    fleeting: {
      run: (fail: unknown) => {
        if (fail === true) throw new Fail('no');
        return null;
      },
      ...retention({ completed: 0 }),
    },
  });
  const [good, bad] = [await enqueue('fleeting', false), await enqueue('fleeting', true)];
  await event('completed', ({ id }) => id === good.id);
  t.true(await gone(good.id));
  await ended(bad.id);
  t.is(await kept(bad.id), 7 * day);
});

test('whoever awaits a result gets it all the same, and listeners hear of the end', async (t) => {
  const finish = gate();
  const { enqueue, jobs } = await startWorker(t, database, {
    awaited: { run: () => finish.opened.then(() => 'here'), ...retention({ completed: 0 }) },
    unawaited: { run: () => 1, ...retention({ completed: 0 }) },
  });
  const events = jobs.events({ type: 'completed' })[Symbol.asyncIterator]();
  const first = events.next();
  await until(
    async () => (await database.pool.query('select from pgsched.event_listener')).rowCount,
    'the listener',
  );
  const job = await enqueue('awaited', {});
  const result = job.result();
  await until(async () => {
    const { rows } = await database.pool.query(
      'select awaited_until is not null as awaited from pgsched.job where id = $1',
      [job.id],
    );
    return rows[0]?.awaited;
  }, 'the wait to be known');
  finish.open();
  t.is(await result, 'here');
  const { id } = await enqueue('unawaited', {});
  let told = (await first).value;
  while (told?.id !== id) told = (await events.next()).value;
  t.is(told.task, 'unawaited');
  t.true(await gone(id));
  await events.return?.();
});

test('a cancel and a consumer in SQL keep to what the task says too', async (t) => {
  const { enqueue, jobs } = await startWorker(t, database, {
    consumed: { ...retention({ completed: 0, cancelled: 4 * day, failed: 5 * day }) },
  });
  // Known to the database since the worker's start.
  const [cancelled, acked, failed] = [
    await enqueue('consumed', 1),
    await enqueue('consumed', 2),
    await enqueue('consumed', 3),
  ];
  t.is(await jobs.cancel({ id: cancelled.id }), 1);
  t.is(await kept(cancelled.id), 4 * day);
  const { rows } = await database.pool.query(
    `select id, fence from pgsched.claim(2, '{consumed}')`,
  );
  const fence = rows[0].fence;
  await database.pool.query('select pgsched.ack($1, $2)', [acked.id, fence]);
  t.true(await gone(acked.id));
  await database.pool.query(`update pgsched.job set attempt = 3 where id = $1`, [failed.id]);
  await database.pool.query(`select pgsched.nack($1, $2, 'no')`, [failed.id, fence]);
  t.is(await kept(failed.id), 5 * day);
});

test.serial('a settlement whose answer was lost counts also where nothing is kept', async (t) => {
  const proxy = await startProxy(database.url);
  t.teardown(() => proxy.close());
  const finish = gate();
  const { enqueue, event, events, worker } = await startWorker(
    t,
    database,
    { mute: { run: () => finish.opened.then(() => 1), ...retention({ completed: 0 }) } },
    { connectionString: proxy.url, ...seldom },
  );
  const { id } = await enqueue('mute', {});
  await until(() => worker.stats().running === 1, 'the run');
  const cut = proxy.cutAnswerWith('SELECT 0');
  finish.open();
  await cut;
  await event('completed', (event) => event.id === id);
  t.false(events.some(({ type }) => type === 'leaseLost'));
  t.true(await gone(id));
});

test.serial('and so does a commit', async (t) => {
  const proxy = await startProxy(database.url);
  t.teardown(() => proxy.close());
  let runs = 0;
  const { enqueue, event } = await startWorker(
    t,
    database,
    {
      unheard: {
        run: (_: unknown, job: Job) =>
          job.transaction(async () => {
            runs += 1;
            void proxy.cutAnswerWith('COMMIT\0');
            return null;
          }),
        ...retention({ completed: 0 }),
      },
    },
    { connectionString: proxy.url },
  );
  const { id } = await enqueue('unheard', {});
  await event('completed', (event) => event.id === id);
  t.is(runs, 1);
  t.true(await gone(id));
});
