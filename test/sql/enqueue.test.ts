import test from 'ava';
import { testDatabase } from '../support/database.js';
import { declare, enqueue, job, row, rows } from '../support/sql.js';

const database = await testDatabase();
const { pool } = database;

await declare(pool, {
  plain: {},
  unknown: null,
  tuned: { priority: 10, topic: 'tuned.eu', version: 3, startWithin: 1_000 },
  keyed: { key: 'order:{id}' },
  sharing: { key: '{id}', onConflict: 'ignore' },
  replacing: { key: '{id}', onConflict: 'replace' },
});

test('a task and its args are enough: all else is the task’s default', async (t) => {
  const { id, outcome } = await enqueue(pool, `'tuned', '{"a": 1}'`);
  t.is(outcome, 'created');
  t.like(await job(pool, id), {
    task: 'tuned',
    status: 'pending',
    args: { a: 1 },
    topic: 'tuned.eu',
    priority: 10,
    version: 3,
    attempt: 0,
    key: null,
  });
});

test('NULL in an optional argument means the default, also where a number is expected', async (t) => {
  const { id } = await enqueue(
    pool,
    `'tuned', '{"a": 1}', run_at => null, delay => null, priority => null, topic => null, key => null,
       on_conflict => null, headers => null, start_within => null`,
  );
  const { start_within } = await row<{ start_within: unknown }>(
    pool,
    'select start_within from pgsched.job where id = $1',
    [id],
  );
  t.is(start_within, null, 'the task’s, read when the job is claimed');
  t.like(await job(pool, id), { topic: 'tuned.eu', priority: 10, version: 3 });
});

test('a task without a contract has the defaults of a task that declares nothing', async (t) => {
  const { id } = await enqueue(pool, `'unknown'`);
  t.like(await job(pool, id), { topic: 'unknown', priority: 0, version: 1, args: null });
});

test('priority is a plain number', async (t) => {
  const { id } = await enqueue(pool, `'plain', priority => 7`);
  t.like(await job(pool, id), { priority: 7 });
  await t.throwsAsync(enqueue(pool, `'plain', priority => 40000`), {
    message: /smallint out of range/,
  });
});

test('a job has the topic and the headers of its call', async (t) => {
  const { id } = await enqueue(pool, `'plain', topic => 'plain.es', headers => '{"trace": "abc"}'`);
  t.like(await job(pool, id), { topic: 'plain.es', headers: { trace: 'abc' } });
});

test('delay counts from now, run_at is an instant, and one that has passed means now', async (t) => {
  const due = async (args: string): Promise<number> => {
    const { id } = await enqueue(pool, args);
    const found = await row<{ s: number }>(
      pool,
      'select round(extract(epoch from run_at - created_at))::int as s from pgsched.all_jobs where id = $1',
      [id],
    );
    return found.s;
  };
  t.is(await due(`'plain', delay => '90 s'`), 90);
  t.is(await due(`'plain', delay => '1 day'`), 86_400);
  t.is(await due(`'plain', run_at => now() + interval '90 s'`), 90);
  t.is(await due(`'plain', run_at => '1999-12-31T00:00:00Z'`), 0);
});

test('start_within is the call’s own; a negative one is never', async (t) => {
  for (const [given, stored] of [
    ['2 s', 2_000],
    ['-1 s', -1_000],
  ] as const) {
    const { id } = await enqueue(pool, `'tuned', start_within => $1`, [given]);
    const found = await row<{ ms: string }>(
      pool,
      'select start_within as ms from pgsched.job where id = $1',
      [id],
    );
    t.is(Math.sign(Number(found.ms)), Math.sign(stored));
  }
});

test('an unknown task raises, and says which was meant', async (t) => {
  const refused = await t.throwsAsync(enqueue(pool, `'Plain'`), {
    message: `There is no task 'Plain'.`,
  });
  t.like(refused, { code: '22023', detail: 'PGS2003 UnknownTask', hint: `Did you mean 'plain'?` });
  await t.throwsAsync(enqueue(pool, 'null'), { message: 'There is no task NULL.' });
});

test('bad arguments are told by name', async (t) => {
  const refused: Record<string, RegExp> = {
    [`'plain', delay => '1 s', run_at => now()`]: /run_at and delay exclude each other/,
    [`'plain', delay => '-1 s'`]: /delay must not be negative/,
    [`'plain', run_at => 'infinity'`]: /run_at must be an instant; got infinity/,
    [`'plain', run_at => '-infinity'`]: /run_at must be an instant; got -infinity/,
    [`'plain', topic => 'a b'`]: /A topic is names with dots/,
    [`'plain', topic => 'a.*'`]: /A topic is names with dots/,
    [`'plain', topic => ''`]: /A topic is names with dots/,
    [`'plain', topic => repeat('x', 501)`]: /A topic is names with dots/,
    [`'plain', key => ''`]: /A key must be a text of 1 to 200 bytes/,
    [`'plain', key => repeat('é', 101)`]: /A key must be a text of 1 to 200 bytes/,
    [`'sharing', '{"id": ""}'`]: /A key must be a text of 1 to 200 bytes/,
    [`'keyed', '{}'`]: /The key order:\{id\} needs a text/,
    [`'plain', on_conflict => 'skip'`]: /on_conflict must be raise, ignore or replace; got skip/,
    [`'plain', headers => '{"a": 1}'`]: /headers must be an object of texts/,
    [`'plain', headers => '[]'`]: /headers must be an object of texts/,
    [`'plain', jsonb_build_object('a', repeat('x', 1048577))`]: /more than 1 MiB/,
  };
  for (const [args, message] of Object.entries(refused)) {
    await t.throwsAsync(enqueue(pool, args), { code: '22023', message }, args);
  }
});

test('a held key raises nothing: the outcome says duplicate, and whose it is', async (t) => {
  const first = await enqueue(pool, `'keyed', '{"id": 1}'`);
  t.is(first.outcome, 'created');
  t.deepEqual(await enqueue(pool, `'keyed', '{"id": 1}'`), { id: first.id, outcome: 'duplicate' });
  t.deepEqual(await enqueue(pool, `'keyed', key => 'order:1'`), {
    id: first.id,
    outcome: 'duplicate',
  });
  t.like(await job(pool, first.id), { key: 'order:1' });
});

test('what happens to a held key is the call’s word, else the task’s', async (t) => {
  const first = await enqueue(pool, `'sharing', '{"id": "a", "n": 1}'`);
  t.deepEqual(await enqueue(pool, `'sharing', '{"id": "a", "n": 2}'`), {
    id: first.id,
    outcome: 'existing',
  });
  t.deepEqual(
    await enqueue(
      pool,
      `'sharing', '{"id": "a", "n": 3}', on_conflict => 'replace', priority => 3`,
    ),
    { id: first.id, outcome: 'replaced' },
  );
  t.like(await job(pool, first.id), { args: { id: 'a', n: 3 }, priority: 3 });

  const other = await enqueue(pool, `'replacing', '{"id": "a", "n": 1}'`);
  t.deepEqual(await enqueue(pool, `'replacing', '{"id": "a", "n": 2}'`), {
    id: other.id,
    outcome: 'replaced',
  });
  t.deepEqual(await enqueue(pool, `'replacing', '{"id": "a"}', on_conflict => 'raise'`), {
    id: other.id,
    outcome: 'duplicate',
  });
});

test('a conflict does not abort the caller’s transaction, which goes on and commits', async (t) => {
  await pool.query('create table if not exists orders (id integer)');
  const client = await database.connect();
  await client.query('begin');
  await client.query('insert into orders values (77)');
  await enqueue(client, `'keyed', '{"id": 77}'`);
  t.is((await enqueue(client, `'keyed', '{"id": 77}'`)).outcome, 'duplicate');
  await client.query('commit');
  t.like(await row(pool, 'select count(*)::int as n from orders where id = 77'), { n: 1 });
  t.is((await rows(pool, `select from pgsched.all_jobs where key = 'order:77'`)).length, 1);
});

test('a keyed enqueue waits for another transaction that holds the key, and takes it if that rolls back', async (t) => {
  const [one, two] = [await database.connect(), await database.connect()];
  await one.query('begin');
  await enqueue(one, `'keyed', '{"id": 5}'`);
  const waiting = enqueue(two, `'keyed', '{"id": 5}'`);
  await one.query('rollback');
  t.is((await waiting).outcome, 'created');
});

test('a trigger enqueues in the transaction of its row: both are there, or neither', async (t) => {
  await pool.query(`
    create table parcel (id integer primary key, weight numeric);
    create function enqueue_parcel() returns trigger language plpgsql as $$
    begin
      perform pgsched.enqueue('plain', jsonb_build_object('parcel', new.id), key => 'parcel:' || new.id);
      return new;
    end $$;
    create trigger parcel_enqueue after insert on parcel for each row execute function enqueue_parcel();`);
  const client = await database.connect();
  const jobs = async () =>
    (
      await rows<{ key: string }>(
        pool,
        `select key from pgsched.all_jobs where key like 'parcel:%' order by id`,
      )
    ).map(({ key }) => key);

  await client.query('begin');
  await client.query('insert into parcel values (1, 2.5), (2, 3)');
  await client.query('rollback');
  t.deepEqual(await jobs(), []);

  await client.query('begin');
  await client.query('insert into parcel values (3, 2.5), (4, 3)');
  t.deepEqual(await jobs(), [], 'nobody sees them before the commit');
  await client.query('commit');
  t.deepEqual(await jobs(), ['parcel:3', 'parcel:4']);
});
