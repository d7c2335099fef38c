import { registerCompletionHandler } from 'ava';
import pg from 'pg';
import { migrate } from '../../schema/migrate.js';
import { createDatabase, createMigratedDatabase } from './create-database.js';

export interface TestDatabaseOptions {
  /** False: an empty database. @default true */
  migrated?: boolean | undefined;
  /** Of the migrated schema. @default 'pgsched' */
  schema?: string | undefined;
}

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** For the tests' own statements. */
  readonly pool: pg.Pool;
  /** A connection of its own, closed after the file's tests. */
  connect(config?: pg.ClientConfig): Promise<pg.Client>;
}

/**
 * A fresh database for the tests of one file, dropped when they are done. Ask for it before the first test is declared:
 *
 *     const database = await testDatabase();
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { migrated = true, schema } = options;
  const asMade = migrated && schema === undefined;
  const { name, url, drop } = await (asMade ? createMigratedDatabase() : createDatabase());
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', ignore);
  const clients: pg.Client[] = [];

  async function connect(config: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, ...config });
    client.on('error', ignore);
    await client.connect();
    clients.push(client);
    return client;
  }

  registerCompletionHandler(async () => {
    await Promise.all([pool.end(), ...clients.map((client) => client.end().catch(ignore))]);
    await drop();
  });

  if (migrated && !asMade) await migrate(await connect(), { schema });
  return { name, url, pool, connect };
}

/** An idle connection that the server ends is a test's business only if the test uses it. */
function ignore(): void {}
