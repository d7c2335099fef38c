import type { PgschedSystem } from '../systems/pgsched.js';
import { figure, numbers, rate, type Scenario } from './scenario.js';

const batch = 1_000;

/** A drain in which the first run of each tenth job throws, and is repeated after 10 ms. */
export function retries(count: number): Scenario {
  return {
    name: `drain of ${count} jobs, of which 10 % fail at first`,
    systems: ['pgsched'],
    async measure(system) {
      const { client, work } = system as PgschedSystem;
      for (let from = 0; from < count; from += batch) {
        await client.enqueue.flaky.many(numbers(from, batch).map((n) => ({ n })));
      }
      const working = await work(() => {});
      const value = await rate(count, () => working.settled(count));
      await working.stop();
      return { '': figure(value, 'jobs/s') };
    },
  };
}

/** Args of so many bytes against a schema, at both ends. */
export function validation(count: number, bytes: number): Scenario {
  return {
    name: `args of ${bytes} bytes against a schema`,
    systems: ['pgsched'],
    async measure(system) {
      const { client, work } = system as PgschedSystem;
      const order = {
        id: 1,
        email: 'ada@example.com',
        at: new Date(),
        lines: [{ sku: 'A-1', count: 2 }],
        pad: '',
      };
      const pad = 'x'.repeat(Math.max(0, bytes - JSON.stringify(order).length));
      const size = Math.min(batch, Math.max(10, Math.floor(5_000_000 / bytes)));
      const list = Array.from({ length: size }, () => ({ ...order, pad }));
      const calls = Math.ceil(count / size);
      const enqueued = await rate(calls * size, async () => {
        for (let n = 0; n < calls; n++) await client.enqueue.order.many(list);
      });
      const working = await work(() => {});
      const drained = await rate(calls * size, () => working.settled(calls * size));
      await working.stop();
      return { enqueue: figure(enqueued, 'jobs/s'), drain: figure(drained, 'jobs/s') };
    },
  };
}
