import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { registerCompletionHandler } from 'ava';
import type { Leg } from './racer.js';

/** Runs each racer's statements at the same time; resolves to the rows of each. */
// biome-ignore lint/suspicious/noExplicitAny: rows are what the test's own statement selects.
export type Race = (racers: readonly (readonly Leg[])[]) => Promise<any[][]>;

const program = fileURLToPath(new URL('./racer.ts', import.meta.url));

/** Four processes, connected and waiting. An error of any of their statements fails the race. */
export async function fourProcesses(url: string): Promise<Race> {
  const racers = Array.from({ length: 4 }, () =>
    fork(program, [url], { execArgv: ['--import=tsx'] }),
  );
  registerCompletionHandler(async () => {
    await Promise.all(racers.map(leave));
  });
  await Promise.all(racers.map((racer) => once(racer, 'message')));
  return async (legs) => {
    const answers = racers.map((racer) => once(racer, 'message'));
    racers.forEach((racer, i) => {
      racer.send(legs[i] ?? []);
    });
    return (await Promise.all(answers)).map(([{ rows, error }]) => {
      if (error !== undefined) throw new Error(error);
      return rows;
    });
  };
}

async function leave(racer: ChildProcess): Promise<void> {
  if (racer.exitCode !== null) return;
  const gone = once(racer, 'exit');
  racer.kill('SIGKILL');
  await gone;
}
