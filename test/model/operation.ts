import fc from 'fast-check';
import type { Machine } from './machine.js';
import { keyOf, type ModelJob } from './model.js';

/** Something that may happen: what it needs is drawn, and it is done to the database and to the model alike. */
export interface Operation<P> {
  readonly name: string;
  /** How often it is drawn, against the others. */
  readonly weight: number;
  readonly params: fc.Arbitrary<P>;
  /** Throws where the database answers otherwise than the model. */
  apply(machine: Machine, params: P): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: each draws what it needs itself.
export type AnyOperation = Operation<any>;

/** A number that stands for one of what there will be. */
export const some: fc.Arbitrary<number> = fc.nat({ max: 30 });

export const hour: number = 3_600_000;

/** How many milliseconds from now: never close enough for the length of a test to matter. */
export const delays: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, hour, 2 * hour, -hour);

export function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}

/** Several of them, none twice. */
export function pickAll<T>(list: readonly T[], indexes: readonly number[]): T[] {
  const picked = indexes.map((index) => pick(list, index)).filter((one) => one !== undefined);
  return [...new Set(picked)] as T[];
}

/** Whether no open transaction has anything of it: what touches it would wait for that. */
export function isFree(machine: Machine, job: ModelJob): boolean {
  for (const { jobs, keys } of machine.open.values()) {
    if (jobs.has(job.id) || (job.key !== null && keys.has(keyOf(job.task, job.key)))) return false;
  }
  return true;
}

export function lockedJobs(machine: Machine): Set<string> {
  return new Set([...machine.open.values()].flatMap(({ jobs }) => [...jobs]));
}

/** The tasks whose bit is set; all of them for 0. */
export function subset(names: readonly string[], bits: number): string[] {
  const chosen = names.filter((_, i) => bits & (1 << i));
  return chosen.length === 0 ? [...names] : chosen;
}

/** Does an operation by its name. */
export function byNames(
  operations: readonly AnyOperation[],
): (machine: Machine, name: string, params: object) => Promise<void> {
  const named = new Map(operations.map((operation) => [operation.name, operation]));
  return async (machine, name, params) => {
    const operation = named.get(name);
    if (operation === undefined) throw new Error(`There is no operation ${name}.`);
    await operation.apply(machine, params);
  };
}
