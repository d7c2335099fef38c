import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { bindWorker } from '../../../runtime/worker/bind-worker.js';
import { clientFor, contract, type TestClient } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

const worker = bindWorker(
  contract,
  null,
  {
    tick: () => {},
    double: ({ n }: { n: number }) => {
      if (n < 0) throw new RangeError('negative');
      return n * 2;
    },
    /** Runs until it is told to stop. */
    echo: async (_: unknown, { signal }: { signal: AbortSignal }) => {
      if (!signal.aborted) await once(signal, 'abort');
      throw signal.reason;
    },
  },
  { connectionString: database.url, onEvent: () => {} },
);
test.before(() => worker.start());
test.after.always(() => worker.stop({ drain: 0 }));

const clientOf = (t: ExecutionContext): TestClient =>
  clientFor(t, { connectionString: database.url });

/** The task's newest job with this priority, once it stands like that. */
async function jobWith(priority: number, status: string): Promise<string> {
  for (;;) {
    const { rows } = await database.pool.query(
      `select id from (
         select id, priority, case when fence is null then 'pending' else 'running' end as status from pgsched.job
         union all select id, priority, status::text from pgsched.job_archive) j
        where priority = $1 and status = $2`,
      [priority, status],
    );
    if (rows.length > 0) return rows[0].id;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a call enqueues, waits, and gives the typed result', async (t) => {
  const { call } = clientOf(t);
  const doubled: number = await call.double({ n: 21 });
  t.is(doubled, 42);
  t.is(await call.tick(), undefined);
});

test('a call of a failing task rejects with JobFailed', async (t) => {
  const { call } = clientOf(t);
  await t.throwsAsync(call.double({ n: -1 }), {
    code: 'PGS3003',
    message: /double failed: RangeError: negative/,
  });
});

test('args and options of a call are checked like those of an enqueue', async (t) => {
  const { call } = clientOf(t);
  await t.throwsAsync(call.double({ n: '1' as unknown as number }), { code: 'PGS2001' });
  await t.throwsAsync(call.double({ n: 1 }, { timeout: -1 }), { code: 'PGS2004' });
  await t.throwsAsync(call.double({ n: 1 }, { priority: 1.5 }), { code: 'PGS2004' });
});

test('a timeout may be a fraction of a millisecond, as arithmetic gives it', async (t) => {
  t.is(await clientOf(t).call.double({ n: 1 }, { timeout: 20_000.25 }), 2);
});

test.serial('a call whose time is up cancels its running job', async (t) => {
  const { call, jobs } = clientOf(t);
  // Later than that it would not start at all: what is slow at first has been done before.
  await call.double({ n: 1 });
  const error = await t.throwsAsync(call.echo(null, { priority: 101, timeout: 1_000 }), {
    name: 'ResultTimeout',
    code: 'PGS3006',
    message: 'The call of echo got no result within 1000 ms; its job is cancelled.',
  });
  t.like(error, { details: { task: 'echo', timeout: 1_000 } });
  const id = await jobWith(101, 'cancelled');
  t.is((await jobs.get('echo', id))?.status, 'cancelled');
});

test('a call whose time is up cancels its waiting job: nobody runs it later', async (t) => {
  const { call } = clientOf(t);
  await t.throwsAsync(call.receipt({ orderId: 1 }, { priority: 102, timeout: 200 }), {
    code: 'PGS3006',
  });
  await jobWith(102, 'cancelled');
  t.pass();
});

test('a call whose signal aborts rejects with the reason and cancels its job', async (t) => {
  const { call } = clientOf(t);
  const controller = new AbortController();
  const reason = new Error('the user left');
  const result = t.throwsAsync(call.echo(null, { priority: 103, signal: controller.signal }), {
    is: reason,
  });
  await jobWith(103, 'running');
  controller.abort(reason);
  await result;
  await jobWith(103, 'cancelled');
});

test('a call whose signal has aborted enqueues nothing', async (t) => {
  const { call } = clientOf(t);
  const reason = new Error('too late');
  const signal = AbortSignal.abort(reason);
  await t.throwsAsync(call.echo(null, { priority: 104, signal }), { is: reason });
  const { rowCount } = await database.pool.query('select from pgsched.job where priority = 104');
  t.is(rowCount, 0);
});

test('a call joins the job that holds its key, and giving up leaves that job to its owner', async (t) => {
  const { call, enqueue, jobs } = clientOf(t);
  const job = await enqueue.receipt({ orderId: 7 });
  const joined = call.receipt({ orderId: 7 }, { onConflict: 'ignore', timeout: 200 });
  await t.throwsAsync(joined, { code: 'PGS3006' });
  t.is((await jobs.get('receipt', job.id))?.status, 'pending');
  await t.throwsAsync(call.receipt({ orderId: 7 }), { code: 'PGS3001' });
});

test('two calls of one key share a run', async (t) => {
  const { call } = clientOf(t);
  const options = { key: 'shared', onConflict: 'ignore' } as const;
  t.deepEqual(
    await Promise.all([call.double({ n: 4 }, options), call.double({ n: 4 }, options)]),
    [8, 8],
  );
});

test.serial(
  'the time of a call bounds its insert too; the job is cancelled once it is there',
  async (t) => {
    const { call, enqueue } = clientOf(t);
    await enqueue.mail.send({ to: 'first use' });
    const stranger = await database.connect();
    await stranger.query('begin');
    await stranger.query('lock table pgsched.job in share mode');
    const startedAt = performance.now();
    await t.throwsAsync(call.receipt({ orderId: 8 }, { priority: 105, timeout: 300 }), {
      code: 'PGS3006',
    });
    const took = performance.now() - startedAt;
    await stranger.query('commit');
    t.true(took < 1_500, `${took} ms`);
    await jobWith(105, 'cancelled');
  },
);

test('closing the client ends its calls', async (t) => {
  const client = clientOf(t);
  const result = t.throwsAsync(client.call.echo(null, { priority: 106 }), { code: 'PGS3009' });
  await jobWith(106, 'running');
  await client.close();
  await result;
});
