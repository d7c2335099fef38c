import { enqueue, wake } from '../../queries/enqueue.queries.js';
import { isConnectionError } from '../database/connection.js';
import type { Run } from '../database/statements.js';
import { PgschedError } from '../errors.js';
import type { OnConflict } from '../task.js';
import { columnsOf, grouped } from './columns.js';
import { type Inserted, type JobId, outcomes } from './inserted.js';
import type { NewJob } from './new-job.js';
import { repeatOverOutage } from './repeat.js';
import type { Session } from './session.js';
import { type AnyTx, queryIn } from './transaction.js';
import type { Waker } from './waker.js';

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
  const columns = columnsOf(jobs);
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
    ...columns,
    keyWait: columns.keys === null ? null : wait,
    repeat: false,
    wake: null,
  };
  // pgtyped cannot say that an array's elements may be null.
  return params as unknown as Params;
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
