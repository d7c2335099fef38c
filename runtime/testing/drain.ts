import { setTimeout as pause } from 'node:timers/promises';
import { unfinished } from '../../queries/testing.queries.js';
import type { Session } from '../client/session.js';
import { bindWorker, isStub } from '../worker/bind-worker.js';
import type { WorkerEvent } from '../worker/types.js';
import type { Tested } from './bind-testing.js';
import type { DrainOptions, TestingOptions } from './types.js';

const lookEvery = 10;

/** Runs what is due until nothing is, or until a run fails. */
export async function drain(
  session: Session,
  { contract, manifest, handlers, setup, upcasters }: Tested,
  { connectionString, schema, concurrency = 1 }: DrainOptions & TestingOptions<unknown>,
  context: () => Promise<unknown>,
): Promise<number> {
  let failure: { readonly error: unknown } | undefined;
  const onEvent = (event: WorkerEvent): void => {
    if (event.type === 'failed' || event.type === 'retried' || event.type === 'error') {
      failure ??= { error: event.error };
    }
  };
  const { middleware } = setup;
  const options = { connectionString, schema, concurrency, onEvent };
  const worker = bindWorker(
    contract,
    manifest,
    handlers,
    options,
    { context, middleware },
    upcasters,
  );
  await session.ready();
  const served = Object.keys(contract.tasks).filter(
    (name) => handlers[name] !== undefined && !isStub(handlers[name]),
  );
  const tasks = served.map((name) => session.number(name));
  await worker.start();
  try {
    for (;;) {
      const [row] = await session.run(unfinished, { tasks });
      if (failure !== undefined) throw failure.error;
      if (row?.unfinished !== true) return worker.stats().completed;
      await pause(lookEvery);
    }
  } finally {
    await worker.stop({ drain: failure === undefined ? undefined : 0 });
  }
}
