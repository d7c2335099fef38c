/**
 * Measures pgsched beside the floor, and with --peers beside its peers, in turns on one server:
 *     npm run bench -- [--peers] [--json] [--rounds 3] [--jobs 100000] [--only <part of a scenario's name>]
 * The server is PGSCHED_BENCH_URL (a superuser's), else an embedded one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbedded } from '../cli/embedded.js';
import { measure, type Result } from './measure.js';
import { drain } from './scenarios/drain.js';
import { bulk, single } from './scenarios/enqueue.js';
import { idleLatency } from './scenarios/latency.js';
import { openFloor } from './systems/floor.js';
import { openPgsched } from './systems/pgsched.js';
import type { OpenSystem } from './systems/system.js';

const { values: options } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    jobs: { type: 'string', default: '100000' },
    only: { type: 'string', default: '' },
  },
});
const jobs = Number(options.jobs);

const scenarios = [
  drain(jobs),
  bulk(jobs, 1_000),
  bulk(jobs, 5_000),
  single(Math.ceil(jobs / 100), 1),
  single(Math.ceil(jobs / 20), 20),
  single(Math.ceil(jobs / 5), 200),
  idleLatency(200, 0.5),
  idleLatency(200, 0.99),
].filter(({ name }) => name.includes(options.only));

const systems: Record<string, OpenSystem> = { floor: openFloor, pgsched: openPgsched };
if (options.peers) {
  const { openGraphileWorker } = await import('./systems/graphile-worker.js');
  const { openPgBoss } = await import('./systems/pg-boss.js');
  systems['graphile-worker'] = openGraphileWorker;
  systems['pg-boss'] = openPgBoss;
}

const server = await openServer();
try {
  const results: Result[] = [];
  for (const scenario of scenarios) {
    // pg-boss polls twice a second at most: its idle latency is that, and measuring it takes minutes.
    const { 'pg-boss': _, ...awake } = systems;
    const measured = await measure(
      server.url,
      scenario,
      scenario.unit === 'ms' ? awake : systems,
      Number(options.rounds),
    );
    results.push(...measured);
    if (!options.json) print(measured);
  }
  if (options.json) console.log(JSON.stringify({ environment: await environment(), results }));
} finally {
  await server.close();
}

async function openServer(): Promise<{ url: string; close(): Promise<void> }> {
  const url = process.env['PGSCHED_BENCH_URL'];
  if (url) return { url, close: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), 'pgsched-bench-'));
  const embedded = await startEmbedded({ directory, persistent: false });
  const close = async (): Promise<void> => {
    await embedded.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { url: embedded.url, close };
}

async function environment(): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('shared_buffers') as shared_buffers`,
  );
  await client.end();
  return {
    date: new Date().toISOString(),
    node: process.versions.node,
    processors: cpus().map(({ model }) => model),
    postgres: rows[0],
  };
}

function print(results: readonly Result[]): void {
  console.log(`\n${results[0]?.scenario}`);
  for (const { system, value, unit, ratioToFloor, spread } of results) {
    const figure = value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
    const ratio = ratioToFloor === null ? '' : `  ${ratioToFloor.toFixed(2)} × the floor`;
    console.log(
      `  ${system.padEnd(16)} ${figure} ${unit}${ratio}  (spread ${(spread * 100).toFixed(0)} %)`,
    );
  }
}
