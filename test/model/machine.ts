import type pg from 'pg';
import { declare } from '../../queries/enqueue.queries.js';
import { type Run, Statements } from '../../runtime/database/statements.js';
import type { TestDatabase } from '../support/database.js';
import { emptyModel, type Model } from './model.js';
import type { Conflict, NewModelJob } from './model-enqueue.js';
import { check } from './snapshot.js';
import { taskNames, tasks } from './tasks.js';

/** An enqueue or a claim whose transaction is still open. */
export interface Open {
  readonly client: pg.Client;
  /** Keys that it holds until it is over. */
  readonly keys: ReadonlySet<string>;
  /** Jobs that it holds. */
  readonly jobs: ReadonlySet<string>;
  /** Makes the model follow when it commits. */
  readonly commit: (model: Model) => void;
}

/** A job under the fence of one claim. */
export interface Holding {
  readonly id: string;
  readonly fence: string;
}

/** A database, the model of it, and who works on it. */
export interface Machine {
  readonly run: Run;
  readonly client: pg.Client;
  readonly numbers: ReadonlyMap<string, number>;
  readonly strangers: readonly pg.Client[];
  model: Model;
  /** Who has a transaction open, by index of the stranger. */
  open: Map<number, Open>;
  /** Holdings that were given out at some time, held still or not. */
  claims: Holding[];
  /** Calls that may be repeated because their outcome is not known. */
  calls: { readonly jobs: readonly NewModelJob[]; readonly conflict: Conflict }[];
  /** Where the next claim of a worker looks from, by its instance. */
  positions: Map<string, string | null>;
  /** What makes args, instances and fences differ. */
  count: number;
}

export async function makeMachine(database: TestDatabase): Promise<Machine> {
  const client = await database.connect();
  // Whatever waits for a lock here waits for a transaction that only this test could end.
  await client.query("set statement_timeout = '5s'");
  const strangers = [await database.connect(), await database.connect()];
  const run = new Statements('pgsched').on(client);
  const rows = await run(declare, {
    names: [...taskNames],
    versions: taskNames.map(() => 1),
    topics: taskNames.map((name) => tasks[name]?.topic as string),
    priorities: taskNames.map(() => 0),
    renamed: [],
    formers: [],
    contracts: taskNames.map((name) => JSON.stringify(tasks[name])),
  });
  return {
    run,
    client,
    strangers,
    numbers: new Map(rows.map(({ name, task }) => [name, task])),
    model: emptyModel(),
    open: new Map(),
    claims: [],
    calls: [],
    positions: new Map(),
    count: 0,
  };
}

/** Nothing but the tasks, a lane for each, and one lane that the other topics of `plain` share. */
export async function reset(machine: Machine): Promise<void> {
  // Also what an operation that failed has left open.
  for (const client of [machine.client, ...machine.strangers]) await client.query('rollback');
  await machine.client.query(`
    delete from pgsched.job; delete from pgsched.job_archive; delete from pgsched.job_key; delete from pgsched.worker;
    delete from pgsched.topic; delete from pgsched.job_progress; delete from pgsched.repeated_insert;
    update pgsched.task set paused = false where paused;
    delete from pgsched.lane l using pgsched.task t
     where t.task = l.task and not (l.level = 0 and l.topic in (t.contract ->> 'topic', '*'));
    insert into pgsched.lane (task, version, topic, level)
    select t.task, 1, '*', 0 from pgsched.task t where t.name = 'plain' on conflict do nothing`);
  machine.model = emptyModel();
  const base = taskNames.map((name) => `${name}/0/${tasks[name]?.topic}`);
  machine.model.lanes = new Set([...base, 'plain/0/*']);
  machine.open = new Map();
  machine.claims = [];
  machine.calls = [];
  machine.positions = new Map();
  machine.count = 0;
  await check(machine.client, machine.model);
}
