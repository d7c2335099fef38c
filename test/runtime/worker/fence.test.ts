import test from 'ava';
import { crashTables, crashTasks } from '../../support/crash-tasks.js';
import { testDatabase } from '../../support/database.js';
import { spawnWorker } from '../../support/spawn-worker.js';
import { until } from '../../support/until.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();
await database.pool.query(crashTables);

async function started(job: string): Promise<boolean> {
  return (await database.pool.query('select from run_log where job = $1', [job])).rowCount !== 0;
}

test.serial(
  'a worker that was stopped and resumed cannot settle what another has completed',
  async (t) => {
    const { enqueue, ended, row } = setUp(t, database, crashTasks);
    const { id } = await enqueue('log', { ms: 500 });
    const first = await spawnWorker(t, database.url);
    await until(() => started(id), 'the first run');
    await first.signal('SIGSTOP');

    const second = await spawnWorker(t, database.url);
    await second.event('rescued');
    const completed = await ended(id);
    t.is(completed.result, second.pid);

    await first.signal('SIGCONT');
    await first.event('leaseLost', (event: { id: string }) => event.id === id);
    t.deepEqual(await row(id).then(({ result, fence }) => [result, fence]), [
      second.pid,
      completed.fence,
    ]);
    t.false(first.events.some(({ type }) => type === 'completed'));
  },
);

test.serial('a resumed worker works on under another number', async (t) => {
  const { enqueue } = setUp(t, database, crashTasks);
  const first = await spawnWorker(t, database.url);
  await first.signal('SIGSTOP');
  const second = await spawnWorker(t, database.url);
  await until(
    async () => (await database.pool.query('select from pgsched.worker')).rowCount === 1,
    'the end of the stopped worker’s lease',
  );
  await second.signal('SIGKILL');
  await first.signal('SIGCONT');
  t.is(await (await enqueue('log', {})).result({ timeout: 15_000 }), first.pid);
});

test.serial('a blocked event loop keeps its lease, and is reported', async (t) => {
  // Runs nothing itself, but watches the other.
  const watcher = await startWorker(t, database, crashTasks, { beat: 100, lease: 1_000 });
  const { enqueue, ended } = watcher;
  const blocked = await spawnWorker(t, database.url, { lease: 1_000 });
  const { id } = await enqueue('block', { ms: 3_000 });
  t.like(await ended(id), { status: 'completed', attempt: 1, rescues: 0, result: blocked.pid });
  await blocked.event('warning', ({ message }: { message: string }) =>
    /event loop was blocked for \d+ ms/.test(message),
  );
  t.false(watcher.events.some(({ type }) => type === 'rescued'));
});

test.serial('an event loop blocked for longer than maxBlock loses its lease', async (t) => {
  const watcher = await startWorker(t, database, crashTasks, { beat: 100, lease: 1_000 });
  const { enqueue, row } = watcher;
  const blocked = await spawnWorker(t, database.url, { lease: 1_000, maxBlock: 500 });
  const { id } = await enqueue('block', { ms: 10_000 });
  await blocked.event('blocking');
  await watcher.event('rescued');
  await blocked.event('leaseLost');
  t.false(blocked.events.some(({ type }) => type === 'completed'));
  t.not((await row(id)).status, 'completed');
});

test.serial('a worker finds its database, and beats, by libpq’s variables alone', async (t) => {
  const worker = await spawnWorker(t, database.url, { env: true });
  await until(
    async () =>
      (
        await database.pool.query('select from pgsched.worker where pid = $1 and beat > 2', [
          worker.pid,
        ])
      ).rowCount === 1,
    'its beat',
  );
  t.is(await worker.stop(), 0);
});
