import { taskDefaults } from '../../runtime/contract/defaults.js';
import { contractOfTask } from './tasks.js';

const { retention } = taskDefaults;

/** Microseconds since 1970; or, until the database has told, so long after some moment since `from`. */
export type Instant = number | { readonly from: number; readonly after: number };

/** A job as it should be, wherever it is. */
export interface ModelJob {
  readonly id: string;
  readonly nonce: number;
  readonly task: string;
  readonly key: string | null;
  status: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled' | 'expired';
  args: number | null;
  topic: string;
  /** Null: none yet. */
  lane: string | null;
  priority: number;
  runAt: Instant;
  dueAt: Instant | null;
  startWithin: number | null;
  awaitedUntil: Instant | null;
  attempt: number;
  rescues: number;
  failures: number;
  suspect: boolean;
  started: boolean;
  startRecorded: boolean;
  cancelRequested: boolean;
  fence: string | null;
  instance: string | null;
  deadline: Instant | null;
  result: number | null;
  error: string | null;
  purgeAt: Instant | null;
}

export interface ModelKey {
  readonly job: string;
  readonly history: boolean;
  freeAt: Instant | null;
}

/** Everything that the database should hold. */
export interface Model {
  /** The database's clock when it was last looked at. */
  now: number;
  jobs: Map<string, ModelJob>;
  /** By task and key. */
  keys: Map<string, ModelKey>;
  /** Live workers and their beats. */
  workers: Map<string, number>;
  /** Jobs that have said how far they are, with the fence that said so. */
  progress: Map<string, string>;
  pausedTasks: Set<string>;
  pausedPatterns: Set<string>;
  /** As task/level/topic. */
  lanes: Set<string>;
}

export const microseconds = 1_000;

export function emptyModel(): Model {
  return {
    now: 0,
    jobs: new Map(),
    keys: new Map(),
    workers: new Map(),
    progress: new Map(),
    pausedTasks: new Set(),
    pausedPatterns: new Set(),
    lanes: new Set(),
  };
}

export function keyOf(task: string, key: string): string {
  return `${task}/${key}`;
}

/** So many milliseconds after the operation that is about to run. */
export function soon(model: Model, ms = 0): Instant {
  return { from: model.now, after: ms * microseconds };
}

export function isPast(model: Model, instant: Instant | null): boolean {
  if (instant === null) return false;
  return typeof instant === 'number' ? instant <= model.now : instant.after <= 0;
}

export function live(model: Model): ModelJob[] {
  return inOrder(model).filter(({ status }) => status === 'pending' || status === 'running');
}

export function ended(model: Model): ModelJob[] {
  return inOrder(model).filter(({ status }) => status !== 'pending' && status !== 'running');
}

export function inOrder(model: Model): ModelJob[] {
  return [...model.jobs.values()].sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}

/** The job whose run this is, if it still is. */
export function holder(model: Model, id: string, fence: string): ModelJob | undefined {
  const job = model.jobs.get(id);
  return job?.status === 'running' && job.fence === fence ? job : undefined;
}

/** A job's end: what is kept of it, for how long, and what becomes of its key. */
export function end(
  model: Model,
  job: ModelJob,
  status: 'completed' | 'failed' | 'cancelled' | 'expired',
  value: { result?: number | null; error?: string | null } = {},
): void {
  const kept = soon(model, retention[status] ?? 0);
  const until = typeof kept === 'number' ? kept : kept.from + kept.after;
  // A result that somebody awaits is kept for as long.
  const awaited = typeof job.awaitedUntil === 'number' && job.awaitedUntil > until;
  job.purgeAt = awaited ? job.awaitedUntil : kept;
  if (job.status === 'pending') job.fence = null;
  job.status = status;
  job.result = value.result ?? null;
  job.error = value.error ?? null;
  if (status === 'completed') job.args = null;
  if (status === 'expired') job.attempt -= 1;
  model.progress.delete(job.id);
  if (job.key === null) return;
  const held = model.keys.get(keyOf(job.task, job.key));
  if (held?.job !== job.id) return;
  if (held.history) held.freeAt = job.purgeAt;
  else model.keys.delete(keyOf(job.task, job.key));
}

/** Back to pending, held by nobody. */
export function giveBack(model: Model, job: ModelJob): void {
  job.status = 'pending';
  job.fence = null;
  job.instance = null;
  job.deadline = null;
  job.startRecorded = false;
  model.progress.delete(job.id);
}

export type Outcome = 'completed' | 'failed' | 'expired' | 'cancelled' | Return;
type Return = 'retry' | 'snooze' | 'interrupt' | 'release';

/** Ends a run; answers what went otherwise. */
export function settle(
  model: Model,
  id: string,
  fence: string,
  outcome: Outcome,
  value: { result?: number | null; error?: string | null; delay?: number | null } = {},
): 'lost' | 'cancelled' | undefined {
  const job = holder(model, id, fence);
  if (job === undefined) {
    const past = model.jobs.get(id);
    // The archive tells a settle whose answer was lost from one that comes after another end.
    if (past === undefined || past.fence !== fence || past.status === outcome) {
      return past?.fence === fence ? undefined : 'lost';
    }
    return past.status === 'cancelled' ? 'cancelled' : 'lost';
  }
  if (job.cancelRequested) {
    end(model, job, 'cancelled');
    return outcome === 'cancelled' ? undefined : 'cancelled';
  }
  switch (outcome) {
    case 'completed':
      end(model, job, 'completed', { result: value.result ?? null });
      break;
    case 'failed':
      end(model, job, 'failed', { error: value.error ?? null });
      break;
    case 'cancelled':
    case 'expired':
      end(model, job, outcome);
      break;
    default:
      comeBack(model, job, outcome, value.delay ?? null);
  }
  return undefined;
}

function comeBack(model: Model, job: ModelJob, outcome: Return, delay: number | null): void {
  const keepsPlace = outcome === 'interrupt' || outcome === 'release';
  if (!keepsPlace) {
    const { backoff } = contractOfTask(job.task);
    const delays = backoff.kind === 'list' ? backoff.delays : [];
    const policy = delays[Math.min(job.attempt, delays.length) - 1] ?? 0;
    job.dueAt ??= job.runAt;
    job.runAt = soon(model, delay ?? policy);
  }
  if (outcome === 'retry') job.failures = Math.min(20, job.failures + 1);
  else job.attempt -= 1;
  if (outcome !== 'release') job.started = true;
  giveBack(model, job);
}

/** Ends a run as failed by its task's contract. */
export function failRun(
  model: Model,
  job: ModelJob,
  error: string,
  delay: number | null = null,
): string | null {
  const outcome = job.attempt >= contractOfTask(job.task).maxAttempts ? 'failed' : 'retry';
  return settle(model, job.id, job.fence as string, outcome, { error, delay }) ?? outcome;
}

/** Ends the runs of SQL callers whose deadline is over. */
export function sweep(model: Model, limit: number): number {
  const late = live(model)
    .filter((job) => job.instance === '0' && isPast(model, job.deadline))
    .sort((a, b) => Number(a.deadline) - Number(b.deadline))
    .slice(0, limit);
  for (const job of late) failRun(model, job, 'TimedOut');
  return late.length;
}

/** Gives back what the dead hold. */
export function rescue(
  model: Model,
  limit: number,
  known: readonly string[],
): { rescued: number; failed: number } {
  const dead = (job: ModelJob): boolean =>
    job.instance !== null && job.instance !== '0' && !model.workers.has(job.instance);
  const lost = live(model)
    .filter((job) => job.status === 'running' && dead(job))
    .sort((a, b) => Number(BigInt(a.instance as string) - BigInt(b.instance as string)))
    .slice(0, limit);
  let failed = 0;
  for (const job of lost) {
    const most = known.includes(job.task) ? contractOfTask(job.task).maxRescues : 3;
    if (job.startRecorded) job.rescues += 1;
    const poison = job.startRecorded && job.rescues >= most;
    if (job.cancelRequested || poison) {
      failed += 1;
      if (job.cancelRequested) end(model, job, 'cancelled');
      else end(model, job, 'failed', { error: 'WorkerLost' });
      continue;
    }
    job.attempt -= 1;
    job.suspect = true;
    job.started = true;
    giveBack(model, job);
  }
  return { rescued: lost.length - failed, failed };
}

/** Cancels; answers what it came to, nothing for a job that is over. */
export function cancel(
  model: Model,
  id: string,
  nonce: number | null,
): 'cancelled' | 'requested' | undefined {
  const job = model.jobs.get(id);
  if (job === undefined || (nonce !== null && job.nonce !== nonce)) return undefined;
  if (job.status === 'running') {
    job.cancelRequested = true;
    return 'requested';
  }
  if (job.status !== 'pending') return undefined;
  end(model, job, 'cancelled');
  return 'cancelled';
}

/** The lane for a topic: its own, else the one that its task's other topics share, else none yet. */
export function laneOf(
  model: Model,
  job: Pick<ModelJob, 'task' | 'topic' | 'priority'>,
): string | null {
  const [own, shared] = [laneName(job, job.topic), laneName(job, '*')];
  return [own, shared].find((lane) => model.lanes.has(lane)) ?? null;
}

/** Gives lanes to jobs that came without one. */
export function file(model: Model, limit: number, locked: ReadonlySet<string>): number {
  const unfiled = live(model)
    .filter((job) => job.status === 'pending' && job.lane === null && !locked.has(job.id))
    .sort((a, b) => b.priority - a.priority || byPlace(a, b))
    .slice(0, limit);
  for (const job of unfiled) {
    if (laneOf(model, job) === null) model.lanes.add(laneName(job, job.topic));
    job.lane = laneOf(model, job);
  }
  return unfiled.length;
}

export function byPlace(a: ModelJob, b: ModelJob): number {
  return time(a.runAt) - time(b.runAt) || Number(BigInt(a.id) - BigInt(b.id));
}

/** What this same operation puts somewhere is later than all that was there. */
function time(instant: Instant): number {
  return typeof instant === 'number' ? instant : instant.from + instant.after;
}

function laneName({ task, priority }: Pick<ModelJob, 'task' | 'priority'>, topic: string): string {
  const level = priority >= 20 ? 20 : priority >= 10 ? 10 : priority >= 0 ? 0 : -10;
  return `${task}/${level}/${topic}`;
}

export function reschedule(model: Model, id: string, delay: number): boolean {
  const job = model.jobs.get(id);
  if (job?.status !== 'pending') return false;
  place(model, job, delay);
  return true;
}

/** The place in the queue of a job that asks for so many milliseconds from now. The past means now. */
export function place(model: Model, job: ModelJob, delay: number): void {
  job.runAt = soon(model, Math.max(0, delay));
  // An instant that is sent has whole milliseconds.
  job.dueAt = delay < 0 ? { from: model.now - 1_000, after: delay * microseconds } : null;
}

/** Puts ended jobs back to pending; answers per job that can be. */
export function redrive(
  model: Model,
  ids: readonly string[],
): Map<string, 'redriven' | 'duplicate'> {
  const found = ended(model).filter((job) => ids.includes(job.id) && job.status !== 'completed');
  const byKey = found
    .filter(({ key }) => key !== null)
    .sort((a, b) => compare(keyOf(a.task, a.key ?? ''), keyOf(b.task, b.key ?? '')));
  for (const job of byKey) {
    const at = keyOf(job.task, job.key as string);
    const held = model.keys.get(at);
    if (held?.job === job.id) held.freeAt = null;
    else if (held === undefined || isPast(model, held.freeAt)) {
      const history = contractOfTask(job.task).keyScope === 'history';
      model.keys.set(at, { job: job.id, history, freeAt: null });
    }
  }
  const answers = new Map<string, 'redriven' | 'duplicate'>();
  for (const job of found) {
    const free = job.key === null || model.keys.get(keyOf(job.task, job.key))?.job === job.id;
    answers.set(job.id, free ? 'redriven' : 'duplicate');
    if (!free) continue;
    Object.assign(job, {
      failures: Math.min(20, job.failures + (job.error === null ? 0 : 1)),
      runAt: soon(model),
      dueAt: null,
      startWithin: null,
      awaitedUntil: null,
      attempt: 0,
      rescues: 0,
      suspect: false,
      started: false,
      cancelRequested: false,
      error: null,
      purgeAt: null,
    });
    giveBack(model, job);
  }
  return answers;
}

export function purge(model: Model, ids: readonly string[]): number {
  const gone = ended(model).filter(({ id }) => ids.includes(id));
  for (const job of gone) {
    model.jobs.delete(job.id);
    const at = job.key === null ? '' : keyOf(job.task, job.key);
    if (model.keys.get(at)?.job === job.id) model.keys.delete(at);
  }
  return gone.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
