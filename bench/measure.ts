import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Figures, Scenario, Unit } from './scenarios/scenario.js';
import type { OpenSystem, System } from './systems/system.js';

/** What one system reached in one scenario. */
export interface Result {
  readonly scenario: string;
  readonly system: string;
  /** The median of the rounds. */
  readonly value: number;
  readonly unit: Unit;
  /** Value by the floor's of the same round, the median of the rounds; null where there is no floor. */
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
  const entries = Object.entries(systems).filter(
    ([name]) => scenario.systems?.includes(name) ?? true,
  );
  const taken = new Map<string, Figures[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < (scenario.rounds ?? rounds); round++) {
    for (const [name, open] of entries) {
      const opener = (url: string): Promise<System> => open(url, scenario.mode ?? 'history');
      const figures = await onEmptyDatabases(server, opener, (system, another) =>
        scenario.measure(system, name, another),
      );
      taken.get(name)?.push(figures);
    }
  }
  return entries.flatMap(([system]) => results(scenario.name, system, taken));
}

function results(
  scenario: string,
  system: string,
  taken: ReadonlyMap<string, readonly Figures[]>,
): Result[] {
  const rounds = taken.get(system) as readonly Figures[];
  return Object.entries(rounds[0] as Figures).map(([name, { unit }]) => {
    const values = rounds.map((figures) => figures[name]?.value ?? Number.NaN);
    const value = median(values);
    // Within a round, because the machine is not the same in all of them.
    const ratios = (taken.get('floor') ?? []).map(
      (figures, round) => (values[round] ?? Number.NaN) / (figures[name]?.value ?? Number.NaN),
    );
    const ratio = median(ratios);
    return {
      scenario: name === '' ? scenario : `${scenario}: ${name}`,
      system,
      value,
      unit,
      ratioToFloor: Number.isNaN(ratio) ? null : ratio,
      spread: (Math.max(...values) - Math.min(...values)) / value,
    };
  });
}

/** Does it with a system on an empty database, and with others on as many more as it asks for. */
async function onEmptyDatabases<T>(
  server: string,
  open: (url: string) => Promise<System>,
  use: (system: System, another: () => Promise<System>) => Promise<T>,
): Promise<T> {
  const opened: { name: string; system: System }[] = [];
  const another = async (): Promise<System> => {
    const name = `bench_${randomBytes(6).toString('hex')}`;
    await query(server, `create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    const system = await open(url.href);
    opened.push({ name, system });
    return system;
  };
  try {
    return await use(await another(), another);
  } finally {
    for (const { name, system } of opened) {
      await system.close();
      await query(server, `drop database ${name} with (force)`);
    }
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

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
