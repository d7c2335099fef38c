import { defaultSchema } from '../runtime/contract/defaults.js';
import { checkSchemaName } from '../runtime/database/bind-schema.js';
import { applyOnce } from './apply-migration.js';
import {
  type AppliedMigration,
  checkUnchanged,
  type MigrationClient,
  missing,
  readApplied,
} from './migration-history.js';
import { latestVersion, readMigrations } from './migrations.js';

export type { AppliedMigration, MigrationClient };
export { latestVersion };

export interface MigrateOptions {
  /** @default 'pgsched' */
  schema?: string | undefined;
  /** Where the numbered files are. @default those of this package */
  directory?: string | undefined;
}

export interface MigrationStatus {
  /** The newest migration in the database, 0 when there is none. Above `latest` when a newer pgsched migrated it. */
  readonly current: number;
  /** The newest migration of this package. */
  readonly latest: number;
  /** The files that `migrate` would apply, in order. */
  readonly pending: readonly string[];
  readonly applied: readonly AppliedMigration[];
}

/**
 * Brings the schema to this package's version: applies what is missing, each migration in a transaction of its own, and is
 * done at once when nothing is. Any number of processes may call it at the same time; each migration is applied once.
 * A database that a newer pgsched migrated is left as it is: `version` is then above `latestVersion()`.
 *
 * @throws MigrationChanged when a file differs from what was applied.
 * @throws MigrationFailed when a migration fails. It then left nothing behind; those before it stay.
 */
export async function migrate(
  client: MigrationClient,
  options: MigrateOptions = {},
): Promise<{ applied: string[]; version: number }> {
  const schema = checkSchemaName(options.schema ?? defaultSchema);
  const migrations = readMigrations(options.directory);
  const before = await readApplied(client, schema);
  checkUnchanged(migrations, before);

  const applied: string[] = [];
  for (const migration of missing(migrations, before)) {
    if (await applyOnce(client, schema, migration)) applied.push(migration.name);
  }
  const newest = migrations.at(-1)?.number ?? 0;
  return { applied, version: Math.max(newest, ...before.map(({ number }) => number)) };
}

/**
 * What the database has and what it lacks. Writes nothing.
 *
 * @throws MigrationChanged when a file differs from what was applied.
 */
export async function migrationStatus(
  client: MigrationClient,
  options: MigrateOptions = {},
): Promise<MigrationStatus> {
  const migrations = readMigrations(options.directory);
  const applied = await readApplied(client, checkSchemaName(options.schema ?? defaultSchema));
  checkUnchanged(migrations, applied);
  return {
    current: applied.at(-1)?.number ?? 0,
    latest: migrations.at(-1)?.number ?? 0,
    pending: missing(migrations, applied).map(({ name }) => name),
    applied,
  };
}
