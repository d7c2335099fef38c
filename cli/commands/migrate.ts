import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import type { Project } from '../../generator/project.js';
import { declare, redefineTasks, retireTasks } from '../../queries/enqueue.queries.js';
import { formerNames } from '../../runtime/contract/former-names.js';
import { sqlDefaults } from '../../runtime/contract/sql-defaults.js';
import { type Executor, Statements } from '../../runtime/database/statements.js';
import { migrate, migrationStatus } from '../../schema/migrate.js';
import { withDatabase } from '../database.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { count, note, print } from '../output.js';
import { loadProject } from '../project.js';
import { readContract } from '../read-contract.js';

export interface MigrateOptions {
  config?: string | undefined;
  databaseUrl?: string | undefined;
  schema?: string | undefined;
}

/** `pgsched migrate`: applies what the database lacks. */
export async function up(options: MigrateOptions): Promise<ExitCode> {
  const project = options.schema === undefined ? await loadProject(options) : null;
  const schema = options.schema ?? (project as Project).schema;
  const { applied, version, defined } = await withDatabase(options, async (client) => {
    const migrated = await migrate(client, { schema });
    return { ...migrated, defined: project === null ? [] : await defineTasks(client, project) };
  });
  for (const name of applied) print(`applied ${name}`);
  for (const line of defined) print(line);
  print(
    applied.length === 0
      ? `The schema "${schema}" is up to date, at version ${version}.`
      : `The schema "${schema}" is at version ${version}.`,
  );
  return exitCodes.ok;
}

/** Gives the tasks' rows the names and defaults of the contract, if one was generated. Answers what it did, a line for each task that changed. */
async function defineTasks(client: ClientBase, project: Project): Promise<string[]> {
  if (!existsSync(join(project.out, 'contract.json'))) return [];
  const contract = await readContract(project);
  const contracts = Object.values(contract.tasks);
  const run = new Statements(project.schema).on(client as Executor);
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

/** `pgsched migrate status`: what the database has and what it lacks. */
export async function status(options: MigrateOptions): Promise<ExitCode> {
  const schema = options.schema ?? (await loadProject(options)).schema;
  const found = await withDatabase(options, (client) => migrationStatus(client, { schema }));
  for (const { name, appliedAt } of found.applied)
    print(`applied  ${name}  ${appliedAt.toISOString()}`);
  for (const name of found.pending) print(`pending  ${name}`);
  if (found.pending.length === 0) return exitCodes.ok;
  note(
    `The schema "${schema}" lacks ${count(found.pending.length, 'migration')}. Run \`npx pgsched migrate\`.`,
  );
  return exitCodes.found;
}
