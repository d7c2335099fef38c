import { bindSchema } from '../runtime/database/bind-schema.js';
import { PgschedError } from '../runtime/errors.js';
import type { Migration } from './migrations.js';

/** One connection of its own to the database, such as a `pg.Client`: never a pool. */
export interface MigrationClient {
  // biome-ignore lint/suspicious/noExplicitAny: any driver's row type must fit.
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
}

export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly appliedAt: Date;
}

/** What was applied to this database, by number; nothing where pgsched never was. */
export async function readApplied(
  client: MigrationClient,
  schema: string,
): Promise<AppliedMigration[]> {
  if (!(await look(client, schema)).history) return [];
  const { rows } = await client.query(
    bindSchema(
      'select number, name, checksum, applied_at as "appliedAt" from pgsched.migration order by number',
      schema,
    ),
  );
  return rows;
}

export const historyTable = `create table pgsched.migration (
  number     integer primary key,
  name       text not null,
  checksum   text not null,
  applied_at timestamptz not null default clock_timestamp()
)`;

/** Looks before it creates: `if not exists` wants the right to create even where nothing is to be created. */
export async function createHistory(client: MigrationClient, schema: string): Promise<void> {
  const there = await look(client, schema);
  if (!there.schema) await client.query(bindSchema('create schema pgsched', schema));
  if (there.history) return;
  await client.query(bindSchema(historyTable, schema));
}

/**
 * Reads the catalog's tables: `to_regclass` answers from the session's cache, which an advisory lock does not refresh, and may
 * so miss what the lock's last holder made.
 */
async function look(
  client: MigrationClient,
  schema: string,
): Promise<{ schema: boolean; history: boolean }> {
  const { rows } = await client.query(
    `select count(n.oid) > 0 as schema, count(c.oid) > 0 as history
       from pg_catalog.pg_namespace n
       left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = 'migration'
      where n.nspname = $1`,
    [schema],
  );
  return rows[0];
}

export async function recordApplied(
  client: MigrationClient,
  schema: string,
  { number, name, checksum }: Migration,
): Promise<void> {
  await client.query(
    bindSchema(
      'insert into pgsched.migration (number, name, checksum) values ($1, $2, $3)',
      schema,
    ),
    [number, name, checksum],
  );
}

export function missing(migrations: Migration[], applied: AppliedMigration[]): Migration[] {
  const there = new Set(applied.map(({ number }) => number));
  return migrations.filter(({ number }) => !there.has(number));
}

/** @throws MigrationChanged when a file differs from what was applied. */
export function checkUnchanged(migrations: Migration[], applied: AppliedMigration[]): void {
  for (const { number, checksum, appliedAt } of applied) {
    const file = migrations.find((migration) => migration.number === number);
    if (file === undefined || file.checksum === checksum) continue;
    throw new PgschedError('MigrationChanged', {
      message:
        `${file.name} is not the file that was applied to this database on ${appliedAt.toISOString()}. ` +
        'An applied migration never changes: restore the file, and put the change in a new one.',
      details: { file: file.name, applied: checksum, found: file.checksum },
    });
  }
}
