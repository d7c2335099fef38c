import {
  cancel,
  type FindJobsResult,
  find,
  findJobs,
  pause,
  paused,
  purge,
  redrive,
  reschedule,
} from '../../queries/job.queries.js';
import { topicRegexes } from '../../queries/worker.queries.js';
import { isTopicPattern } from '../contract/topic.js';
import { type Duration, milliseconds } from '../duration.js';
import { type ClientTask, invalidOption, placeInTime } from './new-job.js';
import type { Session } from './session.js';
import type { JobFilter, JobInfo, JobStatus, RemoteError } from './types.js';

type Filter = JobFilter<string>;

const batchSize = 1_000;
const ended: readonly JobStatus[] = ['completed', 'failed', 'cancelled', 'expired'];

/** Jobs as things: to find, and to change by id or by filter, in batches that commit each by itself. */
export class JobsOfClient {
  readonly #session: Session;
  readonly #tasks: (name: string) => ClientTask;

  constructor(session: Session, tasks: (name: string) => ClientTask) {
    this.#session = session;
    this.#tasks = tasks;
  }

  async get(task: string, id: string): Promise<JobInfo | null> {
    this.#tasks(task);
    const [job] = await this.list({ task, id, limit: 1 });
    return job ?? null;
  }

  async list(
    filter: Filter & { limit?: number | undefined; after?: string | undefined },
  ): Promise<JobInfo[]> {
    await this.#session.ready();
    const limit = filter.limit ?? 100;
    const ids = await this.#batch(filter, filter.after ?? '0', limit, undefined);
    return this.#read(ids);
  }

  cancel(filter: Filter): Promise<number> {
    return this.#each('cancel', filter, ['pending', 'running'], async (ids) => {
      const rows = await this.#session.run(cancel, {
        ids,
        nonces: noNonces(ids),
      });
      return rows.length;
    });
  }

  redrive(filter: Filter): Promise<number> {
    return this.#each('redrive', filter, ['failed', 'cancelled', 'expired'], async (ids) => {
      const rows = await this.#session.run(redrive, { ids, nonces: noNonces(ids) });
      return rows.filter((row) => row.outcome === 'redriven').length;
    });
  }

  reschedule(filter: Filter, at: Date | Duration): Promise<number> {
    const place = placeInTime(at);
    return this.#each('reschedule', filter, ['pending'], async (ids) => {
      const rows = await this.#session.run(reschedule, { ids, nonces: noNonces(ids), ...place });
      return rows.length;
    });
  }

  purge(filter: Filter): Promise<number> {
    return this.#each('purge', filter, ended, async (ids) => {
      const [row] = await this.#session.run(purge, { ids });
      return row?.purged ?? 0;
    });
  }

  pause(what: { task?: string | undefined; topic?: string | undefined }): Promise<void> {
    return this.#pause(what, true);
  }

  resume(what: { task?: string | undefined; topic?: string | undefined }): Promise<void> {
    return this.#pause(what, false);
  }

  async paused(): Promise<{ tasks: string[]; topics: string[] }> {
    await this.#session.ready();
    const rows = await this.#session.run(paused, undefined);
    return {
      tasks: rows.filter((row) => !row.pattern).map((row) => row.name),
      topics: rows.filter((row) => row.pattern).map((row) => row.name),
    };
  }

  async #pause(
    { task, topic }: { task?: string | undefined; topic?: string | undefined },
    isPaused: boolean,
  ): Promise<void> {
    if (task === undefined && topic === undefined) {
      throw invalidOption('Say what to pause or resume: a task, or a pattern of topics.');
    }
    await this.#session.ready();
    await this.#session.run(pause, {
      tasks: task === undefined ? [] : [this.#number(task)],
      pattern: topic === undefined ? null : checkPattern(topic),
      paused: isPaused,
    });
  }

  /** Applies a change to all jobs of the filter that have one of the statuses. Answers how many were changed. */
  async #each(
    what: string,
    filter: Filter,
    statuses: readonly JobStatus[],
    change: (ids: string[]) => Promise<number>,
  ): Promise<number> {
    if (Object.values(filter).every((part) => part === undefined)) {
      throw invalidOption(
        `Say which jobs to ${what}: by id, task, topic, status, key or olderThan. For all, give their status.`,
      );
    }
    await this.#session.ready();
    let changed = 0;
    for (let after = '0'; ; ) {
      const ids = await this.#batch(filter, after, batchSize, statuses);
      if (ids.length === 0) return changed;
      changed += await change(ids);
      after = ids.at(-1) as string;
    }
  }

  async #batch(
    filter: Filter,
    after: string,
    limit: number,
    allowed: readonly JobStatus[] | undefined,
  ): Promise<string[]> {
    const asked = list(filter.status);
    const statuses =
      allowed === undefined ? asked : allowed.filter((s) => asked?.includes(s) ?? true);
    if (statuses?.length === 0) return [];
    const tasks = list(filter.task)?.map((task) => this.#number(task));
    const ids = list(filter.id)?.filter((id) => /^\d{1,18}$/.test(id));
    const rows = await this.#session.run(find, {
      after,
      limit,
      tasks: tasks ?? null,
      topic: filter.topic === undefined ? null : await this.#regex(filter.topic),
      statuses: (statuses ?? null) as JobStatus[] | null,
      key: filter.key ?? null,
      olderThan:
        filter.olderThan === undefined ? null : milliseconds(filter.olderThan, 'olderThan'),
      ids: ids ?? null,
    });
    return rows.map((row) => row.id);
  }

  async #read(ids: string[]): Promise<JobInfo[]> {
    if (ids.length === 0) return [];
    const rows = await this.#session.run(findJobs, { ids });
    const names = new Map(this.#session.taskNames());
    return rows
      .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
      .map((row) => this.#info(row, names.get(row.task)));
  }

  #info(row: FindJobsResult, name: string | undefined): JobInfo {
    const task = name === undefined ? undefined : this.#tasks(name);
    const decode =
      row.status === 'completed' && task !== undefined && task.contract.result !== null;
    return {
      id: row.id,
      task: name ?? `#${row.task}`,
      topic: row.topic,
      status: row.status as JobStatus,
      attempt: row.attempt,
      priority: row.priority,
      key: row.key,
      headers: (row.headers ?? {}) as Record<string, string>,
      result: decode ? task.codec.decodeResult(row.result) : null,
      error: row.error as RemoteError | null,
      failures: (row.failures ?? []) as unknown as JobInfo['failures'],
      createdAt: row.createdAt,
      runAt: row.runAt,
      endedAt: row.endedAt,
    };
  }

  #number(task: string): number {
    return this.#session.number(this.#tasks(task).name);
  }

  async #regex(pattern: string): Promise<string> {
    const [row] = await this.#session.run(topicRegexes, { patterns: [checkPattern(pattern)] });
    return row?.regex as string;
  }
}

function checkPattern(pattern: string): string {
  if (isTopicPattern(pattern)) return pattern;
  throw invalidOption(
    `A pattern of topics is names with dots between them; a name may be * (one) or ** (any number); got ${JSON.stringify(pattern)}.`,
  );
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] | undefined {
  return value === undefined || Array.isArray(value)
    ? (value as readonly T[] | undefined)
    : [value as T];
}

function noNonces(ids: readonly string[]): number[] {
  // pgtyped cannot say that an array's elements may be null.
  return ids.map(() => null) as unknown as number[];
}
