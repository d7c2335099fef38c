import { percentile, type Scenario } from './scenario.js';

/** From the call of enqueue to the start of the handler, with a worker that has nothing else to do. */
export function idleLatency(count: number, share: number): Scenario {
  return {
    name: `enqueue to start, idle worker, p${share * 100}`,
    unit: 'ms',
    hasFloor: false,
    async measure(system) {
      let started: () => void = () => {};
      const working = await system.work(() => started());
      const times: number[] = [];
      for (let n = 0; n < count; n++) {
        const start = new Promise<void>((resolve) => {
          started = resolve;
        });
        const from = performance.now();
        await system.enqueue(n);
        await start;
        times.push(performance.now() - from);
        // Until the worker sleeps again.
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      await working.stop();
      return percentile(times, share);
    },
  };
}
