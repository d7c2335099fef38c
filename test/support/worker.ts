import type { ExecutionContext } from 'ava';
import type { Pool } from 'pg';
import { bindClient } from '../../runtime/client/bind-client.js';
import type {
  EnqueueOptions,
  ItemOptions,
  JobHandle,
  JobStatus,
  Jobs,
} from '../../runtime/client/types.js';
import type { Contract, TaskContract } from '../../runtime/contract/types.js';
import type { AnyUpcast, Upcasters } from '../../runtime/contract/upcast.js';
import { bindWorker } from '../../runtime/worker/bind-worker.js';
import type {
  AnyHandler,
  Handler,
  Worker,
  WorkerEvent,
  WorkerOptions,
} from '../../runtime/worker/types.js';
import type { AnySetup } from '../../runtime/worker-setup.js';
import { contractOf, json } from './contract.js';
import { until } from './until.js';

/** Tasks by name, each with its part of the contract and its handler. Args and results are any JSON unless told. */
export type Tasks = Readonly<
  Record<
    string,
    // biome-ignore lint/suspicious/noExplicitAny: each handler knows what its test sends.
    { run?: Handler<any, any> | AnyHandler; upcast?: AnyUpcast } & Partial<TaskContract>
  >
>;

export interface Setup {
  readonly worker: Worker;
  /** All that the worker has reported. */
  readonly events: WorkerEvent[];
  enqueue(task: string, args?: unknown, options?: EnqueueOptions): Promise<JobHandle<unknown>>;
  enqueueMany(
    task: string,
    list: readonly unknown[],
    options?: ListOptions,
  ): Promise<JobHandle<unknown>[]>;
  readonly jobs: Jobs<Record<string, { args: unknown; result: unknown }>>;
  /** The first event of this type (and about this job), past or to come. */
  event<const T extends WorkerEvent['type']>(
    type: T,
    matches?: (event: WorkerEvent & { type: T }) => boolean,
  ): Promise<WorkerEvent & { type: T }>;
  /** A row of the job or the archive. */
  row(id: string): Promise<JobRow>;
  /** The row once the job has ended. */
  ended(id: string): Promise<JobRow>;
}

type ListOptions = EnqueueOptions | ((args: unknown, index: number) => ItemOptions);

export interface JobRow {
  readonly status: JobStatus;
  readonly attempt: number;
  readonly rescues: number;
  readonly suspect: boolean;
  readonly fence: string | null;
  readonly result: unknown;
  readonly error: { name: string; message: string; code?: string; cause?: unknown } | null;
  readonly failures: readonly { name: string; message: string; attempt: number }[] | null;
  /** Milliseconds from now until its turn. */
  readonly due_in: number;
}

interface Where {
  readonly url: string;
  readonly pool: Pool;
}

type Started = Setup & { start(): Promise<Setup> };

/** A worker of these tasks, started, and a client of theirs; both end with the test. */
export async function startWorker(
  t: ExecutionContext,
  where: Where,
  tasks: Tasks,
  options: WorkerOptions = {},
  schema = 'pgsched',
  setup: AnySetup = {},
): Promise<Setup> {
  return setUp(t, where, tasks, options, schema, setup).start();
}

/** The same, not started yet. */
export function setUp(
  t: ExecutionContext,
  { url, pool }: Where,
  tasks: Tasks,
  options: WorkerOptions = {},
  schema = 'pgsched',
  workerSetup: AnySetup = {},
): Started {
  const contract = contractFor(tasks, schema);
  const client = bindClient<LooseClient>(contract, null, { connectionString: url });
  const events: WorkerEvent[] = [];
  const onEvent = (event: WorkerEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const given = { connectionString: url, ...options, onEvent };
  const worker = bindWorker(
    contract,
    null,
    handlersOf(tasks),
    given,
    workerSetup,
    upcastersOf(tasks),
  );
  t.teardown(async () => {
    await worker.stop({ drain: 0 });
    await client.close();
  });
  const row = (id: string): Promise<JobRow> => readJob(pool, id, schema);
  const setup: Started = {
    worker,
    events,
    row,
    enqueue: (task, args, given) => at(client.enqueue, task)(args, given) as never,
    enqueueMany: (task, list, given) => at(client.enqueue, task).many(list, given) as never,
    jobs: client.jobs,
    event: (type, matches) =>
      until(
        () => events.find((event) => event.type === type && (matches?.(event as never) ?? true)),
        `the event ${type}`,
      ) as never,
    ended: (id) =>
      until(async () => {
        const found = await row(id);
        return found.status === 'pending' || found.status === 'running' ? null : found;
      }, `the end of job ${id}`),
    async start() {
      await worker.start();
      return setup;
    },
  };
  return setup;
}

/** The contract of these tasks. */
export function contractFor(tasks: Tasks, schema = 'pgsched'): Contract {
  const entries = Object.entries(tasks).map(([name, { run: _run, upcast: _upcast, ...part }]) => [
    name,
    { args: json, result: json, ...part },
  ]);
  return contractOf(Object.fromEntries(entries), schema);
}

export function handlersOf(tasks: Tasks): Record<string, AnyHandler> {
  const entries = Object.entries(tasks).flatMap(([name, { run }]) =>
    run === undefined ? [] : [[name, run] as const],
  );
  return Object.fromEntries(entries) as Record<string, AnyHandler>;
}

function upcastersOf(tasks: Tasks): Upcasters {
  const entries = Object.entries(tasks).flatMap(([name, { upcast }]) =>
    upcast === undefined ? [] : [[name, upcast] as const],
  );
  return Object.fromEntries(entries);
}

/** A job as it stands, wherever it is. */
export async function readJob(pool: Pool, id: string, schema = 'pgsched'): Promise<JobRow> {
  const { rows } = await pool.query(
    `select case when fence is null then 'pending' else 'running' end as status, attempt, rescues, suspect, fence,
            null::jsonb as result, null::jsonb as error, failures,
            extract(epoch from run_at - clock_timestamp())::float8 * 1000 as due_in
       from ${schema}.job where id = $1
     union all
     select status::text, attempt, rescues, false, fence, result, error, failures,
            extract(epoch from run_at - clock_timestamp())::float8 * 1000
       from ${schema}.job_archive where id = $1`,
    [id],
  );
  if (rows.length !== 1) throw new Error(`Job ${id} has ${rows.length} rows.`);
  return rows[0];
}

type EnqueueAny = ((args?: unknown, options?: EnqueueOptions) => Promise<JobHandle<unknown>>) & {
  many(list: readonly unknown[], options?: ListOptions): Promise<JobHandle<unknown>[]>;
};

interface Level {
  readonly [name: string]: EnqueueAny & Level;
}

interface LooseClient {
  readonly enqueue: Level;
  readonly jobs: Setup['jobs'];
  close(): Promise<void>;
}

/** The task's own enqueue, down the levels of its name. */
function at(enqueue: Level, task: string): EnqueueAny {
  return task.split('.').reduce<Level>((level, name) => level[name] as Level, enqueue) as never;
}
