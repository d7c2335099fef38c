import { type Duration, milliseconds } from '../duration.js';
import { PgschedError } from '../errors.js';
import type { OnConflict } from '../task.js';
import { bounded, unlessAborted } from './bounded.js';
import { keepFor, makeHandle, outcome, type Reach } from './handle.js';
import { batchSize, insert, insertBatches, insertIn } from './insert.js';
import type { Inserted } from './inserted.js';
import { type ClientTask, conflictOf, jobOptions, type NewJob, singleJob } from './new-job.js';
import { type ListOptions, newJobList } from './new-job-list.js';
import { cancelJob, reachOver } from './reach.js';
import type { Results } from './results.js';
import { clientClosed, type Session } from './session.js';
import { SharedInsert } from './shared-insert.js';
import type { AnyTx } from './transaction.js';
import type { CallOptions, EnqueueOptions, JobHandle } from './types.js';
import type { Waker } from './waker.js';

const callLimit: Duration = '30s';

/** From checked args to handles: one job, many, or a call that waits. */
export class Enqueuer {
  readonly #session: Session;
  readonly #results: Results;
  readonly #reach: Reach;
  readonly #waker: Waker;
  readonly #shared: SharedInsert;
  readonly #inserting = new Set<Promise<unknown>>();
  #closing = false;

  constructor(session: Session, results: Results, waker: Waker) {
    this.#session = session;
    this.#results = results;
    this.#reach = reachOver(session, results);
    this.#waker = waker;
    this.#shared = new SharedInsert(this.#session, waker);
  }

  async enqueue(
    task: ClientTask,
    args: unknown,
    options: EnqueueOptions,
  ): Promise<JobHandle<unknown>> {
    const job = singleJob(args, jobOptions(task, options));
    const conflict = conflictOf(task.contract, options.onConflict, 'raise');
    const inserted = await this.#insertion(() => this.#insertOne(job, conflict, options.tx));
    return makeHandle(this.#reach, task, inserted, options.tx !== undefined);
  }

  async many(
    task: ClientTask,
    list: readonly unknown[],
    options: ListOptions,
  ): Promise<JobHandle<unknown>[]> {
    const { jobs, common } = newJobList(task, list, options);
    const conflict = conflictOf(task.contract, common.onConflict, 'ignore');
    const inserted = await this.#insertion(() => this.#insertMany(jobs, conflict, common.tx));
    return inserted.map((job) => makeHandle(this.#reach, task, job, common.tx !== undefined));
  }

  async call(task: ClientTask, args: unknown, options: CallOptions): Promise<unknown> {
    const timeout = milliseconds(options.timeout ?? callLimit, 'timeout');
    const awaited = Math.max(keepFor, timeout + 60_000);
    // A request: what has not started by then is not wanted any more.
    const job = singleJob(args, jobOptions(task, { startWithin: timeout, ...options }, awaited));
    const conflict = conflictOf(task.contract, options.onConflict, 'raise');
    options.signal?.throwIfAborted();
    const inserting = this.#insertion(() => this.#insertOne(job, conflict, undefined));
    return bounded({ timeout, signal: options.signal }, callTimeout(task), async (signal) => {
      try {
        const inserted = await unlessAborted(inserting, signal);
        const known = inserted.outcome !== 'existing';
        const ending = await this.#results.wait(inserted, known, signal);
        return outcome(task, inserted, ending, false);
      } catch (error) {
        if (signal.aborted) await this.#abandon(inserting);
        throw error;
      }
    });
  }

  /** Takes nothing more; resolves when what was called before it has its answer. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#inserting);
    await this.#waker.drain();
  }

  /** The caller has given up: nobody wants the job any more. One that another caller enqueued is not ours to end. */
  async #abandon(inserting: Promise<Inserted>): Promise<void> {
    const cancelled = inserting
      .then((job) => job.outcome !== 'existing' && cancelJob(this.#session, job))
      .catch(() => {});
    this.#inserting.add(cancelled);
    void cancelled.then(() => this.#inserting.delete(cancelled));
    // An insert that is still under way is not waited for: the time is up.
    const underWay = Symbol('under way');
    if ((await Promise.race([inserting, underWay]).catch(() => {})) !== underWay) await cancelled;
  }

  async #insertion<T>(insertAll: () => Promise<T>): Promise<T> {
    if (this.#closing) throw clientClosed();
    const inserted = insertAll();
    this.#inserting.add(inserted);
    try {
      return await inserted;
    } finally {
      this.#inserting.delete(inserted);
    }
  }

  async #insertOne(job: NewJob, conflict: OnConflict, tx: AnyTx | undefined): Promise<Inserted> {
    await this.#session.ready();
    await this.#session.declareLanes([job]);
    if (tx !== undefined) return first(await insertIn(tx, this.#session, [job], conflict));
    if (job.key === null) return this.#shared.add(job);

    const ids = await this.#session.newIds(1);
    return first(await insert(this.#session, [job], ids, conflict, this.#waker));
  }

  async #insertMany(
    jobs: readonly NewJob[],
    conflict: OnConflict,
    tx: AnyTx | undefined,
  ): Promise<Inserted[]> {
    if (jobs.length === 0) return [];
    await this.#session.ready();
    await this.#session.declareLanes(jobs);
    if (tx !== undefined) return insertIn(tx, this.#session, jobs, conflict);

    const ids = await this.#session.newIds(jobs.length);
    // Keys are locked in one order only within a statement: in several, two calls with the same keys could deadlock.
    const inBatches = jobs.length > batchSize && jobs.every((job) => job.key === null);
    const insertAll = inBatches ? insertBatches : insert;
    return insertAll(this.#session, jobs, ids, conflict, this.#waker);
  }
}

function first(inserted: readonly Inserted[]): Inserted {
  return inserted[0] as Inserted;
}

const callTimeout =
  (task: ClientTask) =>
  (ms: number): PgschedError =>
    new PgschedError('ResultTimeout', {
      message: `The call of ${task.name} got no result within ${ms} ms; its job is cancelled.`,
      details: { task: task.name, timeout: ms },
    });
