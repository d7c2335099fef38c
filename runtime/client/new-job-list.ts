import { type Issue, isPgschedError, PgschedError } from '../errors.js';
import { type ClientTask, invalidArgs, invalidOption, type NewJob, newJob } from './new-job.js';
import type { EnqueueOptions, ItemOptions } from './types.js';

export type ListOptions = EnqueueOptions | ((args: unknown, index: number) => ItemOptions);

export interface NewJobList {
  readonly jobs: readonly NewJob[];
  /** What holds for the whole call. */
  readonly common: Pick<EnqueueOptions, 'tx' | 'onConflict'>;
}

/** Checks all of a list before any of it is inserted. @throws InvalidArgs, which names every bad item; InvalidOption, ArgsTooLarge */
export function newJobList(
  task: ClientTask,
  list: readonly unknown[],
  options: ListOptions,
): NewJobList {
  const jobs: NewJob[] = [];
  const issues: Issue[] = [];
  let common: EnqueueOptions | undefined;
  for (const [index, args] of list.entries()) {
    const own = typeof options === 'function' ? options(args, index) : options;
    common ??= own;
    if (own.tx !== common.tx || own.onConflict !== common.onConflict) {
      throw invalidOption(
        `tx and onConflict hold for the whole call: give the same ones for every item; item ${index} has others.`,
      );
    }
    const made = newItem(task, args, index, own, typeof options === 'function');
    if ('issues' in made) issues.push(...made.issues.map((issue) => ({ ...issue, index })));
    else jobs.push(made.job);
  }
  if (issues.length > 0) throw invalidArgs(task.name, issues);
  return { jobs, common: common ?? {} };
}

function newItem(
  task: ClientTask,
  args: unknown,
  index: number,
  options: EnqueueOptions,
  ownOptions: boolean,
): ReturnType<typeof newJob> {
  try {
    return newJob(task, args, options);
  } catch (error) {
    if (!isPgschedError(error)) throw error;
    const issues = error.details['issues'] as readonly Issue[] | undefined;
    if (issues !== undefined) return { issues };
    if (error.name === 'InvalidOption' && !ownOptions) throw error;
    throw new PgschedError(error.name, {
      message: `Item ${index}: ${error.message}`,
      details: { ...error.details, index },
    });
  }
}
