import { PgschedError } from '../errors.js';
import type { NewJob } from './new-job.js';

/** What a job is known by: a number, and a random nonce, so that a restored database cannot answer for another's job. Jobs of one insert share theirs. */
export interface JobId {
  readonly id: string;
  readonly nonce: number;
}

/** What became of one new job: its own id, or the id of the job that holds its key, which may be the new one now. */
export interface Inserted extends JobId {
  readonly outcome: 'created' | 'existing' | 'replaced';
}

/** A job that was not simply created. `place` counts from 1. */
export interface ConflictRow {
  readonly place: number;
  readonly job: string;
  readonly nonce: number;
  readonly outcome: string;
  readonly status: string | null;
}

/** Maps the answer, which names the exceptions, back to each job. @throws DuplicateJob */
export function outcomes(
  jobs: readonly NewJob[],
  ids: readonly JobId[],
  rows: readonly ConflictRow[],
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
  rows: readonly ConflictRow[],
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
