import type { System } from '../systems/system.js';

/** What is measured: each gets a system on an empty database, and answers one figure. */
export interface Scenario {
  readonly name: string;
  readonly unit: 'jobs/s' | 'ms';
  /** False where a bare table has no way to do it, such as waking a worker. */
  readonly hasFloor: boolean;
  measure(system: System): Promise<number>;
}

/** Fills a queue, so many jobs a call. */
export async function enqueueAll(system: System, count: number, batch: number): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const size = Math.min(batch, count - from);
    await system.enqueueMany(Array.from({ length: size }, (_, i) => from + i));
  }
}

/** Jobs per second of this work. */
export async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return count / ((performance.now() - start) / 1000);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}
