import type { PgschedSystem } from '../systems/pgsched.js';
import type { System } from '../systems/system.js';
import { percentiles, type Scenario } from './scenario.js';

/** pg-boss polls twice a second at most: that is its latency. A bare table has nobody to wake. */
const awake = ['pgsched', 'graphile-worker'];

/** The first ones compile code and prepare statements. */
const warmUp = 20;

/** From the call of enqueue to the start of the handler, with a worker that has nothing else to do. */
export function idleLatency(count: number): Scenario {
  return {
    name: 'enqueue to start, idle worker',
    systems: awake,
    async measure(system) {
      const times: number[] = [];
      const clock = await startClock(system, (ms) => times.push(ms));
      for (let n = 0; n < warmUp + count; n++) {
        await clock.enqueue(n);
        await clock.started(n);
        // Until the worker sleeps again.
        await pause(30);
      }
      await clock.stop();
      return percentiles(times.slice(warmUp));
    },
  };
}

/** The same while so many jobs a second come one by one. */
export function steadyLatency(perSecond: number, seconds: number): Scenario {
  return {
    name: `enqueue to start, at ${perSecond} jobs a second`,
    systems: awake,
    async measure(system) {
      const times: number[] = [];
      const clock = await startClock(system, (ms) => times.push(ms));
      const count = perSecond * seconds;
      const from = performance.now();
      for (let n = 0; n < count; n++) {
        const early = from + (n * 1000) / perSecond - performance.now();
        if (early > 1) await pause(early);
        void clock.enqueue(n);
      }
      while (times.length < count) await pause(10);
      await clock.stop();
      // The first second is that of a cold start.
      return percentiles(times.slice(perSecond));
    },
  };
}

/** A request and its answer. */
export function roundTrip(count: number): Scenario {
  return {
    name: 'call and its result',
    systems: ['pgsched'],
    async measure(system) {
      const { client, work } = system as PgschedSystem;
      const working = await work(() => {});
      const times: number[] = [];
      for (let n = 0; n < warmUp + count; n++) {
        const from = performance.now();
        await client.call.echo({ n });
        times.push(performance.now() - from);
      }
      await working.stop();
      return percentiles(times.slice(warmUp));
    },
  };
}

/** A worker, and when each job was enqueued. */
async function startClock(system: System, onTime: (ms: number) => void) {
  const enqueuedAt = new Map<number, number>();
  const waiting = new Map<number, () => void>();
  const working = await system.work((n) => {
    onTime(performance.now() - (enqueuedAt.get(n) as number));
    enqueuedAt.delete(n);
    waiting.get(n)?.();
  });
  return {
    enqueue(n: number): Promise<unknown> {
      enqueuedAt.set(n, performance.now());
      return system.enqueue(n);
    },
    async started(n: number): Promise<void> {
      if (!enqueuedAt.has(n)) return;
      await new Promise<void>((resolve) => waiting.set(n, resolve));
    },
    stop: () => working.stop(),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
