import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Scenario } from './scenarios/scenario.js';
import type { OpenSystem } from './systems/system.js';

/** What one system reached in one scenario. */
export interface Result {
  readonly scenario: string;
  readonly system: string;
  /** The median of the rounds. */
  readonly value: number;
  readonly unit: Scenario['unit'];
  /** Value by the floor's of the same run; null where there is no floor. */
  readonly ratioToFloor: number | null;
  /** (largest − smallest) / median of the rounds. */
  readonly spread: number;
}

/** Measures the systems in turns, round by round, each time on an empty database. The floor, if any, is the first. */
export async function measure(
  server: string,
  scenario: Scenario,
  systems: Readonly<Record<string, OpenSystem>>,
  rounds: number,
): Promise<Result[]> {
  const entries = Object.entries(systems).filter(([name]) => scenario.hasFloor || name !== 'floor');
  const figures = new Map(entries.map(([name]): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, open] of entries) {
      figures.get(name)?.push(await onEmptyDatabase(server, open, scenario));
    }
  }
  const floor = median(figures.get('floor') ?? []);
  return entries.map(([system]) => {
    const values = figures.get(system) as number[];
    const value = median(values);
    return {
      scenario: scenario.name,
      system,
      value,
      unit: scenario.unit,
      ratioToFloor: Number.isNaN(floor) ? null : value / floor,
      spread: (Math.max(...values) - Math.min(...values)) / value,
    };
  });
}

async function onEmptyDatabase(
  server: string,
  open: OpenSystem,
  scenario: Scenario,
): Promise<number> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await query(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const system = await open(url.href);
  try {
    return await scenario.measure(system);
  } finally {
    await system.close();
    await query(server, `drop database ${name} with (force)`);
    // What this round has written is not the next one's to flush.
    await query(server, 'checkpoint');
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
