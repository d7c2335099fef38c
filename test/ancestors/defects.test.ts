/** What goes wrong in PG Scheduler, PgQueuer and aioscheduler, and does not here. Those of pgjobs: pgjobs.test.ts. */
import test from 'ava';
import type { Job } from '../../runtime/worker/types.js';
import { clientFor, workerFor } from '../support/client.js';
import { number, object, quickly } from '../support/contract.js';
import { crashTables, crashTasks } from '../support/crash-tasks.js';
import { testDatabase } from '../support/database.js';
import { spawnWorker } from '../support/spawn-worker.js';
import { gate, until } from '../support/until.js';
import { setUp, startWorker } from '../support/worker.js';

const database = await testDatabase();
await database.pool.query(crashTables);

/** Lets time pass for a job. */
async function age(id: string, interval: string): Promise<void> {
  await database.pool.query(
    `update pgsched.job set created_at = created_at - $2::interval, run_at = run_at - $2::interval where id = $1`,
    [id, interval],
  );
}

test('a job whose worker died runs again, however late it is by then; one that never started expires', async (t) => {
  const { enqueue, ended } = setUp(t, database, crashTasks);
  const crashed = await enqueue('log', { ms: 60_000 }, { startWithin: '1m' });
  const first = await spawnWorker(t, database.url, { concurrency: 1 });
  await until(async () => (await runsOf(crashed.id)) === 1, 'the first run');
  const waited = await enqueue('log', {}, { startWithin: '1m' });
  await first.signal('SIGKILL');
  await database.pool.query(`update pgsched.job set args = '{}' where id = $1`, [crashed.id]);
  for (const { id } of [crashed, waited]) await age(id, '1 hour');

  await spawnWorker(t, database.url);
  t.like(await ended(crashed.id), { status: 'completed', attempt: 1 });
  t.is(await runsOf(crashed.id), 2);
  t.like(await ended(waited.id), { status: 'expired', attempt: 0 });
  t.is(await runsOf(waited.id), 0);
});

test('jobs that waited for days in a backlog run: nothing expires that was not asked to', async (t) => {
  const { enqueueMany, ended, start } = setUp(t, database, { backlog: { run: () => null } });
  const jobs = await enqueueMany('backlog', [1, 2, 3]);
  for (const { id } of jobs) await age(id, '3 days');
  await start();
  for (const { id } of jobs) t.is((await ended(id)).status, 'completed');
});

test('a running job is not replaced: it keeps its worker, and runs once', async (t) => {
  const running = gate();
  const end = gate();
  const ran: unknown[] = [];
  const { enqueue, row } = await startWorker(t, database, {
    replaced: {
      run: async (args: unknown) => {
        ran.push(args);
        running.open();
        await end.opened;
        return args;
      },
    },
  });
  const options = { key: 'one', onConflict: 'replace' } as const;
  const job = await enqueue('replaced', 'old', options);
  await running.opened;
  const before = await row(job.id);
  await t.throwsAsync(enqueue('replaced', 'new', options), {
    name: 'DuplicateJob',
    message: /is held by job \d+ \(running\)/,
  });
  t.deepEqual({ ...(await row(job.id)), due_in: 0 }, { ...before, due_in: 0 });
  end.open();
  t.is(await job.result(), 'old');
  t.deepEqual(ran, ['old']);
});

test('a bulk call answers every item in its place, whoever holds its key', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const there = await enqueue.quiet({ id: 'there' });
  const handles = await enqueue.quiet.many(['new', 'there', 'new', 'last'].map((id) => ({ id })));
  t.deepEqual(
    handles.map(({ outcome }) => outcome),
    ['created', 'existing', 'existing', 'created'],
  );
  t.is(handles[1]?.id, there.id);
  t.is(handles[2]?.id, handles[0]?.id);
});

test('a key that is repeated in a bulk replace does no harm: the last counts', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const there = await enqueue.double({ n: 0 }, { key: 'again' });
  const handles = await enqueue.double.many([{ n: 1 }, { n: 2 }, { n: 3 }], (_, i) => ({
    key: i === 1 ? 'other' : 'again',
    onConflict: 'replace',
  }));
  t.deepEqual(
    handles.map(({ id }) => id === there.id),
    [true, false, true],
  );
  const { rows } = await database.pool.query('select args from pgsched.job where id = $1', [
    there.id,
  ]);
  t.deepEqual(rows, [{ args: { n: 3 } }]);
  t.is(await jobs.cancel({ task: 'double' }), 2);
});

test('how long an ended job is kept counts from its end, however old it is; expired ones go too', async (t) => {
  const { enqueue, ended, start } = setUp(t, database, {
    kept: {
      maxAttempts: 1,
      run: (fails: boolean) => {
        if (fails) throw new Error('no');
        return null;
      },
    },
  });
  const completed = await enqueue('kept', false);
  const failed = await enqueue('kept', true);
  const cancelled = await enqueue('kept', false);
  const expired = await enqueue('kept', false, { startWithin: '1m' });
  const all = [completed, failed, cancelled, expired];
  for (const { id } of all) await age(id, '90 days');
  t.true(await cancelled.cancel());
  await start();
  for (const { id } of all) await ended(id);
  const { rows } = await database.pool.query(
    `select status::text, extract(day from purge_at - ended_at)::int as days
       from pgsched.job_archive where id = any($1) order by id`,
    [all.map(({ id }) => id)],
  );
  t.deepEqual(rows, [
    { status: 'completed', days: 1 },
    { status: 'failed', days: 7 },
    { status: 'cancelled', days: 3 },
    { status: 'expired', days: 7 },
  ]);
});

test('a worker leaves alone what it has no handler for, until somebody comes who has', async (t) => {
  const without = await startWorker(t, database, { known: { run: () => 1 }, foreign: {} });
  const foreign = await without.enqueue('foreign', {});
  const known = await without.enqueue('known', {});
  t.is(await known.result(), 1);
  t.like(await without.row(foreign.id), { status: 'pending', attempt: 0, failures: null });
  await startWorker(t, database, { foreign: { run: () => 2 } });
  t.is(await foreign.result(), 2);
});

test('handlers that throw stop nobody, also where one runs at a time', async (t) => {
  const { enqueue, worker } = await startWorker(
    t,
    database,
    {
      explosive: {
        maxAttempts: 1,
        run: (how: string) => {
          if (how === 'throws') throw new Error(how);
          return how === 'rejects' ? Promise.reject(new Error(how)) : how;
        },
      },
    },
    { concurrency: 1 },
  );
  for (const how of ['throws', 'rejects', 'throws']) {
    await t.throwsAsync((await enqueue('explosive', how)).result(), { name: 'JobFailed' });
  }
  t.is(await (await enqueue('explosive', 'returns')).result(), 'returns');
  t.is(worker.state, 'running');
});

test('cancel tells the truth, and the place of a cancelled job is free again', async (t) => {
  const running = gate();
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  await workerFor(
    t,
    {
      echo: async (args: unknown, { signal }: Job) => {
        if (args !== 'hangs') return args;
        running.open();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return null;
      },
    },
    { connectionString: database.url, concurrency: 1 },
  );
  const hangs = await enqueue.echo('hangs');
  const waits = await enqueue.echo('waits');
  const next = await enqueue.echo('next');
  await running.opened;
  t.true(await waits.cancel(), 'it waits');
  t.true(await hangs.cancel(), 'it runs');
  t.is(await next.result(), 'next');
  t.false(await next.cancel(), 'it is over');
  t.false(await waits.cancel(), 'it is cancelled already');
  t.is(await jobs.cancel({ id: '999999999' }), 0, 'there is no such job');
});

test('a stop waits no longer than its drain, and the job that ran runs elsewhere', async (t) => {
  const running = gate();
  let runs = 0;
  const tasks = {
    endless: {
      run: async () => {
        runs += 1;
        running.open();
        if (runs === 1) await new Promise(() => {});
        return runs;
      },
    },
  };
  const first = await startWorker(t, database, tasks);
  const job = await first.enqueue('endless', {});
  await running.opened;
  const from = performance.now();
  await first.worker.stop({ drain: 200 });
  const took = performance.now() - from;
  t.true(took >= 190 && took < 10_000, `${took}`);
  await startWorker(t, database, tasks);
  t.is(await job.result(), 2);
});

test('a run has its time, and no more', async (t) => {
  const { enqueue } = await startWorker(t, database, {
    slow: { timeout: 50, maxAttempts: 2, backoff: quickly, run: () => new Promise(() => {}) },
  });
  const error = await t.throwsAsync((await enqueue('slow', {})).result(), { name: 'JobFailed' });
  t.like(error, { details: { error: { name: 'TimedOut', code: 'PGS4002' } } });
});

test('args are checked where they are enqueued, and what the handler returns comes back as it was declared', async (t) => {
  const { enqueue } = await startWorker(t, database, {
    typed: {
      args: object({ at: { kind: 'date' }, n: number }),
      result: object({ next: { kind: 'date' }, big: { kind: 'bigint' } }),
      run: ({ at, n }: { at: Date; n: number }) => ({
        next: new Date(at.getTime() + n),
        big: 2n ** 70n,
      }),
    },
  });
  await t.throwsAsync(enqueue('typed', { at: 'tomorrow', n: 1 }), {
    name: 'InvalidArgs',
    message: /^The args of typed do not fit its contract; nothing was enqueued\.\n {2}at: /,
  });
  const job = await enqueue('typed', { at: new Date(1_000), n: 234 });
  t.deepEqual(await job.result(), { next: new Date(1_234), big: 2n ** 70n });
});

test('why a run failed is kept: name, message, stack and cause, of each attempt', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    loud: {
      maxAttempts: 2,
      backoff: quickly,
      run: (_: unknown, { attempt }: Job) => {
        throw new RangeError(`attempt ${attempt}`, { cause: new Error('the disk is full') });
      },
    },
  });
  const { error, failures } = await ended((await enqueue('loud', {})).id);
  t.like(failures?.[0], {
    name: 'RangeError',
    message: 'attempt 1',
    attempt: 1,
    cause: { message: 'the disk is full' },
  });
  t.like(error, {
    name: 'RangeError',
    message: 'attempt 2',
    cause: { message: 'the disk is full' },
  });
  t.regex((error as { stack?: string }).stack ?? '', /defects\.test\.ts/);
});

async function runsOf(job: string): Promise<number> {
  return (await database.pool.query('select from run_log where job = $1', [job])).rowCount ?? 0;
}
