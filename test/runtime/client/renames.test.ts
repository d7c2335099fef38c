import test from 'ava';
import { declare, redefineTasks, retireTasks } from '../../../queries/enqueue.queries.js';
import { sqlDefaults } from '../../../runtime/contract/sql-defaults.js';
import { Statements } from '../../../runtime/database/statements.js';
import { testDatabase } from '../../support/database.js';
import { contractFor, setUp, type Tasks } from '../../support/worker.js';

const database = await testDatabase();
const statements = new Statements('pgsched').on(database.pool);

/** The deploy step of a contract. */
async function migrate(tasks: Tasks) {
  const names = Object.keys(tasks);
  const contracts = Object.values(contractFor(tasks).tasks);
  const renamed = names.filter((name) => tasks[name]?.formerly !== undefined);
  await statements(declare, {
    names,
    versions: contracts.map(() => 1),
    topics: names,
    priorities: contracts.map(() => 0),
    contracts: contracts.map(sqlDefaults),
    renamed,
    formers: renamed.map((name) => tasks[name]?.formerly?.[0] as string),
  });
  return statements(redefineTasks, { names, contracts: contracts.map(sqlDefaults) });
}

const held = { key: 'one', onConflict: 'ignore' } as const;

test('a renamed task keeps its jobs and keys, and each side goes on under the name that it knows', async (t) => {
  const old = setUp(t, database, { 'mail.send': { run: () => 'old' } });
  const young = setUp(t, database, {
    'mail.receipt': { formerly: ['mail.send'], run: () => 'young' },
  });
  const waiting = await old.enqueue('mail.send', 1, held);
  t.like(await young.enqueue('mail.receipt', 2, held), { id: waiting.id, outcome: 'existing' });
  t.like(await young.jobs.get('mail.receipt', waiting.id), { task: 'mail.receipt' });
  t.like(await old.jobs.get('mail.send', waiting.id), { task: 'mail.send' });
  await young.start();
  t.is(await waiting.result(), 'young');
  await young.worker.stop();
  await old.start();
  t.is(await (await young.enqueue('mail.receipt', 3)).result(), 'old');
});

test('who comes first under the new name makes the old one a name of the same task', async (t) => {
  const young = setUp(t, database, { 'a.young': { formerly: ['a.old'], run: () => 'young' } });
  await young.start();
  const old = setUp(t, database, { 'a.old': {} });
  t.is(await (await old.enqueue('a.old', 1)).result(), 'young');
});

test('jobs of a name that was used before it was said to be the same are run too', async (t) => {
  const both = setUp(t, database, { 'b.old': {}, 'b.young': {} });
  const [old, young] = [await both.enqueue('b.old', 1), await both.enqueue('b.young', 1)];
  const { start } = setUp(t, database, { 'b.young': { formerly: ['b.old'], run: () => 'run' } });
  await start();
  t.deepEqual([await old.result(), await young.result()], ['run', 'run']);
});

test('the deploy step gives the task its new name; SQL callers may use either', async (t) => {
  await setUp(t, database, { 'c.old': {} }).enqueue('c.old', 1);
  const tasks: Tasks = { 'c.young': { formerly: ['c.old'] } };
  t.deepEqual(await migrate(tasks), [{ name: 'c.young', before: 'c.old' }]);
  t.deepEqual(await migrate(tasks), []);
  const { rows } = await database.pool.query(
    `select (pgsched.enqueue('c.old', '1')).outcome as old, (pgsched.enqueue('c.young', '1')).outcome as young`,
  );
  t.deepEqual(rows, [{ old: 'created', young: 'created' }]);
  const { rows: views } = await database.pool.query(
    `select distinct task from pgsched.all_jobs where task like 'c.%'`,
  );
  t.deepEqual(views, [{ task: 'c.young' }]);
});

test('events are told under the name that their listener knows', async (t) => {
  const old = setUp(t, database, { 'd.old': {} });
  const young = setUp(t, database, { 'd.young': { formerly: ['d.old'] } });
  await old.enqueue('d.old', 1);
  const heard: unknown[] = [];
  const ended = new AbortController();
  t.teardown(() => ended.abort());
  const listen = async () => {
    for await (const event of young.jobs.events({ task: 'd.young', signal: ended.signal })) {
      heard.push(event.task);
      ended.abort();
    }
  };
  const listening = listen();
  while (!ended.signal.aborted) {
    await old.enqueue('d.old', 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await listening;
  t.deepEqual(heard, ['d.young']);
});

test('renamed under load: old and new callers and workers, a deploy step between, and each job runs once', async (t) => {
  const runs = new Map<string, number>();
  const run = (n: number, { id }: { id: string }) => {
    runs.set(id, (runs.get(id) ?? 0) + 1);
    return n;
  };
  const old = setUp(t, database, { 'e.old': { run } }, { concurrency: 5 });
  const tasks: Tasks = { 'e.young': { formerly: ['e.old'], run } };
  const young = setUp(t, database, tasks, { concurrency: 5 });
  await old.start();
  const results: Promise<unknown>[] = [];
  const load = async (setup: typeof old, task: string, from: number) => {
    for (let n = from; n < from + 150; n++) {
      results.push((await setup.enqueue(task, n, { ...held, key: `k${n % 50}` })).result());
    }
  };
  await Promise.all([
    load(old, 'e.old', 0),
    (async () => {
      await young.start();
      await Promise.all([load(young, 'e.young', 1_000), migrate(tasks)]);
      await old.worker.stop();
    })(),
  ]);
  t.is((await Promise.all(results)).length, 300);
  t.true([...runs.values()].every((count) => count === 1));
});

test('of a retired task SQL cannot enqueue, what waits is kept for who knows it, and workers report it', async (t) => {
  const old = setUp(t, database, { 'mail.fax': { run: () => 'sent' } });
  const waiting = await old.enqueue('mail.fax', 1);
  t.deepEqual(await statements(retireTasks, { names: ['mail.fax'] }), [
    { name: 'mail.fax', jobs: 1 },
  ]);
  t.deepEqual(await statements(retireTasks, { names: ['mail.fax'] }), []);
  const refused = await t.throwsAsync(
    database.pool.query(`select pgsched.enqueue('mail.fax', '1')`),
  );
  t.like(refused, { code: '22023', detail: 'PGS2003 UnknownTask' });

  const young = setUp(t, database, { 'mail.other': {} });
  await young.start();
  const told = await young.event('warning', ({ message }) => message.includes('mail.fax'));
  t.is(
    told.message,
    'Jobs of the retired mail.fax (version 1) wait, and this worker does not take them.',
  );
  await old.start();
  t.is(await waiting.result(), 'sent');
});
