import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { clientFor, type TestClient, workerFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';
import { startWire } from '../../support/wire.js';

const database = await testDatabase();

/** A pool that counts the inserts that go through its connections. */
class CountingPool extends pg.Pool {
  inserts = 0;

  constructor(config: pg.PoolConfig) {
    super(config);
    this.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      // biome-ignore lint/suspicious/noExplicitAny: pg's overloads are many, and all are passed on.
      client.query = (...args: any[]): any => {
        const [first] = args;
        if ((first?.text ?? first).includes('_enqueue(')) this.inserts += 1;
        return query(...args);
      };
    });
  }
}

function counted(t: ExecutionContext): { pool: CountingPool; enqueue: TestClient['enqueue'] } {
  const pool = new CountingPool({ connectionString: database.url });
  t.teardown(() => pool.end());
  const { enqueue } = clientFor(t, { pool });
  return { pool, enqueue };
}

/** How many jobs there are of each text in args, ended ones included. */
async function copies(prefix: string): Promise<Map<string, number>> {
  const { rows } = await database.pool.query(
    `select args #>> '{}' as text, count(*)::int as n
       from (select args from pgsched.job union all select args from pgsched.job_archive) j
      where args #>> '{}' like $1 || '%' group by 1`,
    [prefix],
  );
  return new Map(rows.map(({ text, n }) => [text, n]));
}

const texts = (prefix: string, length: number) =>
  Array.from({ length }, (_, i) => `${prefix} ${i}`);

test('concurrent single calls share an insert, and each gets its own job', async (t) => {
  const { pool, enqueue } = counted(t);
  await enqueue.tick();
  pool.inserts = 0;
  const list = texts('shared', 300);
  const handles = await Promise.all(list.map((text) => enqueue.echo(text)));
  t.true(pool.inserts <= 2, `${pool.inserts} inserts`);
  const { rows } = await database.pool.query(
    `select j.args #>> '{}' as text from unnest($1::bigint[]) with ordinality h(id, place)
       join pgsched.job j on j.id = h.id order by h.place`,
    [handles.map((handle) => handle.id)],
  );
  t.deepEqual(
    rows.map((row) => row.text),
    list,
  );
});

test.serial('what is called while an insert is under way rides in the next one', async (t) => {
  const { pool, enqueue } = counted(t);
  await enqueue.tick();
  const stranger = await database.connect();
  await stranger.query('begin');
  await stranger.query('lock table pgsched.job in share mode');
  pool.inserts = 0;
  const first = enqueue.echo('rides first');
  await waitForLock();
  const others = texts('rides', 60).map((text) => enqueue.echo(text));
  await new Promise((resolve) => setImmediate(resolve));
  t.is(pool.inserts, 1);
  await stranger.query('commit');
  await Promise.all([first, ...others]);
  t.is(pool.inserts, 2);
});

test('tasks, priorities and delays mix in one insert', async (t) => {
  const { pool, enqueue } = counted(t);
  await enqueue.tick(undefined, { priority: 'low' });
  await enqueue.double({ n: 1 }, { priority: 'high' });
  pool.inserts = 0;
  const handles = await Promise.all([
    enqueue.tick(undefined, { priority: 'low' }),
    enqueue.double({ n: 1 }, { priority: 'high' }),
    enqueue.mail.send({ to: 'b' }, { delay: '1h', headers: { a: 'b' } }),
  ]);
  t.is(pool.inserts, 1);
  const { rows } = await database.pool.query(
    'select priority, args, headers from pgsched.job where id = any($1) order by id',
    [handles.map((handle) => handle.id)],
  );
  t.deepEqual(rows, [
    { priority: -10, args: null, headers: null },
    { priority: 10, args: { n: 1 }, headers: null },
    { priority: 10, args: { to: 'b' }, headers: { a: 'b' } },
  ]);
});

const refusals = [
  [
    'a CHECK',
    `alter table pgsched.job add constraint refuse check (args <> '"checked 13"')`,
    '23514',
  ],
  [
    "a trigger's exception",
    `create function refuse() returns trigger language plpgsql as $$
       begin if new.args = '"raised 13"' then raise exception 'not this one, nor a password'; end if; return new; end $$;
     create trigger refuse before insert on pgsched.job for each row execute function refuse()`,
    'P0001',
  ],
  [
    "a trigger's arithmetic",
    `create function divide() returns trigger language plpgsql as $$
       begin if new.args = '"divided 13"' then perform 1 / 0; end if; return new; end $$;
     create trigger divide before insert on pgsched.job for each row execute function divide()`,
    '22012',
  ],
] as const;
for (const [index, [what, sql, code]] of refusals.entries()) {
  test.serial(`a row that ${what} refuses rejects its own caller alone`, async (t) => {
    const { pool, enqueue } = counted(t);
    await enqueue.tick();
    await database.pool.query(sql);
    const prefix = ['checked', 'raised', 'divided'][index] as string;
    pool.inserts = 0;
    const results = await Promise.allSettled(texts(prefix, 64).map((text) => enqueue.echo(text)));
    const rejected = results.flatMap((result, i) =>
      result.status === 'rejected' ? [[i, result.reason.code]] : [],
    );
    t.deepEqual(rejected, [[13, code]]);
    t.is((await copies(prefix)).size, 63);
    t.true(pool.inserts <= 16, `${pool.inserts} inserts to find one of 64`);
  });
}

test.serial('an error that is nobody’s own rejects all, without trying each', async (t) => {
  const { pool, enqueue } = counted(t);
  await enqueue.tick();
  await database.pool.query('alter table pgsched.job rename to job_away');
  t.teardown(() => database.pool.query('alter table if exists pgsched.job_away rename to job'));
  pool.inserts = 0;
  const results = await Promise.allSettled(texts('nobody', 50).map((text) => enqueue.echo(text)));
  await database.pool.query('alter table pgsched.job_away rename to job');
  t.true(results.every(({ status }) => status === 'rejected'));
  t.true(pool.inserts <= 2);
  t.is((await enqueue.tick()).outcome, 'created', 'and the next call works');
});

test('an answer that is lost after the commit: the insert is repeated, and nobody is enqueued twice', async (t) => {
  const wire = await startWire(database.url);
  t.teardown(() => wire.close());
  const { enqueue } = clientFor(t, { connectionString: wire.url });
  await enqueue.tick();
  const calls: readonly (readonly [string, (text: string) => Promise<unknown>])[] = [
    ['lost single', (text) => Promise.all(texts(text, 20).map((each) => enqueue.echo(each)))],
    ['lost keyed', (text) => enqueue.echo(`${text} 0`, { key: 'lost keyed' })],
    ['lost bulk', (text) => enqueue.echo.many(texts(text, 20))],
    [
      'lost keyed bulk',
      (text) => enqueue.echo.many(texts(text, 20), (each) => ({ key: `${each}` })),
    ],
    ['lost commit', (text) => enqueue.echo.many(texts(text, 2_500))],
  ];
  for (const [prefix, call] of calls) {
    let breaks = 0;
    wire.breakAfter = (sent) => {
      const hit = sent.includes(prefix === 'lost commit' ? 'commit' : prefix) && breaks === 0;
      if (hit) breaks += 1;
      return hit;
    };
    await call(prefix);
    t.is(breaks, 1, `${prefix}: the wire was cut`);
    const found = await copies(prefix);
    t.true(
      [...found.values()].every((n) => n === 1),
      prefix,
    );
    t.is(found.size, { 'lost keyed': 1, 'lost commit': 2_500 }[prefix] ?? 20, prefix);
  }
});

test('a job that ran before its insert was repeated does not run again', async (t) => {
  const wire = await startWire(database.url);
  t.teardown(() => wire.close());
  const { enqueue } = clientFor(t, { connectionString: wire.url });
  await enqueue.tick();
  const runs: unknown[] = [];
  const options = { connectionString: database.url, poll: { min: 5, max: 5 } };
  await workerFor(t, { 'mail.send': (args) => void runs.push(args.to) }, options);
  const sent: string[] = [];
  for (let round = 0; round < 10; round++) {
    const to = `ran before ${round}`;
    sent.push(to);
    let cut = false;
    wire.breakAfter = (bytes) => {
      const hit = !cut && bytes.includes(to);
      cut ||= hit;
      return hit;
    };
    const job = await enqueue.mail.send({ to }, round % 2 === 0 ? {} : { key: to });
    await job.result({ timeout: '10s' });
    t.true(cut);
  }
  t.deepEqual(runs, sent);
  const keys = await database.pool.query(
    `select from pgsched.job_key where key like 'ran before%'`,
  );
  t.is(keys.rowCount, 0, 'and its key is free');
});

test('connections that are killed under way: nobody is lost and nobody enqueued twice', async (t) => {
  const url = `${database.url}?application_name=killed`;
  const { enqueue } = clientFor(t, { connectionString: url });
  await enqueue.tick();
  let killed = 0;
  for (let round = 0; round < 40; round++) {
    const calls = texts(`killed ${round}:`, 30).map((text) => enqueue.echo(text));
    const bulk = enqueue.echo.many(texts(`killed ${round}: bulk`, 10));
    await new Promise((resolve) => setTimeout(resolve, round % 8));
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'killed'`,
    );
    killed += rowCount ?? 0;
    await Promise.all([...calls, bulk]);
  }
  t.true(killed >= 40, `${killed} connections were killed`);
  const found = await copies('killed');
  t.is(found.size, 40 * 40);
  t.true([...found.values()].every((n) => n === 1));
});

test('`close()` sends what was called before it', async (t) => {
  const client = clientFor(t, { connectionString: database.url });
  const calls = [
    ...texts('closing', 20).map((text) => client.enqueue.echo(text)),
    client.enqueue.echo('closing keyed', { key: 'closing' }),
    client.enqueue.echo.many(['closing bulk']).then(([handle]) => handle),
  ];
  await client.close();
  t.is((await copies('closing')).size, 22);
  for (const handle of await Promise.all(calls)) t.is(handle?.outcome, 'created');
});

/** Resolves once a backend of this database waits for a lock. For tests that run alone. */
async function waitForLock(): Promise<void> {
  for (;;) {
    const { rowCount } = await database.pool.query(
      `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
      [database.name],
    );
    if (rowCount) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
