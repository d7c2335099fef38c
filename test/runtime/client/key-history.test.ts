import test from 'ava';
import { freeKeys } from '../../../queries/maintenance.queries.js';
import { Statements } from '../../../runtime/database/statements.js';
import { testDatabase } from '../../support/database.js';
import { setUp } from '../../support/worker.js';

const database = await testDatabase();
const once = { keyScope: 'history' } as const;
const ignore = { onConflict: 'ignore' } as const;

test('the key is kept after the end: the handle is of the ended job, with its result', async (t) => {
  const { enqueue, start } = await setUp(t, database, { charge: { ...once, run: () => 'paid' } });
  const job = await enqueue('charge', 1, { key: 'order 7' });
  await start();
  await job.result();
  const again = await enqueue('charge', 1, { ...ignore, key: 'order 7' });
  t.like(again, { id: job.id, outcome: 'existing' });
  t.is(await again.result(), 'paid');
  const error = await t.throwsAsync(enqueue('charge', 1, { key: 'order 7' }), { code: 'PGS3001' });
  t.like(error, { details: { id: job.id, status: 'completed' } });
  await t.throwsAsync(enqueue('charge', 1, { onConflict: 'replace', key: 'order 7' }), {
    code: 'PGS3001',
  });
  t.is((await enqueue('charge', 1, { ...ignore, key: 'order 8' })).outcome, 'created');
});

test('one that ended badly keeps its key too, and a redrive has it again', async (t) => {
  const { enqueue, jobs } = setUp(t, database, { once });
  const job = await enqueue('once', 1, { key: 'k' });
  await job.cancel();
  t.like(await enqueue('once', 2, { ...ignore, key: 'k' }), { id: job.id, outcome: 'existing' });
  t.is(await jobs.redrive({ task: 'once', key: 'k' }), 1);
  t.like(await enqueue('once', 2, { ...ignore, key: 'k' }), { id: job.id, outcome: 'existing' });
  t.is((await jobs.get('once', job.id))?.status, 'pending');
  await job.cancel();
  t.like(await enqueue('once', 2, { ...ignore, key: 'k' }), { id: job.id, outcome: 'existing' });
});

test('a purge frees it', async (t) => {
  const { enqueue, jobs } = setUp(t, database, { purged: once });
  const job = await enqueue('purged', 1, { key: 'k' });
  await job.cancel();
  t.is(await jobs.purge({ id: job.id }), 1);
  t.is((await enqueue('purged', 2, { key: 'k' })).outcome, 'created');
});

// No worker of another test sweeps meanwhile.
test.serial('retention frees it: at once for who asks, and by the sweep', async (t) => {
  const { enqueue } = setUp(t, database, { retained: once });
  for (const key of ['asked', 'swept']) await (await enqueue('retained', 1, { key })).cancel();
  const kept = `select count(*)::int as n from pgsched.job_key k join pgsched.task t using (task) where t.name = 'retained'`;
  t.is((await database.pool.query(kept)).rows[0].n, 2);
  await database.pool.query(
    `update pgsched.job_key k set free_at = clock_timestamp() - interval '1 s'
      where task = (select task from pgsched.task where name = 'retained')`,
  );
  t.is((await enqueue('retained', 2, { key: 'asked' })).outcome, 'created');
  await new Statements('pgsched').on(database.pool)(freeKeys, undefined);
  t.is((await database.pool.query(kept)).rows[0].n, 1, 'that of the job that waits');
});

test('a task without it frees its key at the end', async (t) => {
  const { enqueue } = setUp(t, database, { active: {} });
  const job = await enqueue('active', 1, { key: 'k' });
  await job.cancel();
  t.is((await enqueue('active', 2, { key: 'k' })).outcome, 'created');
});

test('of callers at once one creates the job, and the others get it', async (t) => {
  const { enqueue } = setUp(t, database, { raced: once });
  const handles = await Promise.all(
    Array.from({ length: 8 }, () => enqueue('raced', 1, { ...ignore, key: 'k' })),
  );
  t.is(new Set(handles.map(({ id }) => id)).size, 1);
  t.is(handles.filter(({ outcome }) => outcome === 'created').length, 1);
});
