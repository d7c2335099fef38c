import type pg from 'pg';
import { type Defined, defineContract } from '../../cli/define-contract.js';
import type { WrittenContract, WrittenTask } from '../../generator/emit/contract.js';
import { contractOf } from './contract.js';

/** What `pgsched migrate` does with a contract of these tasks. */
export function defineFunctions(
  client: pg.Client,
  tasks: Readonly<Record<string, Partial<WrittenTask>>>,
  schema = 'pgsched',
): Promise<Defined> {
  return defineContract(client, schema, contractOf(tasks, schema) as WrittenContract);
}

/** What was done to each function, as `migrate` prints it. */
export function changesOf({ functions }: Defined): string[] {
  return functions.map(({ change, name }) => `${change} ${name}`);
}
