import { type Issue, isPgschedError, PgschedError } from '../errors.js';
import {
  type ClientTask,
  invalidArgs,
  invalidOption,
  jobOptions,
  type NewJob,
  newJob,
} from './new-job.js';
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
  return typeof options === 'function'
    ? listOfOwn(task, list, options)
    : { jobs: newJobs(task, list, sharedBy(task, options)), common: options };
}

type Make = (args: unknown, index: number) => ReturnType<typeof newJob>;

function sharedBy(task: ClientTask, options: EnqueueOptions): Make {
  const shared = jobOptions(task, options);
  return (args, index) => ofItem(index, () => newJob(args, shared));
}

function listOfOwn(
  task: ClientTask,
  list: readonly unknown[],
  optionsOf: (args: unknown, index: number) => ItemOptions,
): NewJobList {
  let common: EnqueueOptions | undefined;
  const jobs = newJobs(task, list, (args, index) => {
    const own: EnqueueOptions = optionsOf(args, index);
    common ??= own;
    if (own.tx !== common.tx || own.onConflict !== common.onConflict) {
      throw invalidOption(
        `tx and onConflict hold for the whole call: give the same ones for every item; item ${index} has others.`,
      );
    }
    return ofItem(index, () => newJob(args, jobOptions(task, own)));
  });
  return { jobs, common: common ?? {} };
}

function newJobs(task: ClientTask, list: readonly unknown[], make: Make): NewJob[] {
  const jobs: NewJob[] = [];
  const issues: Issue[] = [];
  for (const [index, args] of list.entries()) {
    const made = make(args, index);
    if ('issues' in made) issues.push(...made.issues.map((issue) => ({ ...issue, index })));
    else jobs.push(made.job);
  }
  if (issues.length > 0) throw invalidArgs(task.name, issues);
  return jobs;
}

/** What is wrong with one item is told with its place. */
function ofItem(index: number, make: () => ReturnType<typeof newJob>): ReturnType<typeof newJob> {
  try {
    return make();
  } catch (error) {
    if (!isPgschedError(error)) throw error;
    const issues = error.details['issues'] as readonly Issue[] | undefined;
    if (issues !== undefined) return { issues };
    throw new PgschedError(error.name, {
      message: `Item ${index}: ${error.message}`,
      details: { ...error.details, index },
    });
  }
}
