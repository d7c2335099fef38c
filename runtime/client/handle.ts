import type { Duration } from '../duration.js';
import { PgschedError } from '../errors.js';
import { bounded } from './bounded.js';
import type { Inserted, JobId } from './inserted.js';
import { type ClientTask, type PlaceInTime, placeInTime } from './new-job.js';
import type { JobHandle, Progress, RemoteError, ResultOptions } from './types.js';

/** How a job ended: its status and result or error. `unknown`: the database has no trace of it; `uncommitted`: not yet. */
export interface Ending {
  readonly status: string;
  readonly result: unknown;
  readonly error: unknown;
}

/** How a client reaches a job that has a handle. */
export interface Reach {
  wait(job: JobId, signal: AbortSignal): Promise<Ending>;
  cancel(job: JobId): Promise<boolean>;
  reschedule(job: JobId, place: PlaceInTime): Promise<boolean>;
  progress(job: JobId): Promise<Progress | null>;
}

/** How long a result is kept for whoever waits; renewed at half time. */
export const keepFor = 600_000;

/** The caller's handle of a job. `inTransaction`: it was enqueued in a transaction that may still be open. */
export function makeHandle(
  reach: Reach,
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
          const ending = await reach.wait(job, signal);
          return outcome(task, job, ending, inTransaction);
        },
      ),
    cancel: () => reach.cancel(job),
    reschedule: async (at: Date | Duration) => reach.reschedule(job, placeInTime(at)),
    progress: () => reach.progress(job),
  });
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
      const error = ending.error as RemoteError;
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
      throw inTransaction || ending.status === 'uncommitted'
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
