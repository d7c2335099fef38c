import { type EnqueueResult, enqueue, wake } from '../../queries/enqueue.queries.js';
import { isConnectionError } from '../database/connection.js';
import type { Run } from '../database/statements.js';
import { joinJson } from '../database/text-parameters.js';
import { PgschedError } from '../errors.js';
import type { OnConflict } from '../task.js';
import type { JobKind, NewJob } from './new-job.js';
import { repeatOverOutage } from './repeat.js';
import type { JobId, Session } from './session.js';
import { type AnyTx, queryIn } from './transaction.js';
import type { Waker } from './waker.js';

/** What became of one new job: its own id, or the id of the job that holds its key, which may be the new one now. */
export interface Inserted extends JobId {
  readonly outcome: 'created' | 'existing' | 'replaced';
}

export const batchSize = 1_000;

/** How long a keyed enqueue waits for a stranger's transaction that holds the key. */
const keyWait = 2_000;

type Params = Parameters<typeof enqueue.run>[0];

/** One insert on a connection of our own, repeated under the same ids while its outcome is unknown. Wakes workers after its commit. */
export async function insert(
  session: Session,
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  conflict: OnConflict,
  waker: Waker,
): Promise<Inserted[]> {
  const params = toParams(session, jobs, ids, conflict, keyWait);
  const tasks = taskNumbers(session, jobs);
  if (waker.lull) {
    const rows = await repeated(session, jobs, (repeat) =>
      session.runThen(enqueue, { ...params, repeat }, wake, { tasks }),
    );
    waker.told();
    return outcomes(jobs, ids, rows);
  }
  // One that may wait for a key would keep the word of the last one back.
  const woken = params.keyWait === null ? waker.take() : null;
  try {
    const rows = await repeated(session, jobs, (repeat) =>
      session.run(enqueue, { ...params, repeat, wake: woken }),
    );
    const result = outcomes(jobs, ids, rows);
    waker.wake(tasks);
    return result;
  } catch (error) {
    if (woken !== null) waker.wake(woken);
    throw error;
  }
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
  waker: Waker,
): Promise<Inserted[]> {
  const inserted = await repeated(session, jobs, async (repeat) => {
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
  waker.wake(taskNumbers(session, jobs));
  return inserted;
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
function taskNumbers(session: Session, jobs: readonly NewJob[]): number[] {
  return [...new Set(jobs.map((job) => session.number(job.kind.task.name)))];
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
  const { kinds, places } = grouped(jobs);
  const keys = column(jobs, (job) => job.key);
  const params = {
    ids: ids.map((id) => id.id),
    nonce: (ids[0] as JobId).nonce,
    kinds: places,
    tasks: kinds.map((kind) => session.number(kind.task.name)),
    versions: kinds.map((kind) => kind.task.contract.version),
    topics: kinds.map((kind) => kind.task.contract.topic),
    routes: kinds.map((kind) => kind.topic),
    priorities: kinds.map((kind) => kind.priority),
    startWithins: kinds.map((kind) => kind.startWithin),
    awaited: kinds.map((kind) => kind.awaited),
    histories: kinds.map((kind) => kind.task.contract.keyScope === 'history'),
    conflicts: kinds.map(() => conflict),
    args: joinJson(jobs.map((job) => job.args)),
    runAts: column(jobs, (job) => job.runAt),
    delays: column(jobs, (job) => job.delay),
    headers: column(jobs, (job) => job.headers),
    keys,
    keyWait: keys === null ? null : wait,
    repeat: false,
    wake: null,
  };
  // pgtyped cannot say that an array's elements may be null.
  return params as unknown as Params;
}

/** One value for each job; null where none has one, which costs the server nothing. */
function column<T>(jobs: readonly NewJob[], read: (job: NewJob) => T | null): (T | null)[] | null {
  return jobs.some((job) => read(job) !== null) ? jobs.map(read) : null;
}

/** The kinds of these jobs, and for each job the place of its kind from 1; null: there is but one. */
function grouped(jobs: readonly NewJob[]): { kinds: JobKind[]; places: number[] | null } {
  const places = new Map<JobKind, number>();
  for (const { kind } of jobs) if (!places.has(kind)) places.set(kind, places.size + 1);
  return {
    kinds: [...places.keys()],
    places: places.size === 1 ? null : jobs.map((job) => places.get(job.kind) as number),
  };
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
    return { index: row.place - 1, task: job.kind.task.name, key: job.key, ...holder };
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
  const task = jobs[0]?.kind.task.name;
  return new PgschedError('KeyBusy', {
    message: `A key of ${task} is being enqueued in another, still open transaction; waited ${keyWait} ms for it. Try again once that transaction is over, or keep it shorter.`,
    details: { task, keys: jobs.map((job) => job.key).filter((key) => key !== null) },
    cause: error,
  });
}
