import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext, registerCompletionHandler } from 'ava';
import pg from 'pg';
import type { WrittenTask } from '../../generator/emit/contract.js';
import type { PropertyShape, Shape, TaskContract } from '../../runtime/contract/types.js';
import { isPgschedError } from '../../runtime/errors.js';
import { migrate } from '../../schema/migrate.js';
import { number, object, string } from '../support/contract.js';
import { testServerUrl } from '../support/create-database.js';
import { testDatabase } from '../support/database.js';
import { row, rows } from '../support/sql.js';
import { changesOf, defineFunctions } from '../support/task-functions.js';
import { until } from '../support/until.js';

const database = await testDatabase({ migrated: false });
const { pool } = database;

const role = `pgsched_shop_${randomBytes(6).toString('hex')}`;
const clerk = `pgsched "clerk" ${randomBytes(6).toString('hex')}`;
await pool.query(
  `create role ${role} nologin; create role "${clerk.replaceAll('"', '""')}" nologin`,
);
registerCompletionHandler(async () => {
  const server = new pg.Client({ connectionString: await testServerUrl() });
  await server.connect();
  // What they may do goes with the database.
  const drop = `drop role ${role}, "${clerk.replaceAll('"', '""')}"`;
  await until(() => server.query(drop).catch(() => null), 'the roles to go');
  await server.end();
});

/** A fresh instance in a schema of its own. */
async function instance(schema: string): Promise<{
  client: pg.Client;
  define(tasks: Readonly<Record<string, Partial<WrittenTask>>>): Promise<string[]>;
}> {
  const client = await database.connect();
  await migrate(client, { schema });
  return {
    client,
    define: async (tasks) => changesOf(await defineFunctions(client, tasks, schema)),
  };
}

interface Function {
  readonly name: string;
  readonly oid: number;
  readonly acl: string[];
  readonly doc: string | null;
}

/** The functions of tasks in a schema, and when each was last written: what migrate did not touch has the same. */
function functionsOf(schema: string): Promise<(Function & { readonly xmin: string })[]> {
  return rows(
    pool,
    `select p.proname as name, p.oid, p.xmin::text, array(select a::text from unnest(p.proacl) a order by 1) as acl, obj_description(p.oid, 'pg_proc') as doc
       from pg_proc p
      where p.pronamespace = $1::regnamespace and p.proname like 'enqueue\\__%' and p.proname <> 'enqueue_many'
      order by 1`,
    [schema],
  );
}

const named = (schema: string, name: string) =>
  functionsOf(schema).then((all) => all.find((found) => found.name === name));

const optional = (name: string, shape: Shape): PropertyShape => ({ name, optional: true, shape });
const withNote: Pick<TaskContract, 'args'> = {
  args: {
    kind: 'object',
    properties: [{ name: 'orderId', optional: false, shape: number }, optional('note', string)],
  },
};

test('functions come with tasks, change with them and go with them; what is the same is not touched', async (t) => {
  const { define } = await instance('lifecycle');
  const send = { args: object({ orderId: number }) };
  t.deepEqual(await define({ 'mail.send': send, tick: {} }), [
    'created enqueue_mail_send',
    'created enqueue_tick',
  ]);
  const before = await functionsOf('lifecycle');
  t.deepEqual(await define({ 'mail.send': send, tick: {} }), []);
  t.deepEqual(await functionsOf('lifecycle'), before);

  t.deepEqual(await define({ 'mail.send': withNote, tick: {}, tock: {} }), [
    'changed enqueue_mail_send',
    'created enqueue_tock',
  ]);
  t.deepEqual(await named('lifecycle', 'enqueue_tick'), before[1]);
  t.deepEqual(await define({ tock: {} }), ['dropped enqueue_mail_send', 'dropped enqueue_tick']);
  t.deepEqual(
    (await functionsOf('lifecycle')).map(({ name }) => name),
    ['enqueue_tock'],
  );
});

test('in a schema of another name the functions are there and enqueue there', async (t) => {
  const { client, define } = await instance('elsewhere');
  await define({ pgsched: { args: object({ pgsched: string }), doc: 'Of pgsched.' } });
  await client.query(`select elsewhere.enqueue_pgsched(pgsched => 'pgsched.job')`);
  t.deepEqual(await rows(client, 'select task, args from elsewhere.all_jobs'), [
    { task: 'pgsched', args: { pgsched: 'pgsched.job' } },
  ]);
  t.deepEqual(
    await define({ pgsched: { args: object({ pgsched: string }), doc: 'Of pgsched.' } }),
    [],
  );
});

test('nobody may call a new function; a role that may call one may do so when it has changed', async (t) => {
  const { client, define } = await instance('granted');
  await define({ send: { args: object({ orderId: number }) } });
  await client.query(`grant usage on schema granted to ${role};
    grant execute on function granted.enqueue_send to ${role};
    grant execute on function granted.enqueue_send to "${clerk.replaceAll('"', '""')}" with grant option`);
  const before = await named('granted', 'enqueue_send');

  await define({ send: { args: object({ orderId: number }), doc: 'Sends.' } });
  t.like(await named('granted', 'enqueue_send'), {
    oid: before?.oid,
    acl: before?.acl,
    doc: 'Enqueues send. Sends.',
  });

  await define({ send: withNote });
  const after = await named('granted', 'enqueue_send');
  t.not(after?.oid, before?.oid);
  t.deepEqual(after?.acl, before?.acl);
  await client.query(`set role ${role}`);
  t.like(await row(client, `select (granted.enqueue_send(7, note => 'x')).outcome`), {
    outcome: 'created',
  });
  await t.throwsAsync(client.query(`select granted.enqueue('send')`), { code: '42501' });
  await client.query('reset role');

  await define({ send: withNote, other: {} });
  await client.query(`set role ${role}`);
  await t.throwsAsync(client.query('select granted.enqueue_other()'), { code: '42501' });
});

/** The call fails, because that function is not migrate's. */
async function isInTheWay(t: ExecutionContext, defining: Promise<unknown>, signature: string) {
  const error = await t.throwsAsync(defining);
  t.true(isPgschedError(error, 'MigrationFailed'));
  t.true(error?.message.includes(`has a function ${signature}`), error?.message);
}

test('a function of somebody else is neither replaced nor dropped, whatever its name is', async (t) => {
  const { client, define } = await instance('strangers');
  await client.query(`
    create function strangers.enqueue_gone() returns int language sql as 'select 1';
    create function strangers.enqueue_send(a text) returns int language sql as 'select 2';
    create function strangers.enqueue_atomic() returns int begin atomic; select 3; end`);
  await isInTheWay(t, define({ tick: {}, send: {} }), 'enqueue_send(text)');
  await isInTheWay(t, define({ tick: {}, atomic: {} }), 'enqueue_atomic()');
  t.is((await functionsOf('strangers')).length, 3, 'nothing was made');
  t.deepEqual(
    await rows(client, `select name from strangers.task where name in ('tick', 'send')`),
    [],
  );
  await client.query('drop function strangers.enqueue_send');
  t.deepEqual(await define({ send: {} }), ['created enqueue_send']);
  t.deepEqual(await define({}), ['dropped enqueue_send']);
  t.deepEqual(
    (await functionsOf('strangers')).map(({ name }) => name),
    ['enqueue_atomic', 'enqueue_gone'],
  );
});

test('a function that was ours and has another body now is its author’s', async (t) => {
  const { client, define } = await instance('taken');
  await define({ send: {}, tick: {} });
  await client.query(`create or replace function taken.enqueue_send(
      run_at timestamptz default null, delay interval default null, priority integer default null, topic text default null,
      key text default null, on_conflict text default null, headers jsonb default null, start_within interval default null)
    returns taken.enqueued language sql as $$ select null::taken.enqueued $$`);
  await isInTheWay(t, define({ send: {}, tick: {} }), 'enqueue_send(timestamp with time zone, ');
  t.deepEqual(await define({ tick: {} }), ['dropped enqueue_send']);
  t.truthy(await named('taken', 'enqueue_send'), 'it was only forgotten');
});

test('a function that somebody has dropped is made again', async (t) => {
  const { client, define } = await instance('dropped');
  await define({ send: {} });
  await client.query('drop function dropped.enqueue_send');
  t.deepEqual(await define({ send: {} }), ['created enqueue_send']);
});

test('a function on which something depends is not dropped, and then nothing is changed', async (t) => {
  const { client, define } = await instance('needed');
  await define({ send: {} });
  await client.query('create view needed.sent as select needed.enqueue_send()');
  await t.throwsAsync(define({ other: {} }), { code: '2BP01' });
  t.deepEqual(
    (await functionsOf('needed')).map(({ name }) => name),
    ['enqueue_send'],
  );
  t.deepEqual(await rows(client, `select from needed.task where name = 'other'`), []);
});

test('a former name has a function too, which enqueues the task of now', async (t) => {
  const { client, define } = await instance('renamed');
  const args = { args: object({ to: string }) };
  await define({ 'mail.sendFax': args });
  const before = await named('renamed', 'enqueue_mail_send_fax');
  t.deepEqual(await define({ 'fax.send': { ...args, formerly: ['mail.sendFax'] } }), [
    'created enqueue_fax_send',
    'changed enqueue_mail_send_fax',
  ]);
  t.like(await named('renamed', 'enqueue_mail_send_fax'), {
    oid: before?.oid,
    doc: 'Enqueues fax.send.\nDeprecated: mail.sendFax is fax.send now: call enqueue_fax_send.',
  });
  await client.query(`select renamed.enqueue_mail_send_fax("to" => 'ada')`);
  t.deepEqual(await rows(client, 'select task from renamed.all_jobs'), [{ task: 'fax.send' }]);
});

test('many migrate at once, with contracts that differ: one after the other, each whole', async (t) => {
  const { client } = await instance('at_once');
  const clients = await Promise.all(Array.from({ length: 6 }, () => database.connect()));
  const done = await Promise.all(
    clients.map((one, i) =>
      defineFunctions(
        one,
        i % 2 === 0 ? { send: withNote, even: {} } : { send: {}, odd: {} },
        'at_once',
      ),
    ),
  );
  t.is(done.flatMap(changesOf).filter((change) => change === 'created enqueue_send').length, 1);
  const names = (await functionsOf('at_once')).map(({ name }) => name);
  const last = names.includes('enqueue_even') ? 'even' : 'odd';
  t.deepEqual(names, [`enqueue_${last}`, 'enqueue_send']);
  await client.query(`select at_once.enqueue_send(${last === 'even' ? 1 : ''})`);
});

test('a task of more fields than a function has arguments takes them as one JSON', async (t) => {
  const { client, define } = await instance('wide');
  const wide = (n: number) => ({
    args: object(Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, string]))),
  });
  await define({ most: wide(92), more: wide(93) });
  const { count } = await row<{ count: number }>(
    client,
    `select pronargs::int as count from pg_proc where oid = 'wide.enqueue_most'::regproc`,
  );
  t.is(count, 100);
  await client.query(`select wide.enqueue_more('{"f0": "x"}', priority => 3)`);
});
