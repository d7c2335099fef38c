import { type Issue, PgschedError } from '../errors.js';
import type { ClaimedJob, ServedTask } from './claimed-job.js';

/** The row's args do not fit: an SQL caller's, or older code's. Permanent. */
export function badRow(
  { task }: { readonly task: Pick<ServedTask, 'name'> },
  issues: readonly Issue[],
): PgschedError {
  return new PgschedError('InvalidArgs', {
    message: `The args in the database do not fit the contract of ${task.name}: ${list(issues, 'args')}`,
    details: { task: task.name, issues },
  });
}

/** What the handler gave does not fit its result. Permanent: it has had its effects. */
export function badResult(
  { task }: Pick<ClaimedJob, 'task'>,
  issues: readonly Issue[],
): PgschedError {
  return new PgschedError('InvalidResult', {
    message: `What the handler returned does not fit the result of ${task.name}: ${list(issues, 'result')}`,
    details: { task: task.name, issues },
  });
}

/** What the handler gave cannot even be read: a getter of it throws. Permanent, as above. */
export function unreadable({ task }: ClaimedJob): PgschedError {
  return new PgschedError('ResultNotStorable', {
    message: `What the handler of ${task.name} returned or threw cannot be read: a property of it throws. Return plain data, throw an Error.`,
    details: { task: task.name },
  });
}

export function badProgress({ id, task }: ClaimedJob, why: string): PgschedError {
  return new PgschedError('InvalidOption', {
    message: `job.progress(fraction, data) of job ${id} of ${task.name}: ${why}.`,
  });
}

export function cancelled({ id, task }: ClaimedJob): PgschedError {
  return new PgschedError('JobCancelled', {
    message: `Job ${id} of ${task.name} was cancelled.`,
    details: { id, task: task.name },
  });
}

export function leaseLost({ id, task }: ClaimedJob): PgschedError {
  return new PgschedError('LeaseLost', {
    message: `Job ${id} of ${task.name} is no longer this run's: nothing that it does counts, roll back.`,
    details: { id, task: task.name },
  });
}

export function timedOut({ id, task, attempt }: ClaimedJob): PgschedError {
  return new PgschedError('TimedOut', {
    message: `Run ${attempt} of job ${id} of ${task.name} took longer than its timeout of ${task.contract.timeout} ms.`,
    details: { id, task: task.name, timeout: task.contract.timeout },
  });
}

export function afterCompletion({ id, task }: ClaimedJob, cause?: unknown): PgschedError {
  return new PgschedError('AfterCompletion', {
    message: `Job ${id} of ${task.name} is completed: what its handler does or throws after that changes nothing.`,
    details: { id, task: task.name },
    cause,
  });
}

function list(issues: readonly Issue[], root: string): string {
  const shown = issues
    .slice(0, 10)
    .map((issue) => `${issue.path === '' ? root : issue.path}: ${issue.message}`);
  return shown.join('; ');
}
