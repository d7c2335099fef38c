import test from 'ava';
import type { Run } from '../../../runtime/database/statements.js';
import { HorizonGuard } from '../../../runtime/maintenance/horizon.js';
import type { HorizonHolder } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { startWorker } from '../../support/worker.js';

const database = await testDatabase();

/** A session that keeps its snapshot, as a report does. */
async function holdSnapshot(name: string) {
  const session = await database.connect({ application_name: name });
  await session.query('begin isolation level repeatable read; select 1');
  const { rows } = await session.query('select pg_backend_pid() as pid');
  return { pid: rows[0].pid as number, release: () => session.query('commit') };
}

test.serial('who keeps vacuum from its work for long is named, once', async (t) => {
  const holder = await holdSnapshot('monthly report');
  const { event, events, worker } = await startWorker(t, database, {}, { horizonLimit: 200 });

  const told = await event('horizonHeld');
  t.like(told.holder, { kind: 'session', pid: holder.pid, name: 'monthly report' });
  t.is(told.holder.state, 'idle in transaction');
  t.true(told.holder.ms >= 200);
  t.regex(
    told.message,
    /the session "monthly report" \(pid \d+\) of \w+, idle in transaction, has/,
  );

  await until(() => (worker.stats().horizon?.holder?.ms ?? 0) > told.holder.ms + 200, 'more looks');
  t.is(events.filter(({ type }) => type === 'horizonHeld').length, 1);

  await holder.release();
  await until(() => worker.stats().horizon?.holder?.pid !== holder.pid, 'the release to be seen');
});

test.serial('the dead rows of the hot tables are counted', async (t) => {
  await database.pool.query(`
    alter table pgsched.job set (autovacuum_enabled = off);
    insert into pgsched.job (id, run_at, created_at, nonce, lane, task, version, priority)
    select -i, 'infinity', now(), 0, 0, 0, 1, 0 from generate_series(1, 100) i;
    delete from pgsched.job where id < 0`);
  const { worker } = await startWorker(t, database, {}, { horizonLimit: 200 });
  await until(() => (worker.stats().horizon?.deadRows.job ?? 0) >= 100, 'the statistics');
  t.is(worker.stats().horizon?.deadRows.jobKey, 0);
});

test.serial('a role that cannot see the sessions of others says so', async (t) => {
  const { worker } = await startWorker(t, database, {}, { horizonLimit: 200 });
  await until(() => worker.stats().horizon !== null, 'a look');
  t.true(worker.stats().horizon?.complete);

  await database.pool.query(`
    create role horizon_blind login password 'blind';
    grant usage on schema pgsched to horizon_blind;
    grant all on all tables in schema pgsched to horizon_blind;
    grant all on all sequences in schema pgsched to horizon_blind;
    grant execute on all functions in schema pgsched to horizon_blind`);
  t.teardown(() =>
    database.pool.query('drop owned by horizon_blind; drop role horizon_blind').catch(() => {}),
  );
  const url = new URL(database.url);
  url.username = 'horizon_blind';
  url.password = 'blind';
  const holder = await holdSnapshot('unseen');
  const blind = await startWorker(
    t,
    database,
    {},
    { horizonLimit: 200, connectionString: url.href },
  );
  await until(() => blind.worker.stats().horizon !== null, 'a look');
  t.false(blind.worker.stats().horizon?.complete);
  t.not(blind.worker.stats().horizon?.holder?.pid, holder.pid);
  await holder.release();
});

test('of a slot nobody says since when it holds: it counts from the first look that saw it, while it stands still', async (t) => {
  const slot = { kind: 'replication slot', pid: null, name: 'reports', role: null, heldMs: null };
  const common = { ...slot, state: 'inactive', seesAll: true, deadJobs: 7, deadKeys: 0 };
  const told: HorizonHolder[] = [];
  let now = 0;
  let xmin = '100';
  const run = (async () => [{ ...common, xmin }]) as unknown as Run;
  const guard = new HorizonGuard(
    run,
    1_000,
    (holder) => told.push(holder),
    () => now,
  );
  const lookAt = async (ms: number): Promise<number | undefined> => {
    now = ms;
    await guard.look();
    return guard.latest?.holder?.ms;
  };

  t.is(await lookAt(0), 0);
  t.is(await lookAt(900), 900);
  t.is(told.length, 0);
  xmin = '200';
  t.is(await lookAt(1_100), 0);
  t.is(await lookAt(2_200), 1_100);
  t.is(await lookAt(3_000), 1_900);
  t.deepEqual(
    told.map(({ name, ms }) => [name, ms]),
    [['reports', 1_100]],
  );
});
