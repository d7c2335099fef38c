import { randomBytes } from 'node:crypto';
import test, { registerCompletionHandler } from 'ava';
import pg from 'pg';
import { testServerUrl } from '../support/create-database.js';
import { testDatabase } from '../support/database.js';
import { ack, claimOne, declare, enqueue, job, rows } from '../support/sql.js';
import { until } from '../support/until.js';

const database = await testDatabase();
const { pool } = database;
await declare(pool, { plain: {}, mine: {}, keyed: { key: '{id}' } });

// Roles belong to the server: a name of this run's own.
const role = `pgsched_caller_${randomBytes(6).toString('hex')}`;
const reader = `pgsched_reader_${randomBytes(6).toString('hex')}`;
const admin = await database.connect();
await admin.query(`
  create role ${role} nologin;
  create role ${reader} nologin;
  grant usage on schema pgsched to ${role}, ${reader};
  grant execute on function pgsched.enqueue, pgsched.enqueue_many, pgsched.claim, pgsched.claim_topic, pgsched.ack, pgsched.nack,
    pgsched.cancel, pgsched.redrive, pgsched.reschedule to ${role};
  grant select on pgsched.all_jobs, pgsched.running_jobs, pgsched.expired_jobs, pgsched.queue_stats to ${reader};
  create schema open_to_all; grant all on schema open_to_all to public`);
registerCompletionHandler(async () => {
  const server = new pg.Client({ connectionString: await testServerUrl() });
  await server.connect();
  // What they own goes with the database.
  await until(
    () => server.query(`drop role ${role}, ${reader}`).catch(() => null),
    'the roles to go',
  );
  await server.end();
});

async function as(name: string): ReturnType<typeof database.connect> {
  const client = await database.connect();
  await client.query(`set role ${name}`);
  return client;
}

test.serial(
  'EXECUTE on the public functions and USAGE on the schema are all that a caller needs',
  async (t) => {
    const client = await as(role);
    const { id } = await enqueue(client, `'mine', '{"a": 1}'`);
    const claimed = await claimOne(client, 'mine');
    t.is(claimed.id, id);
    await client.query('select pgsched.nack($1, $2)', [claimed.id, claimed.fence]);
    t.is((await rows(client, 'select pgsched.reschedule($1, now())', [id])).length, 1);
    t.true(await ack(client, await claimOne(client, 'mine')));
    const other = await enqueue(client, `'mine'`);
    t.deepEqual(await rows(client, 'select pgsched.cancel($1), pgsched.redrive($1)', [other.id]), [
      { cancel: true, redrive: true },
    ]);
    t.is((await rows(client, `select * from pgsched.claim_topic('mine.*')`)).length, 0);
    t.is((await rows(client, `select * from pgsched.claim_topic('mine')`)).length, 1);
  },
);

test.serial(
  'SELECT on the views and USAGE on the schema are all that a reader needs',
  async (t) => {
    const { id } = await enqueue(pool, `'keyed', '{"id": "seen"}'`);
    const client = await as(reader);
    t.like(await job(client, id), { topic: 'keyed', key: 'seen' });
    for (const view of ['running_jobs', 'expired_jobs', 'queue_stats']) {
      await t.notThrowsAsync(client.query(`select * from pgsched.${view}`));
    }
    await t.throwsAsync(enqueue(client, `'plain'`), {
      message: /permission denied for function enqueue/,
    });
  },
);

test.serial('a caller reaches no table and none of our own functions', async (t) => {
  const client = await as(role);
  const tables = await rows<{ name: string }>(
    pool,
    `select c.oid::regclass::text as name from pg_class c
      where c.relnamespace = 'pgsched'::regnamespace and c.relkind in ('r', 'p', 'v', 'S')`,
  );
  t.true(tables.length > 10);
  for (const { name } of tables) {
    await t.throwsAsync(client.query(`select * from ${name}`), { code: '42501' }, name);
  }
  await t.throwsAsync(
    client.query(`select pgsched._settle('{}', '{}', '{}', '{}', '{}', '{}', '{}')`),
    { code: '42501' },
  );
});

test.serial('nothing of the schema is granted to PUBLIC', async (t) => {
  t.deepEqual(
    await rows(
      pool,
      `select p.oid::regprocedure::text as name
         from pg_proc p
        where p.pronamespace = 'pgsched'::regnamespace
          and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
       union all
       select c.oid::regclass::text from pg_class c, aclexplode(c.relacl) a
        where c.relnamespace = 'pgsched'::regnamespace and a.grantee = 0`,
    ),
    [],
  );
});

test.serial('every public function, view and type says what it is', async (t) => {
  const undescribed = await rows(
    pool,
    `select p.proname::text as name from pg_proc p
      where p.pronamespace = 'pgsched'::regnamespace and p.proname !~ '^_' and obj_description(p.oid, 'pg_proc') is null
     union all
     select c.relname from pg_class c
      where c.relnamespace = 'pgsched'::regnamespace and c.relkind = 'v' and obj_description(c.oid, 'pg_class') is null
     union all
     select t.typname from pg_type t join pg_class c on c.oid = t.typrelid
      where c.relnamespace = 'pgsched'::regnamespace and c.relkind = 'c' and obj_description(t.oid, 'pg_type') is null
     union all
     select n.nspname from pg_namespace n where n.nspname = 'pgsched' and obj_description(n.oid, 'pg_namespace') is null`,
  );
  t.deepEqual(undescribed, []);
});

test.serial(
  'every function that runs with its owner’s rights has a safe search_path, and none builds SQL from what it is given',
  async (t) => {
    const unsafe = await rows(
      pool,
      `select p.proname::text as name from pg_proc p
      where p.pronamespace = 'pgsched'::regnamespace and p.prosecdef
        and not coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']`,
    );
    t.deepEqual(unsafe, []);
    const dynamic = await rows<{ name: string }>(
      pool,
      `select p.proname::text as name from pg_proc p
      where p.pronamespace = 'pgsched'::regnamespace and p.prosrc ~* '\\mexecute\\M'`,
    );
    // Its only input is days.
    t.deepEqual(dynamic, [{ name: '_add_archive_days' }]);
  },
);

test.serial('functions, operators and tables that a caller puts in front do nothing', async (t) => {
  const client = await as(role);
  await client.query(`
    create function open_to_all.clock_timestamp() returns timestamptz language plpgsql as $$ begin raise 'taken'; end $$;
    create function open_to_all.unnest(text[]) returns setof text language plpgsql as $$ begin raise 'taken'; end $$;
    create function open_to_all.octet_length(text) returns integer language plpgsql as $$ begin raise 'taken'; end $$;
    create function open_to_all.equal(text, text) returns boolean language plpgsql as $$ begin raise 'taken as %', current_user; end $$;
    create operator open_to_all.= (leftarg = text, rightarg = text, function = open_to_all.equal);
    create function open_to_all.equal(bigint, bigint) returns boolean language plpgsql as $$ begin raise 'taken as %', current_user; end $$;
    create operator open_to_all.= (leftarg = bigint, rightarg = bigint, function = open_to_all.equal);
    create temporary table job (id bigint);
    create temporary table task_name (name text, task integer);
    set search_path = open_to_all, pg_temp, pg_catalog, pgsched`);
  await t.throwsAsync(
    client.query(`select 'a'::text = 'b'::text`),
    { message: `taken as ${role}` },
    'they are in front',
  );
  const { id } = await enqueue(client, `'keyed', '{"id": "hostile"}'`);
  t.is((await enqueue(client, `'keyed', '{"id": "hostile"}'`)).outcome, 'duplicate');
  const [claimed] = (
    await client.query(`select * from pgsched.claim_topic('keyed', 100)`)
  ).rows.filter((found) => found.id === id);
  t.true(await ack(client, claimed));
  await client.query(
    'select pgsched.cancel(1), pgsched.redrive(1), pgsched.reschedule(1, now()), pgsched.nack(1, 1)',
  );
});

test.serial('hostile texts are only texts', async (t) => {
  const client = await as(role);
  const text = `'); drop table pgsched.job; --$$ \\' %s %I :'schema' {a}`;
  const { id } = await enqueue(client, `'plain', to_jsonb($1::text), key => $1`, [text]);
  t.like(await job(pool, id), { args: text, key: text });
  await t.throwsAsync(enqueue(client, '$1', [text]), { message: /^There is no task / });
  await t.throwsAsync(client.query('select pgsched.claim_topic($1)', [text]), {
    message: /A pattern is a topic/,
  });
});

/** As PostgREST calls a function: a role switch in the transaction, the body of the request as JSON, named arguments, JSON back. */
async function rpc(call: string, args: string, body: unknown): Promise<unknown> {
  const client = await database.connect();
  await client.query('begin');
  await client.query(
    `select set_config('role', $1, true), set_config('search_path', 'pgsched, public', true), set_config('request.jwt.claims', '{}', true)`,
    [role],
  );
  const { rows: found } = await client.query(
    `with pgrst_body as (select $1::json as json_data),
          pgrst_args as (select * from json_to_record((select json_data from pgrst_body)) as _(${args}))
     select coalesce(json_agg(r), '[]')::json as body
       from pgrst_args, lateral (select * from ${call}) r`,
    [JSON.stringify(body)],
  );
  await client.query('commit');
  return found[0].body;
}

test.serial('PostgREST’s way of calling works: enqueue, enqueue_many, claim, ack', async (t) => {
  const [one] = (await rpc(
    'pgsched.enqueue(task := pgrst_args.task, args := pgrst_args.args, priority := pgrst_args.priority)',
    'task text, args jsonb, priority integer',
    { task: 'keyed', args: { id: 'rest' }, priority: 5 },
  )) as { id: number; outcome: string }[];
  t.is(one?.outcome, 'created');
  t.like(
    await rpc('pgsched.enqueue_many(jobs := pgrst_args.jobs)', 'jobs pgsched.new_job[]', {
      jobs: [
        { task: 'keyed', args: { id: 'rest' } },
        { task: 'keyed', args: { id: 'rest 2' }, priority: 6 },
      ],
    }),
    [{ id: one?.id, outcome: 'existing' }, { outcome: 'created' }] as never,
  );
});
