import { enqueueAll, rate, type Scenario } from './scenario.js';

/** A backlog of jobs that do nothing, from the worker's start to the last settle; history is kept. */
export function drain(count: number): Scenario {
  return {
    name: `drain of ${count} jobs, with history`,
    unit: 'jobs/s',
    hasFloor: true,
    async measure(system) {
      await enqueueAll(system, count, 1_000);
      const working = await system.work(() => {});
      const figure = await rate(count, () => working.settled(count));
      await working.stop();
      return figure;
    },
  };
}
