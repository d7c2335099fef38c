import { type EnqueueResult, enqueue, wake } from '../../queries/enqueue.queries.js';
import { isConnectionError } from '../database/connection.js';
import type { Run } from '../database/statements.js';
import { PgschedError } from '../errors.js';
import type { OnConflict } from '../task.js';
import type { NewJob } from './new-job.js';
import { repeatOverOutage } from './repeat.js';
import type { JobId, Session } from './session.js';
import { type AnyTx, queryIn } from './transaction.js';

/** What became of one new job: its own id, or the id of the job that holds its key, which may be the new one now. */
export interface Inserted extends JobId {
  readonly outcome: 'created' | 'existing' | 'replaced';
}

export const batchSize = 1_000;

/** How long a keyed enqueue waits for a stranger's transaction that holds the key. */
const keyWait = 2_000;

type Params = Parameters<typeof enqueue.run>[0];

/** One insert on a connection of our own, repeated under the same ids while its outcome is unknown. */
export async function insert(
  session: Session,
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  conflict: OnConflict,
): Promise<Inserted[]> {
  const params = toParams(session, jobs, ids, conflict, keyWait);
  const rows = await repeated(session, jobs, (repeat) =>
    session.run(enqueue, { ...params, repeat }),
  );
  return outcomes(jobs, ids, rows);
}

/** One insert in the caller's transaction, and all that it needs. Wakes workers by the transaction's own commit. */
export async function insertIn(
  tx: AnyTx,
  session: Session,
  jobs: readonly NewJob[],
  conflict: OnConflict,
): Promise<Inserted[]> {
  const run: Run = (statement, params) =>
    session.statements.render(statement, params, (text, values) => queryIn(tx, text, values));
  const ids = await session.newIdsBy(run, jobs.length);
  const rows = await run(enqueue, toParams(session, jobs, ids, conflict, null));
  const result = outcomes(jobs, ids, rows);
  await run(wake, { tasks: taskNumbers(session, jobs) });
  return result;
}

/** Several inserts in a transaction of our own: all or nothing. */
export async function insertBatches(
  session: Session,
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  conflict: OnConflict,
): Promise<Inserted[]> {
  return repeated(session, jobs, async (repeat) => {
    const client = await session.pool.connect();
    // The statement under way is rejected as well; without a listener the process would end.
    client.on('error', ignore);
    let broken = true;
    try {
      await client.query('begin');
      const inserted = await insertEach(
        session.statements.on(client),
        session,
        jobs,
        ids,
        conflict,
        repeat,
      );
      await client.query('commit');
      broken = false;
      return inserted;
    } catch (error) {
      if (!isConnectionError(error)) {
        broken = await client.query('rollback').then(
          () => false,
          () => true,
        );
      }
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(broken);
    }
  });
}

function ignore(): void {}

async function insertEach(
  run: Run,
  session: Session,
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  conflict: OnConflict,
  repeat: boolean,
): Promise<Inserted[]> {
  const inserted: Inserted[] = [];
  for (let from = 0; from < jobs.length; from += batchSize) {
    const batch = jobs.slice(from, from + batchSize);
    const batchIds = ids.slice(from, from + batchSize);
    const params = toParams(session, batch, batchIds, conflict, keyWait);
    const rows = await run(enqueue, { ...params, repeat });
    inserted.push(...outcomes(batch, batchIds, rows));
  }
  return inserted;
}

/** The numbers of these jobs' tasks. A worker that is woken for later work learns when it is due. */
export function taskNumbers(session: Session, jobs: readonly NewJob[]): number[] {
  return [...new Set(jobs.map((job) => session.number(job.task.name)))];
}

/** @throws KeyBusy, DatabaseUnreachable */
async function repeated<T>(
  session: Session,
  jobs: readonly NewJob[],
  attempt: (repeat: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await repeatOverOutage(session.connection, attempt);
  } catch (error) {
    throw keyBusy(error, jobs);
  }
}

function toParams(
  session: Session,
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  conflict: OnConflict,
  wait: number | null,
): Params {
  const keyed = jobs.some((job) => job.key !== null);
  const params = {
    ids: ids.map((id) => id.id),
    nonces: ids.map((id) => id.nonce),
    tasks: jobs.map((job) => session.number(job.task.name)),
    versions: jobs.map((job) => job.task.contract.version),
    topics: jobs.map((job) => job.task.contract.topic),
    routes: jobs.map((job) => job.topic),
    priorities: jobs.map((job) => job.priority),
    args: jobs.map((job) => job.args),
    runAts: jobs.map((job) => job.runAt),
    delays: jobs.map((job) => job.delay),
    startWithins: jobs.map((job) => job.startWithin),
    headers: jobs.map((job) => job.headers),
    awaited: jobs.map((job) => job.awaited),
    keys: keyed ? jobs.map((job) => job.key) : null,
    histories: jobs.map((job) => job.task.contract.keyScope === 'history'),
    conflict,
    keyWait: keyed ? wait : null,
    repeat: false,
  };
  // pgtyped cannot say that an array's elements may be null.
  return params as unknown as Params;
}

/** Maps the answer, which names the exceptions, back to each job. @throws DuplicateJob */
function outcomes(
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  rows: readonly EnqueueResult[],
): Inserted[] {
  const duplicates = rows.filter((row) => row.outcome === 'duplicate');
  if (duplicates.length > 0) throw duplicateJob(jobs, ids, duplicates);
  const inserted = ids.map((id): Inserted => ({ ...id, outcome: 'created' }));
  for (const row of rows) {
    const outcome = row.outcome as 'existing' | 'replaced';
    inserted[row.place - 1] = { id: row.job, nonce: row.nonce, outcome };
  }
  return inserted;
}

function duplicateJob(
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  rows: readonly EnqueueResult[],
): PgschedError {
  const own = new Set(ids.map((id) => id.id));
  const conflicts = rows.map((row) => {
    const job = jobs[row.place - 1] as NewJob;
    // A holder among the call's own jobs was not inserted: the key stands twice in the call.
    const holder = own.has(row.job)
      ? { id: null, status: null }
      : { id: row.job, status: row.status };
    return { index: row.place - 1, task: job.task.name, key: job.key, ...holder };
  });
  const [first] = conflicts as [(typeof conflicts)[number]];
  const who =
    first.id === null
      ? 'another job of this call'
      : `job ${first.id}${first.status === null ? '' : ` (${first.status})`}`;
  const more = conflicts.length > 1 ? ` So are ${conflicts.length - 1} more of this call.` : '';
  return new PgschedError('DuplicateJob', {
    message: `The key ${JSON.stringify(first.key)} of ${first.task} is held by ${who}.${more} Nothing was enqueued; use onConflict: 'ignore' to get the handle of the job that is there.`,
    details: { ...first, conflicts },
  });
}

function keyBusy(error: unknown, jobs: readonly NewJob[]): unknown {
  if ((error as { code?: unknown }).code !== '55P03') return error;
  const task = jobs[0]?.task.name;
  return new PgschedError('KeyBusy', {
    message: `A key of ${task} is being enqueued in another, still open transaction; waited ${keyWait} ms for it. Try again once that transaction is over, or keep it shorter.`,
    details: { task, keys: jobs.map((job) => job.key).filter((key) => key !== null) },
    cause: error,
  });
}
