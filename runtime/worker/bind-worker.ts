import { taskCodec } from '../contract/codec.js';
import type { Contract } from '../contract/types.js';
import type { Upcasters } from '../contract/upcast.js';
import { declaredTask } from '../manifest.js';
import { notImplemented } from '../outcome.js';
import type { Group } from '../task.js';
import type { AnySetup } from '../worker-setup.js';
import type { ServedTask } from './claimed-job.js';
import type { AnyHandler, Worker, WorkerOptions } from './types.js';
import { PgWorker } from './worker.js';

/** A task as the handlers' folder binds it, before the database has given it its number. */
export type BoundTask = Omit<ServedTask, 'number'>;

/**
 * Makes the worker of a contract and its handlers. Generated code calls it. `manifest` is needed only where a task has a schema,
 * `upcasters` where one has had other args before.
 */
export function bindWorker(
  contract: Contract,
  manifest: Group | null,
  handlers: Readonly<Record<string, AnyHandler>>,
  options: WorkerOptions = {},
  setup: AnySetup = {},
  upcasters: Upcasters = {},
): Worker {
  const served: BoundTask[] = [];
  const unwritten: string[] = [];
  for (const [name, task] of Object.entries(contract.tasks)) {
    // Another worker's: this one has a handler for each task of its own, if only a stub.
    if (!Object.hasOwn(handlers, name)) continue;
    const handler = handlers[name];
    if (handler === undefined || isStub(handler)) {
      unwritten.push(name);
    } else {
      const codec = taskCodec(name, task, declaredTask(manifest, name), upcasters[name]);
      served.push({ name, contract: task, codec, handler });
    }
  }
  return new PgWorker(contract, served, unwritten, options, setup);
}

/** Whether a handler is still as it was generated. */
export function isStub(handler: AnyHandler): boolean {
  return (handler as { '~pgsched'?: unknown })['~pgsched'] === notImplemented['~pgsched'];
}
