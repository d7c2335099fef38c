import type { ClientBase } from 'pg';
import type { Project } from '../../generator/project.js';
import { migrate, migrationStatus } from '../../schema/migrate.js';
import { withDatabase } from '../database.js';
import { changeLines, type Defined, defineContract } from '../define-contract.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { count, note, print } from '../output.js';
import { loadProject } from '../project.js';
import { generatedContract } from '../read-contract.js';

export interface MigrateOptions {
  config?: string | undefined;
  databaseUrl?: string | undefined;
  schema?: string | undefined;
}

/** `pgsched migrate`: applies what the database lacks. */
export async function up(options: MigrateOptions): Promise<ExitCode> {
  const project = options.schema === undefined ? await loadProject(options) : null;
  const schema = options.schema ?? (project as Project).schema;
  const { applied, version, ...defined } = await withDatabase(options, async (client) => {
    const migrated = await migrate(client, { schema });
    return { ...migrated, ...(await defineProject(client, project)) };
  });
  for (const name of applied) print(`applied ${name}`);
  for (const line of changeLines(defined)) print(line);
  print(
    applied.length === 0
      ? `The schema "${schema}" is up to date, at version ${version}.`
      : `The schema "${schema}" is at version ${version}.`,
  );
  return exitCodes.ok;
}

async function defineProject(client: ClientBase, project: Project | null): Promise<Defined> {
  const contract = project === null ? null : await generatedContract(project);
  return contract === null
    ? { tasks: [], functions: [] }
    : await defineContract(client, (project as Project).schema, contract);
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
