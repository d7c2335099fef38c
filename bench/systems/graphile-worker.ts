import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker';
import pg from 'pg';
import { Counter, type OpenSystem } from './system.js';

// A line per job would be measured with it.
const logger = new Logger(() => () => {});

/** As its manual's chapter on performance says is fastest: a local queue of 500, completions in batches. */
export const openGraphileWorker: OpenSystem = async (connectionString) => {
  await runMigrations({ connectionString, logger });
  const utils = await makeWorkerUtils({ connectionString, logger });
  const pool = new pg.Pool({ connectionString });
  return {
    enqueue: (n) => utils.addJob('noop', { n }),
    enqueueMany: (numbers) =>
      utils.addJobs(numbers.map((n) => ({ identifier: 'noop', payload: { n } }))),
    async work(onStart) {
      const started = new Counter();
      const runner = await run({
        connectionString,
        logger,
        noHandleSignals: true,
        preset: {
          worker: {
            concurrentJobs: 24,
            maxPoolSize: 24,
            localQueue: { size: 500 },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
        taskList: {
          noop: async (payload) => {
            onStart((payload as { n: number }).n);
            started.add(1);
          },
        },
      });
      return {
        async settled(count) {
          await started.reached(count);
          // Completed jobs are deleted: the last batch is in when nothing is left.
          for (;;) {
            const { rows } = await pool.query(
              'select 1 from graphile_worker._private_jobs limit 1',
            );
            if (rows.length === 0) return;
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        },
        stop: () => runner.stop(),
      };
    },
    async close() {
      await utils.release();
      await pool.end();
    },
  };
};
