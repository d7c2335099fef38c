import type { Mode, System } from '../systems/system.js';

/** What is measured: each round gets a system on an empty database, and answers its figures by name. */
export interface Scenario {
  readonly name: string;
  /** Which systems take part. @default all that there are */
  readonly systems?: readonly string[];
  /** What a system does with jobs that have ended. @default 'history' */
  readonly mode?: Mode;
  /** Fixed where one round takes long, and has its own repetitions. @default as the command says */
  readonly rounds?: number;
  /** `name`: the system's; `another`: one more of it, on an empty database of its own. */
  measure(system: System, name: string, another: () => Promise<System>): Promise<Figures>;
}

export type Unit = 'jobs/s' | 'ms' | 'µs' | 'bytes' | 'a job' | 'jobs' | 'pages';

export interface Figure {
  readonly value: number;
  readonly unit: Unit;
}

/** By name; the name '' says no more than the scenario's. */
export type Figures = Readonly<Record<string, Figure>>;

export function figure(value: number, unit: Unit): Figure {
  return { value, unit };
}

/** Fills a queue, so many jobs a call. */
export async function enqueueAll(system: System, count: number, batch: number): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    await system.enqueueMany(numbers(from, Math.min(batch, count - from)));
  }
}

export function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

/** Jobs per second of this work. */
export async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return count / ((performance.now() - start) / 1000);
}

/** The median and what is beyond it, in milliseconds. */
export function percentiles(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): Figure =>
    figure(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number, 'ms');
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
