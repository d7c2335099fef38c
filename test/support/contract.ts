import { taskDefaults } from '../../runtime/contract/defaults.js';
import type { Contract, Shape, TaskContract } from '../../runtime/contract/types.js';

/** A contract by hand, for tests of the runtime: each task as the generator would write it, with the defaults filled in. */
export function contractOf(
  tasks: Readonly<Record<string, Partial<TaskContract>>>,
  schema = 'pgsched',
): Contract {
  const entries = Object.entries(tasks).map(([name, task]): [string, TaskContract] => [
    name,
    {
      version: 1,
      topic: name,
      ...taskDefaults,
      key: null,
      keyScope: 'active',
      onConflict: null,
      args: null,
      result: null,
      schemas: { args: false, result: false },
      ...task,
    },
  ]);
  return { format: 1, schema, tasks: Object.fromEntries(entries) };
}

/** The shape of an object whose fields are all there. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const properties = Object.entries(fields).map(([name, shape]) => ({
    name,
    optional: false,
    shape,
  }));
  return { kind: 'object', properties };
}

export const number: Shape = { kind: 'number' };
export const string: Shape = { kind: 'string' };
export const json: Shape = { kind: 'json' };

/** Soon again, so that tests of retries need not wait. */
export const quickly = { kind: 'list', delays: [10], jitter: 0 } as const;
