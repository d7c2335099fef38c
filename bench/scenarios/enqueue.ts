import { enqueueAll, figure, rate, type Scenario } from './scenario.js';

export function bulk(count: number, batch: number): Scenario {
  return {
    name: `bulk enqueue of ${count} jobs, ${batch} a call`,
    async measure(system) {
      return { '': figure(await rate(count, () => enqueueAll(system, count, batch)), 'jobs/s') };
    },
  };
}

/** Callers that each await one enqueue after the other. */
export function single(count: number, callers: number): Scenario {
  return {
    name: `single enqueues, ${callers} ${callers === 1 ? 'caller' : 'callers'}`,
    async measure(system) {
      await system.enqueue(0);
      let next = 0;
      const caller = async (): Promise<void> => {
        while (next < count) await system.enqueue(next++);
      };
      const value = await rate(count, () => Promise.all(Array.from({ length: callers }, caller)));
      return { '': figure(value, 'jobs/s') };
    },
  };
}
