import pg from 'pg';
import { migrate } from '../../schema/migrate.js';
import { createClient } from '../jobs/generated/client.js';
import { createWorker } from '../jobs/handlers/index.js';
import { onStart } from '../jobs/on-start.js';
import { Counter, type OpenSystem } from './system.js';

/** As the generated code makes it, with every default: durable, with history, validated at both ends. */
export const openPgsched: OpenSystem = async (url) => {
  const migrator = new pg.Client({ connectionString: url });
  await migrator.connect();
  await migrate(migrator);
  await migrator.end();
  const { enqueue, close } = createClient({ connectionString: url });
  return {
    close,
    enqueue: (n) => enqueue.noop({ n }),
    enqueueMany: (numbers) => enqueue.noop.many(numbers.map((n) => ({ n }))),
    async work(started) {
      const done = new Counter();
      onStart.call = started;
      const worker = createWorker({
        connectionString: url,
        onEvent: ({ type }) => {
          if (type === 'completed') done.add(1);
        },
      });
      await worker.start();
      return { settled: (count) => done.reached(count), stop: () => worker.stop() };
    },
  };
};
