import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../cli/embedded.js';

export interface BenchServer {
  readonly url: string;
  close(): Promise<void>;
}

/** That of PGSCHED_BENCH_URL, else an embedded one with its default settings, which counts statements beside. */
export async function openServer(): Promise<BenchServer> {
  const url = process.env['PGSCHED_BENCH_URL'];
  if (url) return { url, close: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), 'pgsched-bench-'));
  const first = await startEmbedded({ directory });
  const client = new pg.Client({ connectionString: first.url });
  await client.connect();
  await client.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`);
  await client.end();
  await first.stop();
  const server = await startEmbedded({ directory });
  return {
    url: server.url,
    async close() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
