import test from 'ava';
import { migrate } from '../../../schema/migrate.js';
import { createDatabase } from '../../support/create-database.js';
import { testDatabase } from '../../support/database.js';
import { setUp, startWorker } from '../../support/worker.js';

const database = await testDatabase();
const tasks = { echo: { run: (n: unknown) => n } };

test('a worker refuses a database that was not migrated, and says what to run', async (t) => {
  const empty = await createDatabase();
  t.teardown(empty.drop);
  const { worker } = setUp(t, { ...database, url: empty.url }, tasks);
  const error = await t.throwsAsync(worker.start(), { code: 'PGS5002' });
  t.regex(error?.message ?? '', /no schema "pgsched".*npx pgsched migrate/);
  t.is(worker.state, 'stopped');
});

test.serial('a worker refuses an older schema, and warns of a newer one', async (t) => {
  const set = (change: string) =>
    database.pool.query(`update pgsched.migration set number = ${change}`);
  await set('number + 1000 where number = (select max(number) from pgsched.migration)');
  const newer = await startWorker(t, database, tasks);
  t.regex((await newer.event('warning')).message, /newer than this pgsched's/);
  t.is(await (await newer.enqueue('echo', 1)).result(), 1);
  await set('number - 1000 where number > 1000');

  await database.pool.query('create table kept as select * from pgsched.migration');
  await database.pool.query('delete from pgsched.migration where number > 1');
  await t.throwsAsync(setUp(t, database, tasks).worker.start(), {
    code: 'PGS5002',
    message: /is at version 1, this pgsched needs \d+/,
  });
  await database.pool.query(
    'insert into pgsched.migration select * from kept on conflict do nothing; drop table kept',
  );
});

test('a server that does not answer is an error within five seconds, without the password', async (t) => {
  const { worker } = setUp(t, { ...database, url: 'postgres://me:secret@127.0.0.1:1/none' }, tasks);
  const begun = performance.now();
  const error = await t.throwsAsync(worker.start(), { code: 'PGS5001' });
  t.true(performance.now() - begun < 5_500);
  t.false(error?.message.includes('secret'));
  t.regex(error?.message ?? '', /me:\*\*\*@127\.0\.0\.1:1/);
});

test.serial('a start that fails half-way leaves no worker behind', async (t) => {
  const rename = (from: string, to: string) =>
    database.pool.query(`alter function pgsched.${from}() rename to ${to}`);
  await rename('_channel', '_kept');
  t.teardown(() => rename('_kept', '_channel'));
  const { worker } = setUp(t, database, tasks);
  await t.throwsAsync(worker.start(), { message: /_channel/ });
  t.is(worker.state, 'stopped');
  const { rowCount } = await database.pool.query(
    "select from pgsched.worker where started_at > clock_timestamp() - interval '1 s' and pid = $1",
    [process.pid],
  );
  t.is(rowCount, 0);
});

test('two instances in one database know nothing of each other', async (t) => {
  for (const schema of ['media', 'mail_2']) await migrate(await database.connect(), { schema });
  const name = (of: string) => ({ whoami: { run: () => of } });
  const media = await startWorker(t, database, name('media'), {}, 'media');
  const mail = await startWorker(t, database, name('mail'), {}, 'mail_2');
  const jobs = [await media.enqueue('whoami', {}), await mail.enqueue('whoami', {})];
  t.deepEqual(await Promise.all(jobs.map((job) => job.result())), ['media', 'mail']);
  t.is((await media.row(jobs[0]?.id as string)).status, 'completed');
  const { rows } = await database.pool.query(
    'select (select count(*)::int from media.worker) media, (select count(*)::int from mail_2.worker) mail',
  );
  t.deepEqual(rows, [{ media: 1, mail: 1 }]);
});

test('a role whose transactions are serializable by default gets the same worker', async (t) => {
  const url = new URL(database.url);
  url.searchParams.set('options', '-c default_transaction_isolation=serializable');
  const { enqueue, enqueueMany, worker, event } = await startWorker(
    t,
    database,
    { strictly: { run: (n: unknown) => n } },
    { connectionString: url.href },
  );
  t.is(await (await enqueue('strictly', 1)).result(), 1);
  await enqueueMany('strictly', [...Array(200).keys()]);
  await event('completed', () => worker.stats().completed === 201);
  t.pass();
});

test('without prepared statements everything works as well', async (t) => {
  const { enqueue } = await startWorker(
    t,
    database,
    { unprepared: { run: (n: unknown) => n } },
    { prepare: false },
  );
  t.is(await (await enqueue('unprepared', 1)).result(), 1);
});
