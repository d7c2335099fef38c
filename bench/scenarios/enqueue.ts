import { enqueueAll, rate, type Scenario } from './scenario.js';

export function bulk(count: number, batch: number): Scenario {
  return {
    name: `bulk enqueue of ${count} jobs, ${batch} a call`,
    unit: 'jobs/s',
    hasFloor: true,
    measure: (system) => rate(count, () => enqueueAll(system, count, batch)),
  };
}

/** Callers that each await one enqueue after the other. */
export function single(count: number, callers: number): Scenario {
  return {
    name: `single enqueues, ${callers} ${callers === 1 ? 'caller' : 'callers'}`,
    unit: 'jobs/s',
    hasFloor: true,
    async measure(system) {
      await system.enqueue(0);
      let next = 0;
      const caller = async (): Promise<void> => {
        while (next < count) await system.enqueue(next++);
      };
      return rate(count, () => Promise.all(Array.from({ length: callers }, caller)));
    },
  };
}
