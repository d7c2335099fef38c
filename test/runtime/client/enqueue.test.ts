import test from 'ava';
import { isPgschedError } from '../../../runtime/errors.js';
import { clientFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

async function rowOf({ id }: { readonly id: string }) {
  const { rows } = await database.pool.query(
    `select j.*, t.name as "taskName", l.level,
            extract(epoch from j.run_at - j.created_at)::float8 * 1000 as "wait"
       from pgsched.job j join pgsched.task t on t.task = j.task left join pgsched.lane l on l.lane = j.lane
      where j.id = $1`,
    [id],
  );
  return rows[0];
}

test('an enqueue puts one pending job in the table and gives its handle', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.mail.send({ to: 'ada@example.org' });
  t.is(job.task, 'mail.send');
  t.is(job.outcome, 'created');
  const row = await rowOf(job);
  t.like(row, {
    taskName: 'mail.send',
    args: { to: 'ada@example.org' },
    version: 1,
    priority: 10,
    level: 10,
    attempt: 0,
    fence: null,
    key: null,
    headers: null,
    due_at: null,
    awaited_until: null,
    wait: 0,
  });
});

test('a task without args is enqueued without args, with options second', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  t.is((await rowOf(await enqueue.tick())).args, null);
  t.like(await rowOf(await enqueue.tick(undefined, { priority: 3 })), { args: null, priority: 3 });
});

test('fields that the contract does not declare are not stored', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const more = { n: 1, secret: 'x' };
  t.deepEqual((await rowOf(await enqueue.double(more))).args, { n: 1 });
});

test("`delay` is a duration from now by the database's clock", async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const args = { n: 1 };
  t.is((await rowOf(await enqueue.double(args, { delay: '5m' }))).wait, 300_000);
  t.is((await rowOf(await enqueue.double(args, { delay: 1_500 }))).wait, 1_500);
  t.is((await rowOf(await enqueue.double(args, { delay: 0 }))).wait, 0);
});

test('`delay` may be a fraction of a millisecond, as arithmetic gives it', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  t.is((await rowOf(await enqueue.double({ n: 1 }, { delay: 99.6 }))).wait, 100);
});

for (const delay of ['5 minutes', '5x', '', -1, Number.NaN, Number.POSITIVE_INFINITY, '101000d']) {
  test(`delay ${JSON.stringify(delay)} (${delay}) is refused`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    await t.throwsAsync(enqueue.double({ n: 1 }, { delay: delay as number }), {
      code: 'PGS2004',
      message: /delay must be milliseconds as a number, or a text like '250ms'/,
    });
  });
}

test('`runAt` is the instant, to the microsecond, whatever the offset', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const instants: readonly (readonly [Date | string, string])[] = [
    [new Date('2999-05-01T10:00:00.123Z'), '2999-05-01 10:00:00.123'],
    ['2999-05-01T12:00:00+02:00', '2999-05-01 10:00:00'],
    ['2999-05-01 12:00+02', '2999-05-01 10:00:00'],
    ['2999-05-01T10:00:00.123456Z', '2999-05-01 10:00:00.123456'],
    ['2996-02-29T10:00:00Z', '2996-02-29 10:00:00'],
  ];
  for (const [runAt, expected] of instants) {
    const job = await enqueue.double({ n: 1 }, { runAt });
    const { rows } = await database.pool.query(
      `select (run_at at time zone 'UTC')::text as at, due_at from pgsched.job where id = $1`,
      [job.id],
    );
    t.deepEqual(rows, [{ at: expected, due_at: null }]);
  }
});

test('a `runAt` that has passed means now, and is remembered as what was asked for', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  for (const runAt of [new Date(86_400_000), '1970-01-02T00:00:00Z']) {
    const row = await rowOf(await enqueue.double({ n: 1 }, { runAt }));
    t.is(row.wait, 0);
    t.is(row.due_at.toISOString(), '1970-01-02T00:00:00.000Z');
  }
});

for (const runAt of [
  '2999-05-01T10:00:00',
  '2999-05-01',
  'tomorrow',
  '',
  '2999-02-30T10:00:00Z',
  '2999-02-29T10:00:00Z',
  '2999-13-01T10:00:00Z',
  '2999-01-01T25:00:00Z',
  '0000-01-01T00:00:00Z',
  '2999-01-01T00:00:00+99:00',
  '2999-01-01T00:00:00+18:00',
  new Date(Number.NaN),
  new Date(8.64e15),
  new Date(-8.64e15),
  0,
  null,
]) {
  const text = runAt instanceof Date ? `Date ${runAt.getTime()}` : JSON.stringify(runAt);
  test(`runAt ${text} is refused`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    await t.throwsAsync(enqueue.double({ n: 1 }, { runAt: runAt as Date }), {
      code: 'PGS2004',
      message: /runAt must be a valid Date, or a text with an offset/,
    });
  });
}

test('`delay` and `runAt` exclude each other', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await t.throwsAsync(enqueue.double({ n: 1 }, { delay: 5, runAt: new Date() }), {
    code: 'PGS2004',
    message: /runAt and delay exclude each other/,
  });
});

test('`priority` is a name or a whole number; the lane is that of its level', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const priorities = [
    ['low', -10, -10],
    ['normal', 0, 0],
    ['high', 10, 10],
    ['critical', 20, 20],
    [7, 7, 0],
    [-1, -1, -10],
    [32_767, 32_767, 20],
    [-32_767, -32_767, -10],
    [undefined, 0, 0],
  ] as const;
  for (const [priority, stored, level] of priorities) {
    t.like(await rowOf(await enqueue.double({ n: 1 }, { priority })), { priority: stored, level });
  }
});

for (const priority of ['urgent', 'toString', '', 1.5, Number.NaN, 40_000, -32_768, null]) {
  test(`priority ${String(priority) || '""'} is refused`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    await t.throwsAsync(enqueue.double({ n: 1 }, { priority: priority as number }), {
      code: 'PGS2004',
      message: /priority must be low, normal, high, critical, or a whole number/,
    });
  });
}

test('headers travel with the job, any text in them', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const headers = { trace: '00-ab', 'Ünï "quoted"': "it's 100% \\ fine\n✓ 😀", empty: '' };
  t.deepEqual((await rowOf(await enqueue.double({ n: 1 }, { headers }))).headers, headers);
});

for (const headers of [{ a: 1 }, { a: null }, { a: undefined }, 'text', null, ['x']]) {
  test(`headers ${JSON.stringify(headers)} (${Object.values(headers ?? {})}) are refused`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    const error = await t.throwsAsync(
      enqueue.double({ n: 1 }, { headers: headers as unknown as Record<string, string> }),
    );
    t.true(isPgschedError(error, 'InvalidOption'), String(error));
  });
}

test('args that do not fit are refused by task and path, before anything is written', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const error = await t.throwsAsync(enqueue.double({ n: 'four' as unknown as number }), {
    name: 'InvalidArgs',
    code: 'PGS2001',
    message: /The args of double do not fit its contract; nothing was enqueued\.\n {2}n: /,
  });
  t.like(error, { details: { task: 'double', issues: [{ path: 'n' }] } });
});

test('args that are missing altogether are refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await t.throwsAsync((enqueue.double as unknown as () => Promise<unknown>)(), {
    code: 'PGS2001',
  });
});

test('an onConflict that does not exist is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const onConflict = 'overwrite' as unknown as 'raise';
  await t.throwsAsync(enqueue.double({ n: 1 }, { onConflict, key: 'k' }), { code: 'PGS2004' });
  await t.throwsAsync(enqueue.double.many([{ n: 1 }], { onConflict }), { code: 'PGS2004' });
});

test('a client and its handles are frozen through and through', async (t) => {
  const client = clientFor(t, { connectionString: database.url });
  const handle = await client.enqueue.tick();
  const parts = [
    client,
    client.enqueue,
    client.enqueue.mail,
    client.enqueue.mail.send,
    client.call,
    client.call.tick,
    client.jobs,
    handle,
  ];
  for (const part of parts) t.true(Object.isFrozen(part));
});

test('levels and tasks can be awaited and printed: they are no promises', async (t) => {
  const client = clientFor(t, { connectionString: database.url });
  t.is(await client.enqueue, client.enqueue);
  t.is(await client.enqueue.mail, client.enqueue.mail);
  t.is(await client.enqueue.tick, client.enqueue.tick);
  t.deepEqual(Object.keys(client.enqueue), ['tick', 'double', 'mail', 'echo', 'receipt', 'quiet']);
});

test('a name that is no task is a compile error, and undefined', (t) => {
  const client = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- the task is `double`
  t.is(client.enqueue.dobule, undefined);
  // @ts-expect-error -- not even what every object has
  t.is(client.enqueue.mail.hasOwnProperty, undefined);
});

test('an option that does not exist is a compile error', (t) => {
  const client = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- the option is `delay`
  void (() => client.enqueue.double({ n: 1 }, { dealy: '5m' }));
  // @ts-expect-error -- a request has no transaction
  void (() => client.call.double({ n: 1 }, { tx: {} }));
  // @ts-expect-error -- nor a delay
  void (() => client.call.double({ n: 1 }, { delay: '5m' }));
  // @ts-expect-error -- the field is `n`
  void (() => client.enqueue.double({ m: 1 }));
  t.pass();
});

test('`jobs.get` reads a job of the task, and null for any other id', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const job = await enqueue.double({ n: 4 }, { priority: 'high', key: 'to be read' });
  const found = await jobs.get('double', job.id);
  t.like(found, {
    id: job.id,
    task: 'double',
    status: 'pending',
    attempt: 0,
    priority: 10,
    key: 'to be read',
    result: null,
    error: null,
    endedAt: null,
  });
  t.true(found?.createdAt instanceof Date && found.runAt instanceof Date);
  t.is(await jobs.get('tick', job.id), null);
  for (const id of ['999999999', '0', '-1', 'abc', '', '99999999999999999999', '1; select 1']) {
    t.is(await jobs.get('double', id), null, id);
  }
});
