import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { Counter, kinds, type OpenSystem } from './system.js';

const queues = Array.from({ length: kinds }, (_, kind) => `noop${kind}`);
const batchSize = 500;
const loops = 4;

/** The fastest way that its manual has: fetch and complete in batches, four loops at once, without supervision meanwhile. Ended jobs are always kept. */
export const openPgBoss: OpenSystem = async (connectionString, _mode, prepared = false) => {
  const boss = new PgBoss({ connectionString, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  if (!prepared) for (const queue of queues) await boss.createQueue(queue);
  const pool = new pg.Pool({ connectionString });
  const used = new Set<string>();
  return {
    url: connectionString,
    async drained() {
      const left = await pool.query(`select from pgboss.job where state < 'completed' limit 1`);
      return left.rowCount === 0;
    },
    enqueue: (n) => boss.send(queues[0] as string, { n }),
    enqueueMany: (numbers, kind = 0) => {
      const queue = queues[kind] as string;
      used.add(queue);
      return boss.insert(
        queue,
        numbers.map((n) => ({ data: { n } })),
      );
    },
    async work(onStart) {
      const ended = new Counter();
      // Empty queues would only be polled.
      const served = used.size === 0 ? queues.slice(0, 1) : [...used];
      let stopping = false;
      const loop = async (queue: string): Promise<void> => {
        while (!stopping) {
          const jobs = await boss.fetch<{ n: number }>(queue, { batchSize });
          for (const { data } of jobs) onStart(data.n);
          if (jobs.length === 0) {
            await new Promise((resolve) => setTimeout(resolve, 500));
            continue;
          }
          await boss.complete(
            queue,
            jobs.map(({ id }) => id),
          );
          ended.add(jobs.length);
        }
      };
      const looping = Promise.all(
        Array.from({ length: loops }, (_, i) => loop(served[i % served.length] as string)),
      );
      return {
        ended,
        settled: (count) => ended.reached(count),
        async stop() {
          stopping = true;
          await looping;
        },
      };
    },
    async close() {
      await pool.end();
      await boss.stop({ graceful: false });
    },
  };
};
