import type { Contract, TaskContract } from './types.js';

/** Names of tasks, and beside each what it was before. */
export interface FormerNames {
  readonly renamed: string[];
  readonly formers: string[];
}

/** Every former name of a contract's tasks. */
export function formerNames({ tasks }: Contract): FormerNames {
  const pairs = Object.entries(tasks).flatMap(([name, { formerly = [] }]) =>
    formerly.map((former) => [name, former] as const),
  );
  return { renamed: pairs.map(([name]) => name), formers: pairs.map(([, former]) => former) };
}

/** All names of a task, the present one first. */
export function namesOf(name: string, { formerly = [] }: Pick<TaskContract, 'formerly'>): string[] {
  return [name, ...formerly];
}
