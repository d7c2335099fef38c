import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker';
import pg from 'pg';
import { Counter, kinds, type OpenSystem } from './system.js';

// A line per job would be measured with it.
const logger = new Logger(() => () => {});

const identifiers = Array.from({ length: kinds }, (_, kind) => `noop${kind}`);

/** As its manual's chapter on performance says is fastest: a local queue of 500, completions in batches. Completed jobs are always deleted. */
export const openGraphileWorker: OpenSystem = async (connectionString, _mode, prepared = false) => {
  if (!prepared) await runMigrations({ connectionString, logger });
  const utils = await makeWorkerUtils({ connectionString, logger });
  const pool = new pg.Pool({ connectionString });
  const drained = async (): Promise<boolean> =>
    (await pool.query('select from graphile_worker._private_jobs limit 1')).rowCount === 0;
  return {
    url: connectionString,
    drained,
    enqueue: (n) => utils.addJob('noop0', { n }),
    enqueueMany: (numbers, kind = 0) =>
      utils.addJobs(numbers.map((n) => ({ identifier: `noop${kind}`, payload: { n } }))),
    async work(onStart) {
      const started = new Counter();
      const noop = async (payload: unknown): Promise<void> => {
        onStart((payload as { n: number }).n);
        started.add(1);
      };
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
        taskList: Object.fromEntries(identifiers.map((identifier) => [identifier, noop])),
      });
      return {
        ended: started,
        async settled(count) {
          await started.reached(count);
          // The last batch of completions is in when nothing is left.
          while (!(await drained())) await new Promise((resolve) => setTimeout(resolve, 5));
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
