import pg from 'pg';
import { type Connection, connect, resolveConnection } from '../runtime/database/connection.js';
import { PgschedError } from '../runtime/errors.js';
import { devDatabase } from './dev/dev-database.js';

interface DatabaseOptions {
  readonly databaseUrl?: string | undefined;
}

/**
 * The address that a command was given; where the environment names no database either, the one of a `pgsched dev` that
 * runs in this folder. Undefined: what the environment says.
 */
export function addressOf({ databaseUrl }: DatabaseOptions): string | undefined {
  if (databaseUrl !== undefined || isNamed(process.env)) return databaseUrl;
  return devDatabase(process.cwd());
}

function isNamed(env: NodeJS.ProcessEnv): boolean {
  const names = [
    'PGSCHED_DATABASE_URL',
    'DATABASE_URL',
    'PGHOST',
    'PGPORT',
    'PGDATABASE',
    'PGUSER',
  ];
  return names.some((name) => env[name]);
}

/** The database that a command works on. @throws DatabaseUnreachable for an address that is none */
export function databaseOf(options: DatabaseOptions): Connection {
  const address = addressOf(options);
  const found = resolveConnection(address);
  const given = options.databaseUrl === undefined ? '`pgsched dev`' : '--database-url';
  const source = address === undefined ? found.source : given;
  try {
    new pg.Client(found.config);
  } catch (error) {
    // The error itself carries the address, password and all.
    throw new PgschedError('DatabaseUnreachable', {
      message: `The address from ${source} is not a valid one: ${(error as Error).message}. Write postgres://user@host:5432/database, with %-escapes for special characters.`,
      details: { source },
    });
  }
  return { ...found, source };
}

/** Runs the work on one connection of its own, and closes it. */
export async function withDatabase<T>(
  options: DatabaseOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(databaseOf(options));
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
