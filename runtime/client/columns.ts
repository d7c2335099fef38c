import { joinJson } from '../database/text-parameters.js';
import type { JobKind, NewJob } from './new-job.js';

/** What jobs of any kind differ in, a column each; null where none has one. */
export interface Columns {
  readonly args: string;
  readonly runAts: (string | null)[] | null;
  readonly delays: (number | null)[] | null;
  readonly headers: (string | null)[] | null;
  readonly keys: (string | null)[] | null;
}

export function columnsOf(jobs: readonly NewJob[]): Columns {
  return {
    args: joinJson(jobs.map((job) => job.args)),
    runAts: column(jobs, (job) => job.runAt),
    delays: column(jobs, (job) => job.delay),
    headers: column(jobs, (job) => job.headers),
    keys: column(jobs, (job) => job.key),
  };
}

/** One value for each job; null where none has one, which costs the server nothing. */
function column<T>(jobs: readonly NewJob[], read: (job: NewJob) => T | null): (T | null)[] | null {
  return jobs.some((job) => read(job) !== null) ? jobs.map(read) : null;
}

/** The kinds of these jobs, and for each job the place of its kind from 1; null: there is but one. */
export function grouped(jobs: readonly NewJob[]): {
  kinds: JobKind[];
  places: number[] | null;
} {
  const places = new Map<JobKind, number>();
  for (const { kind } of jobs) if (!places.has(kind)) places.set(kind, places.size + 1);
  return {
    kinds: [...places.keys()],
    places: places.size === 1 ? null : jobs.map((job) => places.get(job.kind) as number),
  };
}
