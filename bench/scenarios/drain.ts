import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Mode, System } from '../systems/system.js';
import { type Figures, figure, numbers, rate, type Scenario } from './scenario.js';

const batch = 1_000;

export interface DrainOptions {
  readonly mode: Mode;
  readonly lanes: number;
  readonly processes: number;
}

/** A backlog of jobs that do nothing, from the workers' start to the last settle. */
export function drain(count: number, { mode, lanes, processes }: DrainOptions): Scenario {
  const keeping = mode === 'history' ? 'with history' : 'deleting';
  return {
    name: `drain of ${count} jobs, ${keeping}, ${many(lanes, 'lane')}, ${many(processes, 'process')}`,
    mode,
    async measure(system, name): Promise<Figures> {
      for (let from = 0; from < count; from += batch) {
        await system.enqueueMany(
          numbers(from, Math.min(batch, count - from)),
          (from / batch) % lanes,
        );
      }
      const value =
        processes === 1
          ? await here(system, count)
          : await elsewhere(system, count, processes, [name, system.url, mode]);
      return { '': figure(value, 'jobs/s') };
    },
  };
}

async function here(system: System, count: number): Promise<number> {
  const working = await system.work(() => {});
  const value = await rate(count, () => working.settled(count));
  await working.stop();
  return value;
}

/** From the moment when all processes are told to begin until nothing is left. */
async function elsewhere(
  system: System,
  count: number,
  processes: number,
  args: string[],
): Promise<number> {
  const program = fileURLToPath(new URL('../worker-process.ts', import.meta.url));
  const children = Array.from({ length: processes }, () => fork(program, args));
  await Promise.all(children.map((child) => once(child, 'message')));
  const value = await rate(count, async () => {
    for (const child of children) child.send('begin');
    while (!(await system.drained())) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  const exits = children.map((child) => once(child, 'exit'));
  for (const child of children) child.send('stop');
  await Promise.all(exits);
  return value;
}

function many(count: number, what: string): string {
  const plural = what.endsWith('s') ? `${what}es` : `${what}s`;
  return `${count} ${count === 1 ? what : plural}`;
}
