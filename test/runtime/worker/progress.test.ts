import test from 'ava';
import { sweepProgress } from '../../../queries/maintenance.queries.js';
import type { progress } from '../../../queries/worker.queries.js';
import { Statements } from '../../../runtime/database/statements.js';
import { ProgressReports } from '../../../runtime/worker/progress.js';
import type { Job } from '../../../runtime/worker/types.js';
import { testDatabase } from '../../support/database.js';
import { gate, until } from '../../support/until.js';
import { startWorker } from '../../support/worker.js';

const database = await testDatabase();

test('the caller reads how far the run has come, and nothing before or after it', async (t) => {
  const go = gate();
  const finish = gate();
  const { enqueue } = await startWorker(t, database, {
    steps: {
      run: async (_: unknown, job: Job) => {
        await go.opened;
        await job.progress(0.25, { step: 'read', rows: [1, 2] });
        await finish.opened;
        return null;
      },
    },
  });
  const job = await enqueue('steps', 1);
  t.is(await job.progress(), null);
  go.open();
  const read = await until(() => job.progress(), 'the progress');
  t.like(read, { fraction: 0.25, data: { step: 'read', rows: [1, 2] } });
  t.true(Math.abs(read.at.getTime() - Date.now()) < 30_000);
  finish.open();
  await job.result();
  t.is(await job.progress(), null);
});

test('the progress of a run before is not that of this one', async (t) => {
  const second = gate();
  const { enqueue, row } = await startWorker(t, database, {
    again: {
      backoff: { kind: 'list', delays: [0], jitter: 0 },
      run: async (_: unknown, job: Job) => {
        if (job.attempt === 2) return second.opened;
        await job.progress(0.9);
        await until(() => handle?.progress(), 'the progress');
        throw new Error('no');
      },
    },
  });
  const handle = await enqueue('again', 1);
  await until(async () => (await row(handle.id)).attempt === 2, 'the second run');
  t.is(await handle.progress(), null);
  second.open();
});

for (const [what, fraction, data, message] of [
  ['above one', 1.01, undefined, /fraction must be from 0 to 1; got 1\.01/],
  ['below zero', -0.1, undefined, /got -0\.1/],
  ['NaN', Number.NaN, undefined, /got NaN/],
  ['no number', '1', undefined, /got 1/],
  ['a function', 0.5, () => {}, /data must be what JSON can hold/],
  ['a bigint', 0.5, 1n, /data must be what JSON can hold/],
  ['a NUL', 0.5, { text: 'a\0b' }, /text: .*U\+0000/],
  ['half a character', 0.5, ['\ud800'], /lone surrogate/],
  ['not finite', 0.5, { n: Number.POSITIVE_INFINITY }, /n: /],
] as const) {
  test(`refused: ${what}`, async (t) => {
    const { enqueue } = await startWorker(t, database, {
      [what]: {
        run: async (_: unknown, job: Job) => {
          const error = await job.progress(fraction as number, data).then(
            () => null,
            (thrown: { code: string; message: string }) => thrown,
          );
          return [error?.code, error?.message];
        },
      },
    });
    const [code, text] = (await (await enqueue(what, 1)).result()) as string[];
    t.is(code, 'PGS2004');
    t.regex(text ?? '', message);
  });
}

test('thousands of reports are one statement, and the last of each job counts', async (t) => {
  const run = new Statements('pgsched').on(database.pool);
  let statements = 0;
  const sent: unknown[] = [];
  const reports = new ProgressReports(((statement: typeof progress, params: never) => {
    statements += 1;
    sent.push(params);
    return run(statement, params);
  }) as never);
  t.teardown(() => reports.stop());
  const report = (id: string, fraction: number) =>
    reports.add({ id, fence: '1', fraction, data: null });
  for (let i = 1; i <= 5_000; i += 1) {
    report('1', i / 5_000);
    report('2', i / 10_000);
  }
  await until(() => statements === 1, 'the statement');
  t.like(sent[0], { ids: ['1', '2'], fractions: [1, 0.5] });
  // The next ones wait for the rest of the second.
  const first = performance.now();
  for (let i = 0; i < 100; i += 1) report('1', 0.1);
  await until(() => statements === 2, 'the second statement');
  t.true(performance.now() - first > 500);
  report('3', 0.1);
  reports.forget('3');
  report('4', 0.1);
  await until(() => statements === 3, 'the third statement');
  t.like(sent[2], { ids: ['4'] });
});

test('a worker whose handlers report all the time writes about once a second', async (t) => {
  const { enqueueMany } = await startWorker(t, database, {
    chatty: {
      run: async (_: unknown, job: Job) => {
        const end = performance.now() + 1_500;
        for (let i = 0; performance.now() < end; i += 1) {
          await job.progress((i % 100) / 100);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return null;
      },
    },
  });
  await database.pool.query('create table written (at timestamptz default clock_timestamp())');
  await database.pool.query(`
    create function note() returns trigger language plpgsql as 'begin insert into public.written default values; return null; end';
    create trigger note after insert or update on pgsched.job_progress for each statement execute function note()`);
  t.teardown(() => database.pool.query('drop trigger note on pgsched.job_progress'));
  const handles = await enqueueMany('chatty', Array(10).fill(1));
  await Promise.all(handles.map((handle) => handle.result()));
  const { rows } = await database.pool.query('select count(*)::int as n from written');
  // Beside those of other tests of this file, an insert with a conflict clause fires both kinds.
  t.true(rows[0].n >= 2 && rows[0].n <= 20, `${rows[0].n} writes`);
});

test('what ended jobs leave is swept, what runs keeps its own', async (t) => {
  const finish = gate();
  const { enqueue } = await startWorker(t, database, {
    swept: {
      run: async (_: unknown, job: Job) => {
        await job.progress(0.5);
        return finish.opened.then(() => null);
      },
    },
  });
  const job = await enqueue('swept', 1);
  await until(() => job.progress(), 'the progress');
  await database.pool.query(
    'insert into pgsched.job_progress (id, fence, fraction, at) values (-1, 1, 0.5, clock_timestamp())',
  );
  await new Statements('pgsched').on(database.pool)(sweepProgress, undefined);
  const { rows } = await database.pool.query(
    'select id from pgsched.job_progress where id in (-1, $1)',
    [job.id],
  );
  t.deepEqual(rows, [{ id: job.id }]);
  finish.open();
});
