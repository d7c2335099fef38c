import type { ClientBase } from 'pg';
import type { WrittenContract } from '../generator/emit/contract.js';
import { taskFunctions } from '../generator/emit/sql/functions.js';
import { declare, redefineTasks, retireTasks } from '../queries/enqueue.queries.js';
import { formerNames } from '../runtime/contract/former-names.js';
import { sqlDefaults } from '../runtime/contract/sql-defaults.js';
import { sqlText } from '../runtime/contract/sql-text.js';
import { type Executor, type Run, Statements } from '../runtime/database/statements.js';
import {
  type FunctionChange,
  lockTaskFunctions,
  planTaskFunctions,
} from '../schema/task-functions.js';
import { count } from './output.js';

/** What a contract changed in a database. */
export interface Defined {
  /** What was done to tasks, a line for each that changed. */
  readonly tasks: readonly string[];
  readonly functions: readonly FunctionChange[];
}

/** What was done, a line for each change. */
export function changeLines({ tasks, functions }: Defined): string[] {
  return [...tasks, ...functions.map(({ change, name }) => `${change} ${name}`)];
}

/** Gives the tasks' rows the names and defaults of the contract, and each task its SQL function: all of it, or nothing. */
export async function defineContract(
  client: ClientBase,
  schema: string,
  contract: WrittenContract,
): Promise<Defined> {
  await client.query('begin transaction isolation level read committed, read write');
  try {
    await client.query(`set local search_path = ''`);
    await lockTaskFunctions(client, schema);
    const tasks = await defineTasks(new Statements(schema).on(client as Executor), contract);
    const functions = await planTaskFunctions(client, schema, taskFunctions(contract));
    for (const statement of functions.flatMap(({ statements }) => statements)) {
      await client.query(statement);
    }
    await client.query('commit');
    return { tasks, functions };
  } catch (error) {
    // A connection that is gone cannot roll back, and need not.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** The statements that define the tasks, as SQL text. */
export async function tasksAsText(schema: string, contract: WrittenContract): Promise<string[]> {
  const texts: string[] = [];
  const statements = new Statements(schema);
  const record: Run = (statement, params) =>
    statements.render(statement, params, async (text, values) => {
      const literal = (place: string) => sqlLiteral(values[Number(place) - 1] ?? null);
      texts.push(text.replace(/\$(\d+)::text/g, (_, place) => literal(place)));
      return [];
    });
  await defineTasks(record, contract);
  return texts;
}

function sqlLiteral(value: string | null): string {
  return value === null ? 'null' : sqlText(value);
}

/** Answers what it did, a line for each task that changed. */
async function defineTasks(run: Run, contract: WrittenContract): Promise<string[]> {
  const contracts = Object.values(contract.tasks);
  const names = Object.keys(contract.tasks);
  await run(declare, {
    names,
    versions: contracts.map((task) => task.version),
    topics: contracts.map((task) => task.topic),
    priorities: contracts.map((task) => task.priority),
    // Made here, they are defined by the next statement, so that it tells of them too.
    contracts: contracts.map(() => null) as unknown as string[],
    ...formerNames(contract),
  });
  const defined = await run(redefineTasks, { names, contracts: contracts.map(sqlDefaults) });
  const retired = await run(retireTasks, { names: [...(contract.retired ?? [])] });
  return [
    ...defined.map(({ name, before }) =>
      name === before ? `defined ${name}` : `renamed ${before} to ${name}`,
    ),
    ...retired.map(({ name, jobs }) => `retired ${name}${jobs === 0 ? '' : waiting(jobs)}`),
  ].sort();
}

function waiting(jobs: number): string {
  return `; ${count(jobs, 'job')} of it wait or run, for workers that still know it`;
}
