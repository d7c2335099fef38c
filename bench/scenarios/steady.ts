import { type Figures, figure, numbers, type Scenario } from './scenario.js';

const batch = 100;
const deepest = 5_000;

/** Enqueueing and processing together, for so long, with never more than 5,000 jobs waiting. */
export function steadyState(seconds: number): Scenario {
  return {
    name: `steady state for ${seconds} s`,
    systems: ['pgsched', 'graphile-worker', 'pg-boss'],
    async measure(system): Promise<Figures> {
      const working = await system.work(() => {});
      const depths: number[] = [];
      let enqueued = 0;
      const from = performance.now();
      const sampling = setInterval(() => depths.push(enqueued - working.ended.count), 1_000);
      while (performance.now() - from < seconds * 1_000) {
        if (enqueued - working.ended.count >= deepest) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        await system.enqueueMany(numbers(enqueued, batch));
        enqueued += batch;
      }
      clearInterval(sampling);
      const value = working.ended.count / ((performance.now() - from) / 1_000);
      await working.stop();
      const sorted = depths.toSorted((a, b) => a - b);
      return {
        '': figure(value, 'jobs/s'),
        'depth, median': figure(sorted[sorted.length >> 1] ?? 0, 'jobs'),
        'depth, most': figure(sorted.at(-1) ?? 0, 'jobs'),
        'depth at the end': figure(depths.at(-1) ?? 0, 'jobs'),
      };
    },
  };
}
