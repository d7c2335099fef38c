import test from 'ava';
import { testDatabase } from '../../support/database.js';
import { gate, until } from '../../support/until.js';
import { type Setup, setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();
const seldom = { poll: { min: '10m', max: '10m' } } as const;

/** Waits until the worker has nothing to do and has said that it sleeps. */
async function asleep({ event }: Setup): Promise<void> {
  const { instance } = await event('started');
  await until(async () => {
    const { rowCount } = await database.pool.query(
      'select from pgsched.worker where instance = $1 and wakeable_until > clock_timestamp()',
      [instance],
    );
    return rowCount === 1;
  }, 'the worker’s sleep');
  // It looks once more after it has said so.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

async function listening(): Promise<number> {
  const { rowCount } = await database.pool.query(
    `select from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
  );
  return rowCount ?? 0;
}

test.serial(
  'an idle worker starts a job when it is enqueued, not when it would poll',
  async (t) => {
    const setup = await startWorker(t, database, { prompt: { run: () => Date.now() } }, seldom);
    await asleep(setup);
    const job = await setup.enqueue('prompt', {});
    await setup.event('completed', ({ id }) => id === job.id);
    t.pass();
  },
);

test.serial(
  'who was woken for more than it has places for claims what it can start, and no more',
  async (t) => {
    const hold = gate();
    const tasks = { held: { run: () => hold.opened.then(() => null) } };
    const setup = await startWorker(t, database, tasks, { ...seldom, concurrency: 3 });
    await asleep(setup);
    await setup.enqueueMany('held', Array(20).fill({}));
    await until(() => setup.worker.stats().running === 3, 'three runs');
    for (let look = 0; look < 50; look++) {
      const { rowCount } = await database.pool.query(
        'select from pgsched.job where fence is not null',
      );
      t.is(rowCount, 3);
    }
    hold.open();
    await until(() => setup.worker.stats().completed === 20, 'the end of all');
  },
);

test.serial('also after it has slept for longer than it said', async (t) => {
  const setup = await startWorker(t, database, { drowsy: { run: () => 1 } }, seldom);
  await asleep(setup);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const job = await setup.enqueue('drowsy', {});
  await setup.event('completed', ({ id }) => id === job.id);
  t.pass();
});

test.serial('a job for later starts when it is due', async (t) => {
  const early = setUp(t, database, { alarm: { run: () => Date.now() } }, seldom);
  const due = Date.now() + 1_500;
  const job = await early.enqueue('alarm', {}, { runAt: new Date(due) });
  await early.start();
  const late = ((await job.result()) as number) - due;
  t.true(late >= -50 && late < 1_000, `${late} ms`);
});

test.serial('also when it is enqueued while the worker sleeps, before it is due', async (t) => {
  const setup = await startWorker(t, database, { nap: { run: () => 1 } }, seldom);
  await asleep(setup);
  const job = await setup.enqueue('nap', {}, { delay: '500ms' });
  await setup.event('completed', ({ id }) => id === job.id);
  t.pass();
});

test.serial('without notifications a worker polls', async (t) => {
  const { enqueue } = await startWorker(t, database, { polled: { run: () => 1 } });
  // Enqueued as if nobody could tell: by SQL, in silence.
  const { id } = await enqueue('polled', {}, { delay: '1h' });
  await database.pool.query('update pgsched.job set run_at = clock_timestamp() where id = $1', [
    id,
  ]);
  await until(
    async () =>
      (await database.pool.query('select from pgsched.job where id = $1', [id])).rowCount === 0,
    'the poll',
    5_000,
  );
  t.pass();
});

test.serial('a listener that is killed comes back', async (t) => {
  const setup = await startWorker(t, database, { back: { run: () => 1 } }, seldom);
  await asleep(setup);
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen %'`,
  );
  await until(async () => (await listening()) > 0, 'a new listener');
  await asleep(setup);
  const job = await setup.enqueue('back', {});
  await setup.event('completed', ({ id }) => id === job.id);
  t.pass();
});

test.serial('nobody is notified while nobody waits', async (t) => {
  const listener = await database.connect();
  const heard: string[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
  const { rows } = await listener.query('select pgsched._channel() as channel');
  await listener.query(`listen "${rows[0].channel}"`);
  await database.pool.query(`update pgsched.worker set wakeable_until = '-infinity'`);

  const setup = setUp(t, database, { quiet: { run: () => 1 } }, seldom);
  const { id } = await setup.enqueue('quiet', {});
  // Whatever was sent by now is here before the answer.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await listener.query('select 1');
  t.deepEqual(heard, []);

  await setup.start();
  await setup.ended(id);
  await asleep(setup);
  await setup.enqueue('quiet', {});
  await until(() => heard.some((payload) => payload.startsWith('work ')), 'a notification');
});
