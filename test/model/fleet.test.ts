import { randomInt } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { bindClient } from '../../runtime/client/bind-client.js';
import type { EnqueueTask, JobHandle } from '../../runtime/client/types.js';
import { crashTables, crashTasks } from '../support/crash-tasks.js';
import { testDatabase } from '../support/database.js';
import { spawnWorker, type WorkerProcess } from '../support/spawn-worker.js';
import { until } from '../support/until.js';
import { contractFor } from '../support/worker.js';

/** As in state-changes.test.ts; the workers' own timing is nobody's to repeat. */
const seed = Number(process.env['PGSCHED_MODEL_SEED'] ?? randomInt(2 ** 31));

const database = await testDatabase();
const { pool, url } = database;
await pool.query(crashTables);

interface Client {
  readonly enqueue: Readonly<Record<'log' | 'effect', EnqueueTask<object, unknown>>>;
  close(): Promise<void>;
}

type Step =
  | { do: 'enqueue'; task: 'log' | 'effect'; count: number; delay: number }
  | { do: 'enqueue and roll back'; count: number }
  | { do: 'kill a worker'; which: number }
  | { do: 'freeze a worker'; which: number }
  | { do: 'cut connections' }
  | { do: 'cancel some'; share: number }
  | { do: 'wait'; ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('enqueue' as const),
        task: fc.constantFrom('log' as const, 'effect' as const),
        count: fc.integer({ min: 1, max: 60 }),
        delay: fc.constantFrom(0, 0, 300),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('enqueue and roll back' as const),
        count: fc.nat(20),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('kill a worker' as const, 'freeze a worker' as const),
        which: fc.nat(2),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cut connections' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('cancel some' as const),
        share: fc.integer({ min: 2, max: 9 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(400) }) },
  ),
  { minLength: 25, maxLength: 25 },
);

test(`with workers that die and connections that break nothing is lost, and effects are there once (seed ${seed})`, async (t) => {
  const client = bindClient<Client>(contractFor(crashTasks), null, { connectionString: url });
  t.teardown(() => client.close());
  const options = { maxRescues: 1_000 };
  const workers: WorkerProcess[] = await Promise.all(
    [1, 2, 3].map(() => spawnWorker(t, url, options)),
  );
  const handles: JobHandle<unknown>[] = [];
  const cancelled = new Set<string>();

  const [sequence] = fc.sample(steps, { seed, numRuns: 1 }) as [Step[]];
  // A sequence may enqueue next to nothing.
  for (const task of ['log', 'effect'] as const) {
    await take({ do: 'enqueue', task, count: 60, delay: 300 });
  }
  for (const step of sequence) await take(step);
  await until(
    async () => (await pool.query('select from pgsched.job')).rowCount === 0,
    'the end of all',
    60_000,
  );

  const { rows } = await pool.query(
    `select i.id, a.status::text, (select count(*)::int from pgsched.job_archive x where x.id = i.id) as ends,
            (select count(*)::int from effect e where e.job = i.id) as effects, t.name as task
       from unnest($1::bigint[]) as i(id)
       left join pgsched.job_archive a using (id) left join pgsched.task t using (task)`,
    [handles.map(({ id }) => id)],
  );
  t.true(rows.length > 100, 'there was something to lose');
  t.deepEqual(
    rows.filter(({ ends }) => ends !== 1),
    [],
    'every job ended once',
  );
  t.deepEqual(
    rows.filter(
      ({ id, status }) => status !== 'completed' && !(status === 'cancelled' && cancelled.has(id)),
    ),
    [],
  );
  t.deepEqual(
    rows.filter(
      ({ task, status, effects }) =>
        effects !== (task === 'effect' && status === 'completed' ? 1 : 0),
    ),
    [],
    'an effect is there if and only if its job completed, and once',
  );
  const others = await pool.query('select from pgsched.job_archive where id <> all ($1)', [
    rows.map(({ id }) => id),
  ]);
  t.is(others.rowCount, 0, 'and no job that was rolled back');

  async function take(step: Step): Promise<void> {
    if (step.do === 'enqueue') {
      const list = Array(step.count).fill({});
      handles.push(...(await client.enqueue[step.task].many(list, { delay: step.delay })));
    } else if (step.do === 'enqueue and roll back') {
      const tx = await database.connect();
      await tx.query('begin');
      await client.enqueue.log.many(Array(step.count).fill({}), { tx });
      await tx.query('rollback');
    } else if (step.do === 'kill a worker') {
      await workers[step.which]?.signal('SIGKILL');
      workers[step.which] = await spawnWorker(t, url, options);
    } else if (step.do === 'freeze a worker') {
      // For longer than its lease: others run its jobs, and it must notice.
      await workers[step.which]?.signal('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await workers[step.which]?.signal('SIGCONT');
    } else if (step.do === 'cut connections') {
      await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'pgsched'`,
      );
    } else if (step.do === 'cancel some') {
      for (const [i, handle] of handles.entries()) {
        if (i % step.share === 0 && (await mayHaveCancelled(handle))) cancelled.add(handle.id);
      }
    } else {
      await new Promise((resolve) => setTimeout(resolve, step.ms));
    }
  }
});

/** Whose connection was cut learns nothing: the job may have been cancelled or not. */
function mayHaveCancelled(handle: JobHandle<unknown>): Promise<boolean> {
  return handle.cancel().catch((error) => {
    if (error.name === 'DatabaseUnreachable') return true;
    throw error;
  });
}
