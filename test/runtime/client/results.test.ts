import { EventEmitter, once } from 'node:events';
import test from 'ava';
import { isPgschedError } from '../../../runtime/errors.js';
import { bindWorker } from '../../../runtime/worker/bind-worker.js';
import { clientFor, contract } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();
const gates = new EventEmitter().setMaxListeners(0);

/** Echoes; waits first at the gate that its args name. */
const handlers = {
  tick: () => 'nobody gets this',
  double: ({ n }: { n: number }) => {
    if (n >= 0) return n * 2;
    const cause = Object.assign(new TypeError('the cause'), { code: 'E_CAUSE' });
    throw Object.assign(new RangeError(`${n} is negative`, { cause }), { code: 'E_NEGATIVE' });
  },
  echo: async (args: { gate?: string } | null) => {
    if (args?.gate !== undefined) await once(gates, args.gate);
    return args;
  },
};
const worker = bindWorker(contract, null, handlers, {
  connectionString: database.url,
  concurrency: 400,
  onEvent: () => {},
});
test.before(() => worker.start());
test.after.always(() => worker.stop({ drain: 0 }));

test('`result()` gives what the handler returned, decoded', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  t.is(await (await enqueue.double({ n: 21 })).result(), 42);
  const value = { deep: [1, null, { ü: '✓' }], empty: '' };
  t.deepEqual(await (await enqueue.echo(value)).result(), value);
});

test('a task without a result gives undefined', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  t.is(await (await enqueue.tick()).result(), undefined);
});

test('a failed job rejects with JobFailed and the remote error, its code and its cause', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: -1 });
  const error = await t.throwsAsync(job.result(), {
    name: 'JobFailed',
    code: 'PGS3003',
    message: `Job ${job.id} of double failed: RangeError: -1 is negative`,
  });
  const remote = {
    name: 'RangeError',
    message: '-1 is negative',
    code: 'E_NEGATIVE',
    cause: { name: 'TypeError', message: 'the cause', code: 'E_CAUSE' },
  };
  t.like(error, { details: { id: job.id, task: 'double', error: remote } });
  const stored = await jobs.get('double', job.id);
  t.like(stored, { status: 'failed', attempt: 2, result: null, error: remote });
  t.regex(stored?.error?.stack ?? '', /results\.test\.ts/);
});

test('a job that ended before is answered at once, again and again', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 });
  t.is(await job.result(), 2);
  const startedAt = performance.now();
  t.is(await job.result(), 2);
  t.deepEqual(await Promise.all([job.result(), job.result()]), [2, 2]);
  t.true(performance.now() - startedAt < 1_000);
});

test('a handle of an existing job gives that job’s result', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const options = { key: 'existing', onConflict: 'ignore' } as const;
  const first = await enqueue.echo({ gate: 'existing' }, options);
  const second = await enqueue.echo({ gate: 'another' }, options);
  t.is(second.outcome, 'existing');
  const both = Promise.all([first.result(), second.result()]);
  await open('existing');
  t.deepEqual(await both, [{ gate: 'existing' }, { gate: 'existing' }]);
});

test('a cancelled job rejects with JobCancelled', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 }, { delay: '1h' });
  const result = t.throwsAsync(job.result(), { name: 'JobCancelled', code: 'PGS3004' });
  await job.cancel();
  await result;
});

test('ResultTimeout leaves the job alone', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 4 }, { delay: '1h' });
  const startedAt = performance.now();
  const error = await t.throwsAsync(job.result({ timeout: 200 }), {
    name: 'ResultTimeout',
    code: 'PGS3006',
    message: `Job ${job.id} of double did not end within 200 ms.`,
  });
  t.like(error, { details: { id: job.id, timeout: 200 } });
  t.true(performance.now() - startedAt < 1_500);
  t.is((await jobs.get('double', job.id))?.status, 'pending');
});

test('a signal ends the wait with its reason, and leaves the job alone', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 4 }, { delay: '1h' });
  const controller = new AbortController();
  const reason = new Error('changed my mind');
  const result = t.throwsAsync(job.result({ signal: controller.signal }), { is: reason });
  controller.abort(reason);
  await result;
  await t.throwsAsync(job.result({ signal: controller.signal }), { is: reason });
  t.is((await jobs.get('double', job.id))?.status, 'pending');
});

test('an invalid timeout is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.tick();
  await t.throwsAsync(job.result({ timeout: -5 }), {
    code: 'PGS2004',
    message: /^timeout must be/,
  });
});

test('any number of waiters share few connections', async (t) => {
  const url = `${database.url}?application_name=waiters`;
  const { enqueue } = clientFor(t, { connectionString: url });
  const handles = await enqueue.echo.many(
    Array.from({ length: 300 }, (_, i) => ({ gate: 'many', i })),
  );
  const results = Promise.all(handles.map((handle) => handle.result()));
  await open('many', 300);
  const { rows } = await database.pool.query(
    `select count(*)::int as n from pg_stat_activity where application_name = 'waiters'`,
  );
  t.true(rows[0].n <= 6, `${rows[0].n} connections`);
  t.deepEqual(
    (await results).map((result) => (result as { i: number }).i),
    handles.map((_, i) => i),
  );
});

test('a result that retention has dropped is ResultGone', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 });
  await job.result();
  await database.pool.query('delete from pgsched.job_archive where id = $1', [job.id]);
  const error = await t.throwsAsync(job.result(), { name: 'ResultGone', code: 'PGS3007' });
  t.like(error, { details: { id: job.id, task: 'double' } });
});

test('a stored result that does not fit the contract is InvalidResult', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 1 });
  await job.result();
  await database.pool.query(`update pgsched.job_archive set result = '"two"' where id = $1`, [
    job.id,
  ]);
  await t.throwsAsync(job.result(), { code: 'PGS2002', message: /stored result of double/ });
});

test('results come within moments of the end, not with the next poll', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await (await enqueue.echo(null)).result();
  const waits: number[] = [];
  for (let i = 0; i < 10; i++) {
    const job = await enqueue.echo({ gate: `quick ${i}` });
    const result = job.result();
    await open(`quick ${i}`);
    const openedAt = performance.now();
    await result;
    waits.push(performance.now() - openedAt);
  }
  const median = waits.sort((a, b) => a - b)[5] as number;
  t.true(median < 300, `${waits}`);
});

test('results come also after the listening connection was killed, and it comes back', async (t) => {
  const url = `${database.url}?application_name=deaf`;
  const { enqueue } = clientFor(t, { connectionString: url });
  const listeners = async () => {
    const { rows } = await database.pool.query(
      `select pid from pg_stat_activity where application_name = 'deaf' and query like 'listen%'`,
    );
    return rows.map((row) => row.pid as number);
  };
  for (const gate of ['deaf 1', 'deaf 2']) {
    const job = await enqueue.echo({ gate });
    const result = job.result({ timeout: '10s' });
    const [pid] = await until(listeners, (pids) => pids.length === 1);
    await database.pool.query('select pg_terminate_backend($1)', [pid]);
    await open(gate);
    t.deepEqual(await result, { gate });
    await until(listeners, (pids) => pids.length === 1 && pids[0] !== pid);
  }
});

test('results come when every connection is killed while they are awaited', async (t) => {
  const url = `${database.url}?application_name=cutoff`;
  const { enqueue } = clientFor(t, { connectionString: url });
  const handles = await enqueue.echo.many(Array.from({ length: 20 }, () => ({ gate: 'cut' })));
  const results = Promise.all(handles.map((handle) => handle.result({ timeout: '20s' })));
  for (let i = 0; i < 3; i++) {
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cutoff'`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await open('cut', 20);
  t.is((await results).length, 20);
});

test('a job that somebody awaits is kept for as long, whatever its retention', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.echo({ gate: 'kept' });
  const result = job.result();
  await until(
    async () =>
      (
        await database.pool.query(
          `select from pgsched.job where id = $1 and awaited_until > clock_timestamp() + interval '5 minutes'`,
          [job.id],
        )
      ).rowCount,
    (n) => n === 1,
  );
  await open('kept');
  await result;
  t.pass();
});

test('waits end with ClientClosed when the client is closed', async (t) => {
  const client = clientFor(t, { connectionString: database.url });
  const job = await client.enqueue.double({ n: 1 }, { delay: '1h' });
  const waits = [job.result(), job.result({ timeout: '1m' })];
  const results = Promise.allSettled(waits);
  await client.close();
  for (const result of await results) {
    if (result.status !== 'rejected') return t.fail('it gave a result');
    t.true(isPgschedError(result.reason, 'ClientClosed'), String(result.reason));
  }
  await t.throwsAsync(job.result(), { code: 'PGS3009' });
});

/** Opens a gate once so many handlers wait at it. */
async function open(gate: string, count = 1): Promise<void> {
  await until(
    async () => gates.listenerCount(gate),
    (waiting) => waiting >= count,
  );
  gates.emit(gate);
}

async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
