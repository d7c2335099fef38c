import { cancel, findProgress, reschedule } from '../../queries/job.queries.js';
import { type Duration, milliseconds } from '../duration.js';
import { PgschedError } from '../errors.js';
import { bounded } from './bounded.js';
import type { Inserted } from './insert.js';
import { type ClientTask, instant } from './new-job.js';
import type { Ending, Results } from './results.js';
import type { JobId, Session } from './session.js';
import type { JobHandle, Progress, RemoteError, ResultOptions } from './types.js';

export interface HandleContext {
  readonly session: Session;
  readonly results: Results;
}

/** The caller's handle of a job. `inTransaction`: it was enqueued in a transaction that may still be open. */
export function makeHandle(
  context: HandleContext,
  task: ClientTask,
  job: Inserted,
  inTransaction: boolean,
): JobHandle<unknown> {
  return Object.freeze({
    id: job.id,
    task: task.name,
    outcome: job.outcome,
    result: (options: ResultOptions = {}) =>
      bounded(
        options,
        (ms) => resultTimeout(task, job, ms),
        async (signal) => {
          const ending = await context.results.wait(job, false, signal);
          return outcome(task, job, ending, inTransaction);
        },
      ),
    cancel: () => cancelJob(context.session, job),
    reschedule: (at: Date | Duration) => rescheduleJob(context.session, job, at),
    progress: () => readProgress(context.session, job),
  });
}

export async function cancelJob(session: Session, job: JobId): Promise<boolean> {
  const rows = await session.run(cancel, {
    ids: [job.id],
    nonces: [job.nonce],
  });
  return rows.length > 0;
}

async function rescheduleJob(session: Session, job: JobId, at: Date | Duration): Promise<boolean> {
  const rows = await session.run(reschedule, {
    ids: [job.id],
    nonces: [job.nonce],
    ...placeInTime(at),
  });
  return rows.length > 0;
}

/** An instant, or so long from now by the database's clock. */
export function placeInTime(at: Date | Duration): { runAt: string | null; delay: number | null } {
  return at instanceof Date
    ? { runAt: instant(at), delay: null }
    : { runAt: null, delay: milliseconds(at, 'at') };
}

async function readProgress(session: Session, job: JobId): Promise<Progress | null> {
  const [row] = await session.run(findProgress, { id: job.id, nonce: job.nonce });
  return row === undefined ? null : { fraction: row.fraction, data: row.data, at: row.at };
}

/** What an ended job gives to who waited: its result, or the error that says how it ended. */
export function outcome(
  task: ClientTask,
  job: JobId,
  ending: Ending,
  inTransaction: boolean,
): unknown {
  const details = { id: job.id, task: task.name };
  switch (ending.status) {
    case 'completed':
      return task.contract.result === null ? undefined : task.codec.decodeResult(ending.result);
    case 'failed': {
      const error = ending.error as unknown as RemoteError;
      throw new PgschedError('JobFailed', {
        message: `Job ${job.id} of ${task.name} failed: ${error.name}: ${error.message}`,
        details: { ...details, error },
      });
    }
    case 'cancelled':
      throw new PgschedError('JobCancelled', {
        message: `Job ${job.id} of ${task.name} was cancelled.`,
        details,
      });
    case 'expired':
      throw new PgschedError('JobExpired', {
        message: `Job ${job.id} of ${task.name} expired before it started.`,
        details,
      });
    default:
      throw inTransaction
        ? new PgschedError('NotCommitted', {
            message: `Job ${job.id} of ${task.name} is not in the database: the transaction that enqueued it is still open, or was rolled back. Wait for results after the commit.`,
            details,
          })
        : new PgschedError('ResultGone', {
            message: `Job ${job.id} of ${task.name} is no longer in the database: it ended, and retention has dropped it.`,
            details,
          });
  }
}

function resultTimeout(task: ClientTask, job: JobId, ms: number): PgschedError {
  return new PgschedError('ResultTimeout', {
    message: `Job ${job.id} of ${task.name} did not end within ${ms} ms.`,
    details: { id: job.id, task: task.name, timeout: ms },
  });
}
