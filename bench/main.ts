/**
 * Measures pgsched beside the floor, and with --peers beside its peers, in turns on one server:
 *     npm run bench -- [--peers] [--json] [--rounds 3] [--jobs 100000] [--only <part of a scenario's name>]
 * The server is PGSCHED_BENCH_URL (a superuser's), else an embedded one.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { measure, type Result } from './measure.js';
import { scenarios } from './scenarios/index.js';
import { openServer } from './server.js';
import { systems } from './systems/index.js';
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

const names = options.peers ? Object.keys(systems) : ['floor', 'pgsched'];
const opened: Record<string, OpenSystem> = {};
for (const name of names) opened[name] = await (systems[name] as (typeof systems)[string])();

const server = await openServer();
try {
  const results: Result[] = [];
  const wanted = scenarios(Number(options.jobs)).filter(({ name }) => name.includes(options.only));
  for (const scenario of wanted) {
    const measured = await measure(server.url, scenario, opened, Number(options.rounds));
    results.push(...measured);
    if (!options.json) print(measured);
  }
  if (options.json) console.log(JSON.stringify({ environment: await environment(), results }));
} finally {
  await server.close();
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
  for (const scenario of new Set(results.map((result) => result.scenario))) {
    console.log(`\n${scenario}`);
    for (const result of results) if (result.scenario === scenario) printLine(result);
  }
}

function printLine({ system, value, unit, ratioToFloor, spread }: Result): void {
  const figure = value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
  const ratio = ratioToFloor === null ? '' : `  ${ratioToFloor.toFixed(2)} × the floor`;
  console.log(
    `  ${system.padEnd(16)} ${figure} ${unit}${ratio}  (spread ${(spread * 100).toFixed(0)} %)`,
  );
}
