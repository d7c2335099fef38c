import {
  awaitEnd,
  cancelOne,
  findEnd,
  findProgressOf,
  rescheduleOne,
} from '../../queries/standalone.queries.js';
import { unlessAborted } from '../client/bounded.js';
import { type Ending, keepFor, type Reach } from '../client/handle.js';
import type { JobId } from '../client/inserted.js';
import type { Run } from './statements.js';

const shortestPause = 20;
const longestPause = 1_000;

/** How handles reach their jobs with nothing but statements. */
export function reachBy(run: Run): Reach {
  return {
    wait: (job, signal) => waitFor(run, job, signal),
    cancel: async (job) => (await run(cancelOne, job)).length > 0,
    reschedule: async (job, place) => (await run(rescheduleOne, { ...job, ...place })).length > 0,
    async progress(job) {
      const [row] = await run(findProgressOf, job);
      if (row === undefined) return null;
      return {
        fraction: Number(row.fraction),
        data: parsed(row.data),
        at: new Date(Number(row.at)),
      };
    },
  };
}

/** Looks until the job has ended, ever less often. */
async function waitFor(run: Run, job: JobId, signal: AbortSignal): Promise<Ending> {
  let knownUntil = 0;
  for (let pause = shortestPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    signal.throwIfAborted();
    const [row] = await unlessAborted(run(findEnd, job), signal);
    if (row !== undefined) {
      return { status: row.status, result: parsed(row.result), error: parsed(row.error) };
    }
    if (knownUntil < performance.now()) {
      await unlessAborted(run(awaitEnd, { ...job, ms: keepFor }), signal);
      knownUntil = performance.now() + keepFor / 2;
    }
    await sleep(pause, signal);
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await unlessAborted(over, signal).finally(() => clearTimeout(timer));
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
