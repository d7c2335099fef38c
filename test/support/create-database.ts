import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../schema/migrate.js';
import { testServer } from './server.js';

export interface CreatedDatabase {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database of its own on the run's server. */
export function createDatabase(): Promise<CreatedDatabase> {
  return create(`template template0 encoding 'UTF8'`);
}

/** The same with the schema `pgsched` as `migrate` makes it: a copy of the run's template, where there is one. */
export async function createMigratedDatabase(): Promise<CreatedDatabase> {
  const template = process.env['PGSCHED_TEST_TEMPLATE'];
  if (!template) {
    const database = await createDatabase();
    await withClient(database.url, (client) => migrate(client));
    return database;
  }
  const copy = await create(`template ${template} strategy file_copy`);
  await withClient(copy.url, (client) =>
    client.query(
      `update pgsched.meta set database_oid = (select oid from pg_database where datname = $1)`,
      [copy.name],
    ),
  );
  return copy;
}

async function create(how: string): Promise<CreatedDatabase> {
  const server = await testServerUrl();
  const name = `pgsched_test_${randomBytes(6).toString('hex')}`;
  await withClient(server, (client) => client.query(`create database ${name} ${how}`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    name,
    url: url.href,
    async drop() {
      await withClient(server, (client) =>
        client.query(`drop database if exists ${name} with (force)`),
      );
    },
  };
}

/** Runs the work on a migrated database, which is dropped after it. */
export async function withMigratedDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const { url, drop } = await createMigratedDatabase();
  try {
    return await work(url);
  } finally {
    await drop();
  }
}

let started: Promise<string> | undefined;

/** One server for all files of a run; a process that runs by itself starts its own, which ends with it. */
export function testServerUrl(): Promise<string> {
  started ??= testServer().then((server) => {
    process.once('exit', server.stopSync);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => process.exit(1));
    }
    return server.url;
  });
  return started;
}

async function withClient(
  url: string,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
