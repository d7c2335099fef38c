import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../cli/embedded.js';
import { migrate } from '../../schema/migrate.js';
import { createMovieTable } from './movie-table.js';

/** The database of `PGSCHED_DATABASE_URL`, else an embedded one that goes when the demo ends; with its tables. */
export async function openDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const { url, close } = await findOrStart();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await migrate(client);
  await createMovieTable(client);
  await client.end();
  return { url, close };
}

async function findOrStart(): Promise<{ url: string; close(): Promise<void> }> {
  const url = process.env['PGSCHED_DATABASE_URL'];
  if (url) return { url, close: async () => {} };
  console.log('Starting an embedded PostgreSQL …');
  const directory = await mkdtemp(join(tmpdir(), 'pgsched-demo-'));
  const server = await startEmbedded({ directory, persistent: false });
  const close = async (): Promise<void> => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { url: server.url, close };
}
