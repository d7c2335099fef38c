import type { Pool, PoolClient } from 'pg';
import type { TaskContract } from '../../runtime/contract/types.js';
import { contractOf, json } from './contract.js';

/** What the public functions take: any connection. */
export type Connection = Pick<Pool | PoolClient, 'query'>;

/** An answer of `enqueue`; numbers of 64 bits travel as text. */
export interface Enqueued {
  readonly id: string;
  readonly outcome: 'created' | 'existing' | 'replaced' | 'duplicate' | 'refused';
}

export interface Claimed {
  readonly id: string;
  readonly fence: string;
  readonly task: string;
  readonly topic: string;
  readonly args: unknown;
  readonly headers: unknown;
  readonly attempt: number;
  readonly priority: number;
  readonly deadline: Date;
}

/** Makes the tasks known with their defaults, as the start of a worker does. Null: the task has no contract yet. */
export async function declare(
  on: Connection,
  tasks: Readonly<Record<string, Partial<TaskContract> | null>>,
): Promise<void> {
  const filled = contractOf(
    Object.fromEntries(
      Object.entries(tasks).map(([name, task]) => [name, { args: json, ...task }]),
    ),
  ).tasks;
  const list = Object.entries(filled);
  await on.query('select pgsched._declare($1, $2, $3, $4, $5)', [
    list.map(([name]) => name),
    list.map(([, task]) => task.version),
    list.map(([, task]) => task.topic),
    list.map(([, task]) => task.priority),
    list.map(([name, task]) => (tasks[name] === null ? null : JSON.stringify(task))),
  ]);
}

/** The rows of a statement. */
export async function rows<T>(on: Connection, text: string, values: unknown[] = []): Promise<T[]> {
  return (await on.query(text, values)).rows as T[];
}

/** The one row of a statement. */
export async function row<T>(on: Connection, text: string, values: unknown[] = []): Promise<T> {
  const found = await rows<T>(on, text, values);
  if (found.length !== 1) throw new Error(`${found.length} rows, expected one: ${text}`);
  return found[0] as T;
}

/** `select * from pgsched.enqueue(…)` with the arguments as they are written in SQL. */
export function enqueue(on: Connection, args: string, values: unknown[] = []): Promise<Enqueued> {
  return row(on, `select * from pgsched.enqueue(${args})`, values);
}

/** It also files what came without a lane, and passes what another claim is just filing: one test at a time in a database. */
export function claim(on: Connection, n: number, tasks: readonly string[]): Promise<Claimed[]> {
  return rows(on, 'select * from pgsched.claim($1, $2)', [n, tasks]);
}

/** The seconds that a claimed job has from its claim to its deadline. */
export async function secondsOfRun(on: Connection, id: string): Promise<number> {
  const { s } = await row<{ s: number }>(
    on,
    'select round(extract(epoch from deadline - claimed_at))::int as s from pgsched.running_jobs where id = $1',
    [id],
  );
  return s;
}

/** Claims the one job of this task. */
export async function claimOne(on: Connection, task: string): Promise<Claimed> {
  return row(on, 'select * from pgsched.claim(1, array[$1])', [task]);
}

export async function ack(on: Connection, job: Claimed, result: unknown = null): Promise<boolean> {
  const { done } = await row<{ done: boolean }>(on, 'select pgsched.ack($1, $2, $3) as done', [
    job.id,
    job.fence,
    result === null ? null : JSON.stringify(result),
  ]);
  return done;
}

export async function nack(
  on: Connection,
  job: Claimed,
  error: string | null = null,
  runAt: string | null = null,
): Promise<string | null> {
  const { became } = await row<{ became: string | null }>(
    on,
    'select pgsched.nack($1, $2, $3, $4) as became',
    [job.id, job.fence, error, runAt],
  );
  return became;
}

/** A job as the view shows it. */
export function job(on: Connection, id: string): Promise<Record<string, unknown>> {
  return row(on, 'select * from pgsched.all_jobs where id = $1', [id]);
}
