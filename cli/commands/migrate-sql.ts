import type { ClientBase } from 'pg';
import type { WrittenContract } from '../../generator/emit/contract.js';
import { taskFunctions } from '../../generator/emit/sql/functions.js';
import type { Project } from '../../generator/project.js';
import { migrationStatus } from '../../schema/migrate.js';
import { migrationText } from '../../schema/migration-text.js';
import { readMigrations } from '../../schema/migrations.js';
import {
  type FunctionChange,
  newTaskFunctions,
  planTaskFunctions,
} from '../../schema/task-functions.js';
import { withDatabase } from '../database.js';
import { tasksAsText } from '../define-contract.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { print } from '../output.js';
import { loadProject } from '../project.js';
import { generatedContract } from '../read-contract.js';
import type { MigrateOptions } from './migrate.js';

interface SqlOptions extends MigrateOptions {
  fresh?: boolean | undefined;
}

/** `pgsched migrate sql`: prints what `pgsched migrate` would run. */
export async function sql(options: SqlOptions): Promise<ExitCode> {
  const project = options.schema === undefined ? await loadProject(options) : null;
  const schema = options.schema ?? (project as Project).schema;
  const contract = project === null ? null : await generatedContract(project);
  const { pending, functions } = options.fresh
    ? onNothing(schema, contract)
    : await withDatabase(options, (client) => onDatabase(client, schema, contract));
  const statements = [
    ...(contract === null ? [] : await tasksAsText(schema, contract)),
    ...functions.flatMap((change) => change.statements),
  ];
  print(`-- Schema ${schema}, as pgsched migrate would have it. Run it in one transaction.\n`);
  if (pending.length > 0) print(migrationText(schema, pending));
  for (const statement of statements) print(`${statement};\n`);
  return exitCodes.ok;
}

/** The migration that made the place to remember functions. */
const firstWithFunctions = 11;

interface Lacking {
  readonly pending: readonly string[];
  readonly functions: readonly FunctionChange[];
}

function onNothing(schema: string, contract: WrittenContract | null): Lacking {
  return {
    pending: readMigrations().map(({ name }) => name),
    functions: contract === null ? [] : newTaskFunctions(schema, taskFunctions(contract)),
  };
}

async function onDatabase(
  client: ClientBase,
  schema: string,
  contract: WrittenContract | null,
): Promise<Lacking> {
  const { current, pending } = await migrationStatus(client, { schema });
  if (current < firstWithFunctions) return { ...onNothing(schema, contract), pending };
  const wanted = contract === null ? null : taskFunctions(contract);
  return {
    pending,
    functions: wanted === null ? [] : await planTaskFunctions(client, schema, wanted),
  };
}
