import { byPlace, isPast, live, type Model, type ModelJob, soon } from './model.js';
import { contractOfTask } from './tasks.js';

export interface Claim {
  readonly instance: string;
  readonly fence: string;
  readonly tasks: readonly string[];
  /** Null: all topics. */
  readonly patterns: readonly string[] | null;
  /** Tasks that are never prefetched. */
  readonly alone: readonly string[];
  readonly free: number;
  readonly limit: number;
  /** Held by transactions that are still open. */
  readonly locked: ReadonlySet<string>;
}

/**
 * What a claim should take, in the order in which it answers: by priority, then by the lanes' heads, then by (run_at, id);
 * first what starts at once, then what is prefetched.
 */
export function toClaim(model: Model, claim: Claim): ModelJob[] {
  if (claim.instance !== '0' && !model.workers.has(claim.instance)) return [];
  const taken: ModelJob[] = [];
  for (const prefetched of [false, true]) {
    const most = prefetched ? claim.limit : claim.free;
    const left = (): boolean => taken.length < most;
    const due = live(model).filter(
      (job) => isDue(model, job, claim) && !(prefetched && claim.alone.includes(job.task)),
    );
    const priorities = [...new Set(due.map(({ priority }) => priority))].sort((a, b) => b - a);
    for (const priority of priorities) {
      const first = taken.length;
      const level = due.filter((job) => job.priority === priority && !taken.includes(job));
      for (const lane of lanesByHead(level)) {
        for (const job of lane) {
          if (left() && !claim.locked.has(job.id) && !(prefetched && job.suspect)) taken.push(job);
        }
      }
      taken.splice(first, Number.POSITIVE_INFINITY, ...taken.slice(first).sort(byPlace));
    }
    if (left() && !prefetched) break;
  }
  return taken;
}

export function take(model: Model, claim: Claim): ModelJob[] {
  const jobs = toClaim(model, claim);
  for (const job of jobs) hold(model, job, claim);
  return jobs;
}

export function hold(model: Model, job: ModelJob, { instance, fence }: Claim): void {
  job.status = 'running';
  job.fence = fence;
  job.instance = instance;
  job.attempt += 1;
  job.deadline = instance === '0' ? soon(model, contractOfTask(job.task).timeout) : null;
}

/** How a topic fits a pattern: `*` is one name, `**` any number of them. */
export function fits(topic: string, pattern: string): boolean {
  return match(topic.split('.'), pattern.split('.'));
}

function match([name, ...names]: readonly string[], [part, ...parts]: readonly string[]): boolean {
  if (part === undefined) return name === undefined;
  if (part === '**') {
    const all = name === undefined ? [] : [name, ...names];
    return match(all, parts) || (all.length > 0 && match(names, [part, ...parts]));
  }
  return name !== undefined && (part === '*' || part === name) && match(names, parts);
}

/** Whether a job that is too late to start has never started. */
export function isTooLate(model: Model, job: ModelJob): boolean {
  const within = job.startWithin ?? contractOfTask(job.task).startWithin ?? -1;
  const due = job.dueAt ?? job.runAt;
  if (job.started || within < 0) return false;
  // A due instant of this same step is as old as it says; else the clock decides.
  const since = typeof due === 'number' ? model.now - due : -due.after;
  return since > within * 1_000;
}

function isDue(model: Model, job: ModelJob, claim: Claim): boolean {
  return (
    job.status === 'pending' &&
    job.lane !== null &&
    isPast(model, job.runAt) &&
    claim.tasks.includes(job.task) &&
    !model.pausedTasks.has(job.task) &&
    (claim.patterns?.some((pattern) => fits(job.topic, pattern)) ?? true) &&
    ![...model.pausedPatterns].some((pattern) => fits(job.topic, pattern))
  );
}

function lanesByHead(jobs: readonly ModelJob[]): ModelJob[][] {
  const lanes = new Map<string, ModelJob[]>();
  for (const job of [...jobs].sort(byPlace)) {
    const lane = job.lane as string;
    lanes.set(lane, [...(lanes.get(lane) ?? []), job]);
  }
  return [...lanes.values()];
}
