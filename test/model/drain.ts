import type { Machine } from './machine.js';
import { live } from './model.js';
import { byNames } from './operation.js';
import { controlOperations } from './operations-control.js';
import { enqueueOperations } from './operations-enqueue.js';
import { runOperations } from './operations-run.js';
import { check } from './snapshot.js';
import { patterns, taskNames } from './tasks.js';

const operate = byNames([...enqueueOperations, ...runOperations, ...controlOperations]);

/** Lets all end that has not: what is still there after that would wait for ever. */
export async function drain(machine: Machine): Promise<void> {
  for (const who of machine.strangers.keys()) {
    await act(machine, 'end a transaction', { who, commits: true });
  }
  for (const what of taskNames)
    await act(machine, 'pause or resume', { what, pattern: false, paused: false });
  for (const what of patterns)
    await act(machine, 'pause or resume', { what, pattern: true, paused: false });
  while (machine.model.workers.size > 0) {
    await act(machine, 'a worker beats, is removed, or leaves', {
      worker: 0,
      stale: false,
      proper: true,
    });
  }
  await act(machine, 'a worker begins', { n: 0 });
  for (let round = 0; live(machine.model).length > 0 && round < 20; round++) {
    await act(machine, 'time passes', { hours: 2 });
    await act(machine, 'file', { limit: 1_000 });
    await act(machine, 'rescue', { limit: 1_000, known: 0 });
    await act(machine, 'sweep', { limit: 1_000 });
    machine.claims = [];
    await act(machine, 'claim', {
      worker: 0,
      tasks: 0,
      patterns: null,
      alone: 0,
      free: 1_000,
      more: 0,
    });
    const settlements = machine.claims.map((_, claim) => ({
      claim,
      outcome: 'completed',
      delay: null,
    }));
    await act(machine, 'settle', { settlements });
  }
}

async function act(machine: Machine, name: string, params: object): Promise<void> {
  await operate(machine, name, params);
  await check(machine.client, machine.model);
}
