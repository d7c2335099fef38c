import type pg from 'pg';
import { enqueue, wake } from '../../queries/enqueue.queries.js';
import { awaitJobs, cancel, findEnded, findJobs, reschedule } from '../../queries/job.queries.js';
import {
  beat,
  cancelRequests,
  claim,
  file,
  held,
  idle,
  progress,
  recordStart,
  rescue,
  settle,
  sweep,
  waitingStrangers,
  wasSettled,
} from '../../queries/worker.queries.js';
import { type Statement, Statements } from '../../runtime/database/statements.js';
import type { Settlement } from '../../runtime/worker/claimed-job.js';
import { settleParams } from '../../runtime/worker/settler.js';

const statements = new Statements('pgsched');

/** Tasks of two levels each, and of one of them a lane that topics share. */
export const lanes = 12;
export const tasks = [1, 2, 3, 4, 5, 6];
const fence = '77';
const holder = '7';

/**
 * So many jobs: of ten, six are due, two are for tomorrow, one is held by this worker's neighbour and one has a key. Of those that this
 * worker, 7, holds there are fifty. A fifth as many have ended.
 */
export async function fill(client: pg.Client, count: number): Promise<void> {
  await client.query(`
    select pgsched._declare(
      array(select 'task' || t from generate_series(1, 6) t, generate_series(1, 2)), array_fill(1::smallint, array[12]),
      array(select 'task' || t from generate_series(1, 6) t, generate_series(1, 2)),
      array(select l::smallint from generate_series(1, 6), unnest('{0,10}'::int[]) l), array_fill('{}'::text, array[12]));
    insert into pgsched.worker (instance, host, pid) values (7, 'here', 1), (8, 'there', 2)`);
  await client.query(
    `insert into pgsched.job (id, run_at, created_at, nonce, lane, task, version, priority, args, key, fence, instance, attempt, claimed_at)
     select n, clock_timestamp() + case when n % 10 < 2 then interval '1 day' else n * interval '1 us' - interval '1 hour' end,
            clock_timestamp(), 1, l.lane, l.task, 1, l.level, '{"some": "args"}', case when n % 10 = 3 then 'key' || n end,
            case when n % 10 = 2 then n when n <= 500 and n % 10 = 4 then ${fence} end,
            case when n % 10 = 2 then 8 when n <= 500 and n % 10 = 4 then ${holder} end,
            case when n % 10 = 2 then 1 else 0 end, case when n % 10 = 2 then clock_timestamp() end
       from generate_series(1, $1::int) n
       join (select l.*, row_number() over (order by l.lane) - 1 as i from pgsched.lane l) l on l.i = n % ${lanes}`,
    [count],
  );
  await client.query(
    `insert into pgsched.job_key (task, key, job, nonce) select j.task, j.key, j.id, j.nonce from pgsched.job j where j.key is not null`,
  );
  await client.query(
    `insert into pgsched.job_archive (id, purge_at, ended_at, created_at, run_at, fence, nonce, lane, task, status, version, priority, attempt, rescues)
     select -n, clock_timestamp() + (n % 7) * interval '1 day', now(), now(), now(), n, 1, 1, 1, 'completed', 1, 0, 1, 0
       from generate_series(1, $1::int / 5) n`,
    [count],
  );
  await client.query(`select setval('pgsched.job_id', $1)`, [count]);
}

export interface Sent {
  readonly text: string;
  readonly values: unknown[];
}

/** A statement as the runtime sends it. */
async function sent<P, R>(statement: Statement<P, R>, params: P): Promise<Sent> {
  let query: Sent | undefined;
  await statements.on({
    query: async ({ text, values }) => {
      query = { text, values };
      return { rows: [], rowCount: 0 };
    },
  })(statement, params);
  return query as Sent;
}

/** What the runtime sends while jobs come, run and end; each changes nothing for the next, because its transaction is rolled back. */
export async function hotStatements(): Promise<ReadonlyMap<string, Sent>> {
  const mine = Array.from({ length: 50 }, (_, i) => String(i * 10 + 4));
  const settlement = (id: string, outcome: Settlement['outcome']): Settlement => ({
    id,
    fence,
    outcome,
    value: outcome === 'completed' ? '1' : '{"message":"no"}',
    delay: null,
    policy: '{"kind":"list","delays":[1000],"jitter":0}',
    retain: null,
  });
  const claiming = {
    instance: holder,
    fence: '78',
    tasks,
    versions: tasks.map(() => 1),
    topics: null,
    alone: [],
    free: 25,
    limit: 500,
    durable: false,
    position: null,
  };
  const inserted = {
    ids: mine.map((_, i) => String(900_000_000 + i)),
    nonce: 1,
    kinds: null,
    tasks: [1],
    versions: [1],
    topics: ['task1'],
    routes: [null] as unknown as string[],
    priorities: [0],
    startWithins: [null] as unknown as string[],
    awaited: [null] as unknown as string[],
    histories: [false],
    conflicts: ['ignore'],
    args: mine.map(() => '{"n":1}').join('\u001f'),
    runAts: null,
    delays: null,
    headers: null,
    keys: null,
    keyWait: null,
    repeat: false,
    wake: null,
  };
  const nonces = mine.map(() => 1);
  return new Map<string, Sent>([
    ['claim', await sent(claim, claiming)],
    ['claim by topic', await sent(claim, { ...claiming, topics: ['^task2$'] })],
    [
      'settle',
      await sent(
        settle,
        settleParams(
          mine.map((id) => settlement(id, 'completed')),
          50,
        ),
      ),
    ],
    [
      'settle past held rows',
      await sent(settle, settleParams(mine.map((id) => settlement(id, 'completed')))),
    ],
    [
      'retry',
      await sent(
        settle,
        settleParams(
          mine.map((id) => settlement(id, 'retry')),
          50,
        ),
      ),
    ],
    [
      'release',
      await sent(
        settle,
        settleParams(
          mine.map((id) => settlement(id, 'release')),
          50,
        ),
      ),
    ],
    [
      'a late settle',
      await sent(settle, settleParams([{ ...settlement('4', 'completed'), fence: '1' }], 50)),
    ],
    ['enqueue', await sent(enqueue, inserted)],
    [
      'enqueue with keys',
      await sent(enqueue, {
        ...inserted,
        keys: mine.map((id) => `key${Number(id) - 1}`),
        keyWait: 2_000,
      }),
    ],
    ['a repeated enqueue', await sent(enqueue, { ...inserted, repeat: true })],
    ['idle', await sent(idle, { instance: holder, wakeable: '5000' })],
    ['file', await sent(file, { limit: 1_000 })],
    ['wake', await sent(wake, { tasks: [1, 2] })],
    ['beat', await sent(beat, { instance: holder })],
    ['cancel requests', await sent(cancelRequests, { instance: holder })],
    ['held', await sent(held, { instance: holder })],
    ['record a start', await sent(recordStart, { id: '4', fence })],
    [
      'progress',
      await sent(progress, { ids: ['4'], fences: [fence], fractions: [0.5], data: ['1'] }),
    ],
    ['was settled', await sent(wasSettled, { id: '4', fence, kept: true })],
    [
      'rescue',
      await sent(rescue, {
        limit: 500,
        tasks,
        maxRescues: tasks.map(() => 3),
        error: '{}',
      }),
    ],
    ['sweep', await sent(sweep, { limit: 1_000 })],
    ['waiting strangers', await sent(waitingStrangers, { tasks: [1], versions: [1] })],
    ['await', await sent(awaitJobs, { ids: mine, nonces, ms: mine.map(() => 1_000) })],
    ['find ended', await sent(findEnded, { ids: mine, nonces })],
    ['find', await sent(findJobs, { ids: [...mine, '-1', '-2'] })],
    ['cancel', await sent(cancel, { ids: mine, nonces })],
    [
      'reschedule',
      await sent(reschedule, { ids: ['5', '6'], nonces: [1, 1], runAt: null, delay: '1000' }),
    ],
  ]);
}
