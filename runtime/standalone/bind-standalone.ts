import { enqueueByName } from '../../queries/standalone.queries.js';
import { columnsOf, grouped } from '../client/columns.js';
import { makeHandle } from '../client/handle.js';
import { type Inserted, outcomes } from '../client/inserted.js';
import {
  type ClientTask,
  conflictOf,
  invalidOption,
  jobOptions,
  type NewJob,
  singleJob,
} from '../client/new-job.js';
import { newJobList } from '../client/new-job-list.js';
import { tree } from '../client/tree.js';
import type { JobHandle } from '../client/types.js';
import { taskCodec } from '../contract/codec.js';
import { PgschedError } from '../errors.js';
import type { OnConflict } from '../task.js';
import { reachBy } from './reach.js';
import { type Run, runBy } from './statements.js';
import type {
  EnqueueOptions,
  StandaloneContract,
  StandaloneOptions,
  StandaloneTask,
} from './types.js';

type ListOptions = EnqueueOptions | ((args: unknown, index: number) => EnqueueOptions);

/** Makes the standalone client of a contract. Generated code calls it and gives it its type. */
export function bindStandalone<C>(contract: StandaloneContract, options: StandaloneOptions): C {
  const run = runBy(options, options.schema ?? contract.schema);
  const reach = reachBy(run);

  const enqueueOf = (name: string): unknown => {
    const data = contract.tasks[name] as StandaloneTask;
    const handlesOf = async (
      task: ClientTask,
      jobs: readonly NewJob[],
      conflict: OnConflict,
    ): Promise<JobHandle<unknown>[]> => {
      const inserted = await insert(run, task, jobs, conflict);
      return inserted.map((job) => makeHandle(reach, task, job, false));
    };
    const enqueue = async (args?: unknown, given: EnqueueOptions = {}) => {
      const task = clientTask(name, data);
      const job = singleJob(args, jobOptions(task, withoutTx(given)));
      const conflict = conflictOf(task.contract, given.onConflict, 'raise');
      return (await handlesOf(task, [job], conflict))[0];
    };
    const many = async (list: readonly unknown[], given: ListOptions = {}) => {
      const task = clientTask(name, data);
      const { jobs, common } = newJobList(task, list, given);
      const conflict = conflictOf(task.contract, withoutTx(common).onConflict, 'ignore');
      return handlesOf(task, jobs, conflict);
    };
    return Object.freeze(Object.assign(enqueue, { many }));
  };
  return Object.freeze({ enqueue: tree(Object.keys(contract.tasks), enqueueOf) }) as C;
}

/** What a caller without a compiler may give, and would wrongly rely on. */
function withoutTx(given: EnqueueOptions): EnqueueOptions {
  if (!('tx' in given) || given.tx === undefined) return given;
  throw invalidOption(
    'A standalone client takes no tx: make one with the `query` of the transaction.',
  );
}

const compiled = new WeakMap<StandaloneTask, ClientTask>();

/** Compiled when it is first used, and once: whoever enqueues in transactions makes a client for each. */
function clientTask(name: string, data: StandaloneTask): ClientTask {
  const known = compiled.get(data);
  if (known !== undefined) return known;
  // Schemas stay with the manifest; here the shapes alone decide.
  const contract = { ...data, schemas: { args: false, result: false } };
  const task = { name, contract, codec: taskCodec(name, contract, undefined) };
  compiled.set(data, task);
  return task;
}

/** One insert, and the wake-up of who may run the jobs. @throws DuplicateJob, UnknownTask */
async function insert(
  run: Run,
  { name, contract }: ClientTask,
  jobs: readonly NewJob[],
  conflict: OnConflict,
): Promise<Inserted[]> {
  if (jobs.length === 0) return [];
  const { kinds, places } = grouped(jobs);
  const params = {
    task: name,
    version: contract.version,
    topic: contract.topic,
    history: contract.keyScope === 'history',
    conflict,
    count: jobs.length,
    kinds: places,
    routes: kinds.map((kind) => kind.topic),
    priorities: kinds.map((kind) => kind.priority),
    startWithins: kinds.map((kind) => kind.startWithin),
    ...columnsOf(jobs),
  };
  // pgtyped cannot say that an array's elements may be null.
  const rows = await run(enqueueByName, params as never);
  if (rows.length === 0) throw unknownTask(name);
  const ids = rows.map(({ id, nonce }) => ({ id, nonce: Number(nonce) }));
  const conflicts = rows
    .filter((row) => row.outcome !== 'created')
    .map((row) => ({ ...row, place: Number(row.place), nonce: Number(row.nonce) }));
  return outcomes(jobs, ids, conflicts);
}

function unknownTask(task: string): PgschedError {
  return new PgschedError('UnknownTask', {
    message: `The database does not know the task "${task}" yet: nothing was enqueued. \`npx pgsched migrate\` makes it known, and so does the start of a worker that runs it.`,
    details: { task },
  });
}
