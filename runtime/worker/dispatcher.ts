import { randomBytes } from 'node:crypto';
import { claim, file, held, idle } from '../../queries/worker.queries.js';
import { isConnectionError } from '../database/connection.js';
import type { OwnConnection } from '../database/own-connection.js';
import {
  type ClaimedJob,
  type ClaimedRow,
  claimedJob,
  type Holding,
  type Kinds,
  kindsOf,
  type ServedTask,
} from './claimed-job.js';
import { JobBuffer } from './job-buffer.js';
import { Pause } from './pause.js';
import { type AbortCause, Run, type RunContext } from './run.js';
import { Throughput } from './throughput.js';
import type { WorkerEvent } from './types.js';

export interface DispatcherOptions {
  readonly concurrency: number;
  readonly pollMin: number;
  readonly pollMax: number;
  /** Regular expressions of the topics to take; null: all. */
  readonly topics: string[] | null;
  /** False while the worker must start nothing. */
  readonly mayStart: () => boolean;
}

const largestBatch = 500;
/** Prefetched is what will start within this many milliseconds. */
const prefetchTime = 100;
/** Who has so many that have ended and are not yet settled claims no more: it would only hold them. */
const mostUnsettled = 2_000;
const filedAtOnce = 1_000;
const errorPause = 1_000;
const wakeableFor = 5_000;

/** Claims jobs into a small buffer and runs them, at most `concurrency` at once. */
export class Dispatcher {
  readonly #connection: OwnConnection;
  readonly #tasks: ReadonlyMap<number, ServedTask>;
  readonly #topics: string[] | null;
  readonly #known: Kinds;
  /** Tasks whose jobs are never prefetched, because whoever replaces one must still find it waiting. */
  readonly #alone: number[];
  readonly #options: DispatcherOptions;
  readonly #context: RunContext;
  readonly #runs = new Set<Run>();
  readonly #throughput = new Throughput(performance.now());
  #instance: string;
  readonly #buffer = new JobBuffer();
  /** Where the next claim looks from, as the last one has answered. */
  #position: string | null = null;
  /** When the next job is due, as the last claim has found: on this process' monotonic clock. */
  #nextDue = Number.POSITIVE_INFINITY;
  /** Nothing starts until the database has confirmed what is still ours. */
  #unconfirmed = false;
  #losses = 0;
  #stopping = false;
  #looping: Promise<void> = Promise.resolve();
  #pause: number;
  /** Work was announced since the last look. */
  #woken = false;
  #resting = false;
  /** Of which tasks, while this worker rests. */
  #announced: readonly ServedTask[] | null = null;
  readonly #rested = new Pause();
  readonly #room = new Pause();
  #onDrained: () => void = () => {};

  constructor(
    connection: OwnConnection,
    tasks: readonly ServedTask[],
    instance: string,
    options: DispatcherOptions,
    context: RunContext,
  ) {
    this.#connection = connection;
    this.#tasks = new Map(tasks.map((task) => [task.number, task]));
    this.#topics = options.topics;
    this.#known = kindsOf(tasks);
    this.#alone = tasks
      .filter((task) => task.contract.onConflict === 'replace')
      .map((task) => task.number);
    this.#instance = instance;
    this.#options = options;
    this.#context = context;
    this.#pause = options.pollMin;
  }

  get running(): number {
    return this.#runs.size;
  }

  get buffered(): number {
    return this.#buffer.length;
  }

  start(): void {
    this.#looping = this.#loop();
  }

  /** There may be work: look now instead of at the next poll. */
  wake(): void {
    this.#pause = this.#options.pollMin;
    this.#woken = true;
    this.#rested.end();
    this.#room.end();
  }

  /** Work for one of these tasks was announced. */
  wakeFor(tasks: readonly number[]): void {
    const own = tasks.flatMap((task) => this.#tasks.get(task) ?? []);
    if (own.length === 0) return;
    if (this.#resting) this.#announced = own;
    this.wake();
  }

  cancel(id: string): void {
    for (const run of this.#runs) if (run.job.id === id) run.abort('cancelled');
    void this.#giveBack(this.#buffer.remove((job) => job.id === id));
  }

  /** The connection was lost: claims that were not yet durable may be lost with it. */
  freeze(): void {
    this.#unconfirmed = true;
    this.#position = null;
    this.#losses += 1;
  }

  /** This worker is no longer known by its instance: nothing that it holds is its own. */
  abandon(instance: string): void {
    this.#instance = instance;
    this.#buffer.takeAll();
    for (const run of this.#runs) run.abort('leaseLost');
    this.wake();
  }

  /** Something was paused: what has not started is given back, and claimed again if it may be. */
  returnBuffered(): void {
    void this.#giveBack(this.#buffer.takeAll());
  }

  /** Aborts what runs and gives everything back, because others may take this worker for dead at any moment. */
  giveUp(): void {
    this.returnBuffered();
    for (const run of this.#runs) run.abort('overdue');
  }

  /** Stops claiming and gives back what has not started. Resolves when no claim is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#looping;
    await this.#giveBack(this.#buffer.takeAll());
  }

  /** Resolves when no handler runs. For one caller, after `stop`. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      if (this.#runs.size === 0) resolve();
    });
  }

  abort(cause: AbortCause): void {
    for (const run of this.#runs) run.abort(cause);
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        if (this.#unconfirmed) await this.#confirm();
        const { free, limit } = this.#wanted();
        const announced = await this.#claimAnnounced(free);
        if (announced === 'some') continue;
        if (announced === 'all') await this.#rest();
        else if (limit === 0) {
          // What nobody started while it was not known to be ours, or while nothing was to start.
          this.#startBuffered();
          await this.#room.wait(this.#options.pollMax);
        } else if ((await this.#claim(free, limit)) > 0) continue;
        else if (free === 0) await this.#room.wait(this.#nextPause());
        else await this.#rest();
      } catch (error) {
        if (this.#stopping) return;
        if (!isConnectionError(error)) {
          this.#report({
            type: 'error',
            message: 'Claiming failed; it will be tried again.',
            error,
          });
          await this.#room.wait(errorPause);
        }
        await this.#connection.ready().catch(() => {});
      }
    }
  }

  /** How many jobs to claim now, and how many of them would start at once. */
  #wanted(): { free: number; limit: number } {
    if (!this.#options.mayStart()) return { free: 0, limit: 0 };
    if (this.#context.unsettled() >= mostUnsettled) return { free: 0, limit: 0 };
    // Those that must run alone wait in the buffer, and take nobody's place.
    const ready = this.#buffer.length - this.#buffer.rescued;
    const free = Math.max(0, this.#options.concurrency - this.#runs.size - ready);
    const ahead = Math.min(
      1000,
      Math.floor(this.#throughput.rate(performance.now()) * prefetchTime),
    );
    // Half full is full enough: fewer and larger claims.
    if (free === 0 && this.#buffer.length * 2 >= ahead) return { free: 0, limit: 0 };
    const limit = Math.min(free + Math.max(0, ahead - this.#buffer.length), largestBatch);
    return { free, limit: Math.max(limit, free) };
  }

  async #claim(free: number, limit: number): Promise<number> {
    const losses = this.#losses;
    this.#woken = false;
    const { count, last, now } = await this.#take(this.#known, free, limit, this.#position);
    if (losses === this.#losses) this.#position = last?.nextPosition ?? null;
    this.#nextDue = last?.dueIn == null ? Number.POSITIVE_INFINITY : now + last.dueIn;
    if (count > 0) this.#pause = this.#options.pollMin;
    // After the next claim is sent: what is here keeps this thread busy while the server works.
    setImmediate(() => this.#startBuffered());
    return count;
  }

  /** Who was woken looks for what was announced, which is less to look through. All: it has that, and may rest on; some: there may be more. */
  async #claimAnnounced(free: number): Promise<'none' | 'some' | 'all'> {
    const announced = this.#announced;
    this.#announced = null;
    if (announced === null || free === 0) return 'none';
    this.#woken = false;
    // Of these tasks alone: it does not say where to look for the others.
    const { count, last, now } = await this.#take(kindsOf(announced), free, free, null);
    if (last?.dueIn != null) this.#nextDue = Math.min(this.#nextDue, now + last.dueIn);
    this.#startBuffered();
    return count < free ? 'all' : 'some';
  }

  async #take({ tasks, versions }: Kinds, free: number, limit: number, position: string | null) {
    const fence = newFence();
    const rows = await this.#connection.run(claim, {
      instance: this.#instance,
      fence,
      tasks,
      versions,
      topics: this.#topics,
      alone: this.#alone,
      free,
      limit,
      durable: false,
      position,
    });
    const now = performance.now();
    const last = rows.at(-1)?.id === null ? rows.pop() : undefined;
    for (const row of rows as ClaimedRow[]) {
      this.#buffer.push(claimedJob(row, fence, this.#tasks.get(row.task) as ServedTask, now));
    }
    return { count: rows.length, last, now };
  }

  #startBuffered(): void {
    while (
      this.#runs.size < this.#options.concurrency &&
      this.#options.mayStart() &&
      !this.#unconfirmed &&
      !this.#stopping
    ) {
      const next = this.#buffer.take((job) => this.#mayRun(job));
      if (next === undefined) return;
      this.#start(next);
    }
  }

  /**
   * One that a worker died with runs beside no other suspect: else those that the next one takes down with it would be
   * blamed as often as it is, and fail with it.
   */
  #mayRun(job: ClaimedJob): boolean {
    if (!job.suspect) return true;
    for (const { job: other } of this.#runs) {
      if (other.suspect && (other.rescues > 0 || job.rescues > 0)) return false;
    }
    return true;
  }

  #start(job: ClaimedJob): void {
    const run = new Run(job, this.#context);
    this.#runs.add(run);
    void run.execute(this.#onReturned).then(this.#onSettled);
  }

  readonly #onReturned = (run: Run): void => {
    this.#runs.delete(run);
    this.#throughput.note();
    this.#startBuffered();
    this.#room.end();
    if (this.#runs.size === 0) this.#onDrained();
  };

  readonly #onSettled = (): void => this.#room.end();

  /** Nothing to do: sleep until work is announced or due, or until the next poll. */
  async #rest(): Promise<void> {
    const [state] = await this.#connection.run(idle, {
      instance: this.#instance,
      // Longer than the longest sleep, or nobody would wake us from the rest of it.
      wakeable: Math.max(wakeableFor, Math.ceil(this.#options.pollMax * 3)),
    });
    if (state?.unfiled) {
      const [answer] = await this.#connection.run(file, { limit: filedAtOnce });
      // None: others hold them.
      if ((answer?.filed ?? 0) > 0) return;
    }
    if (state === undefined || state.lookAgain || this.#stopping) return;
    // A due job that the claim did not get: others are claiming, it will not take long.
    const due = Math.max(this.#nextDue - performance.now(), jitter(3));
    await this.#sleep(Math.min(this.#nextPause(), due));
  }

  /** Until the next poll: the longer, the longer there was nothing. */
  #nextPause(): number {
    const pause = jitter(this.#pause);
    this.#pause = Math.min(this.#pause * 2, this.#options.pollMax);
    return pause;
  }

  /** After a lost connection: nothing starts before the database has told what is still ours. */
  async #confirm(): Promise<void> {
    await this.#connection.ready();
    const losses = this.#losses;
    await this.reconcile();
    if (losses === this.#losses) this.#unconfirmed = false;
  }

  /**
   * Compares what this worker knows with what the database says that it holds. What is no longer ours ends; what we do
   * not know of is given back: a claim whose answer was lost with its connection would else be held for ever.
   */
  async reconcile(): Promise<void> {
    const instance = this.#instance;
    const before = [...this.#buffer.all(), ...[...this.#runs].map((run) => run.job)];
    const rows = await this.#connection.run(held, { instance });
    if (instance !== this.#instance) return;
    const theirs = new Set(rows.map(token));
    const lost = new Set(before.filter((job) => !theirs.has(token(job))));
    this.#buffer.remove((job) => lost.has(job));
    for (const run of this.#runs) if (lost.has(run.job)) run.abort('leaseLost');

    const ours = new Set(
      [...this.#buffer.all(), ...[...this.#runs].map((run) => run.job)].map(token),
    );
    await this.#giveBack(
      rows.filter((row) => !ours.has(token(row)) && !this.#context.isSettling(row)),
    );
  }

  async #giveBack(jobs: readonly Holding[]): Promise<void> {
    await Promise.all(
      jobs.map(({ id, fence }) =>
        this.#context.settle({
          id,
          fence,
          outcome: 'release',
          value: null,
          delay: null,
          policy: null,
          retain: null,
        }),
      ),
    );
  }

  /** Until work is announced. What was announced since the last look counts. */
  async #sleep(ms: number): Promise<void> {
    if (this.#woken) return;
    this.#resting = true;
    await this.#rested.wait(ms);
    this.#resting = false;
  }

  #report(event: WorkerEvent): void {
    this.#context.report(event);
  }
}

/** A random number of 63 bits that is never used again: it proves a claim, and orders nothing. */
export function newFence(): string {
  return (randomBytes(8).readBigUInt64BE() >> 1n).toString();
}

/** A holding as the member of a set. */
function token({ id, fence }: Holding): string {
  return `${id}/${fence}`;
}

/** ±10 %, so that workers do not poll in step. */
function jitter(ms: number): number {
  return ms * (0.9 + Math.random() * 0.2);
}
