import { isPast, keyOf, laneOf, type Model, type ModelJob, place, soon } from './model.js';
import { contractOfTask } from './tasks.js';

export interface NewModelJob {
  readonly id: string;
  readonly nonce: number;
  readonly task: string;
  readonly key: string | null;
  readonly args: number;
  readonly priority: number;
  /** Milliseconds from now; below 0 is an instant that has passed. */
  readonly delay: number;
  readonly topic: string | null;
  readonly startWithin: number | null;
  readonly awaited: number | null;
}

export type Conflict = 'raise' | 'ignore' | 'replace';

/** What a place of the call came to; nothing where the job was simply created. */
export interface Answer {
  readonly place: number;
  readonly job: string;
  readonly outcome: 'existing' | 'replaced' | 'duplicate';
}

/** `repeat`: whether an earlier, equal call was committed is unknown. */
export function enqueue(
  model: Model,
  jobs: readonly NewModelJob[],
  conflict: Conflict,
  repeat = false,
): Answer[] {
  const isOver = ({ id }: NewModelJob): boolean =>
    repeat && model.jobs.has(id) && !isLive(model, id);
  const before = new Map(model.keys);
  const ordered = conflict === 'replace' ? [...jobs].reverse() : jobs;
  for (const job of ordered) {
    if (job.key === null) continue;
    const at = keyOf(job.task, job.key);
    if (isPast(model, model.keys.get(at)?.freeAt ?? null)) {
      model.keys.delete(at);
      before.delete(at);
    }
    if (isOver(job) || model.keys.has(at)) continue;
    const history = contractOfTask(job.task).keyScope === 'history';
    model.keys.set(at, { job: job.id, history, freeAt: null });
  }

  const holders = jobs.map((job) => holderOf(model, job, isOver(job)));
  const answers = jobs.flatMap((job, i): Answer[] => {
    const holder = holders[i] as string;
    return holder === job.id
      ? []
      : [{ place: i + 1, job: holder, outcome: resolve(model, holder, conflict) }];
  });
  if (answers.some(({ outcome }) => outcome === 'duplicate')) {
    model.keys = before;
    return answers.filter(({ outcome }) => outcome === 'duplicate');
  }

  jobs.forEach((job, i) => {
    const holder = model.jobs.get(holders[i] as string);
    if (holders[i] === job.id && !model.jobs.has(job.id)) insert(model, job);
    else if (conflict === 'replace' && holder !== undefined && holder.id !== job.id) {
      // The last of a key repeated in one call is what counts, with all that it asks for.
      const isLast = holders.lastIndexOf(holder.id) === i;
      if (isLast && !jobs.some(({ id }) => id === holder.id)) replace(model, holder, job);
    }
  });
  return answers;
}

function holderOf(model: Model, job: NewModelJob, isOver: boolean): string {
  if (job.key === null || isOver) return job.id;
  return model.keys.get(keyOf(job.task, job.key))?.job as string;
}

function resolve(model: Model, holder: string, conflict: Conflict): Answer['outcome'] {
  if (conflict === 'raise') return 'duplicate';
  const there = model.jobs.get(holder);
  // Not there: a job of this same call, which is not inserted yet.
  if (conflict === 'ignore' || there === undefined) return 'existing';
  return there.status === 'pending' ? 'replaced' : 'duplicate';
}

function isLive(model: Model, id: string): boolean {
  const status = model.jobs.get(id)?.status;
  return status === 'pending' || status === 'running';
}

function insert(model: Model, job: NewModelJob): void {
  const inserted: ModelJob = {
    id: job.id,
    nonce: job.nonce,
    task: job.task,
    key: job.key,
    status: 'pending',
    attempt: 0,
    rescues: 0,
    failures: 0,
    suspect: false,
    started: false,
    startRecorded: false,
    cancelRequested: false,
    fence: null,
    instance: null,
    deadline: null,
    result: null,
    error: null,
    purgeAt: null,
    awaitedUntil: null,
    ...asked(model, job),
  };
  place(model, inserted, job.delay);
  if (job.awaited !== null) inserted.awaitedUntil = soon(model, job.awaited);
  model.jobs.set(job.id, inserted);
}

/** Same id, everything else anew. */
function replace(model: Model, holder: ModelJob, job: NewModelJob): void {
  Object.assign(holder, asked(model, job), {
    attempt: 0,
    rescues: 0,
    failures: 0,
    suspect: false,
    started: false,
  });
  place(model, holder, job.delay);
  if (job.awaited !== null && holder.awaitedUntil === null) {
    holder.awaitedUntil = soon(model, job.awaited);
  } else if (job.awaited !== null) {
    const until = model.now + job.awaited * 1_000;
    const before = holder.awaitedUntil;
    if (typeof before !== 'number' || before < until)
      holder.awaitedUntil = soon(model, job.awaited);
  }
}

type Asked = Pick<
  ModelJob,
  'args' | 'topic' | 'lane' | 'priority' | 'startWithin' | 'runAt' | 'dueAt'
>;

function asked(model: Model, job: NewModelJob): Asked {
  const topic = job.topic ?? contractOfTask(job.task).topic;
  return {
    args: job.args,
    topic,
    lane: laneOf(model, { ...job, topic }),
    priority: job.priority,
    startWithin: job.startWithin,
    runAt: soon(model),
    dueAt: null,
  };
}
