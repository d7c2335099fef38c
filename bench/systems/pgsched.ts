import pg from 'pg';
import type { WorkerOptions } from '../../runtime/worker/types.js';
import { migrate } from '../../schema/migrate.js';
import { type Client, createClient } from '../jobs/generated/client.js';
import { createWorker } from '../jobs/handlers/index.js';
import { onStart } from '../jobs/on-start.js';
import { Counter, type Mode, type OpenSystem, type System, type Working } from './system.js';

/** With what only pgsched is asked for. */
export interface PgschedSystem extends System {
  readonly client: Client;
  readonly pool: pg.Pool;
  work(onStart: (n: number) => void, options?: WorkerOptions): Promise<Working>;
}

/** As the generated code makes it, with every default: durable, validated at both ends, ended jobs kept unless asked otherwise. */
export const openPgsched = (async (url, mode, prepared = false): Promise<PgschedSystem> => {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  if (!prepared) {
    const migrator = await pool.connect();
    await migrate(migrator);
    migrator.release();
  }
  const client = createClient({ connectionString: url });
  const kinds = kindsOf(client, mode);
  return {
    url,
    client,
    pool,
    enqueue: (n) => kinds[0]({ n }),
    enqueueMany: (numbers, kind = 0) => kindAt(kinds, kind).many(numbers.map((n) => ({ n }))),
    work: (started, options) => work(url, started, options),
    async drained() {
      return (await pool.query('select from pgsched.job limit 1')).rowCount === 0;
    },
    async close() {
      await client.close();
      await pool.end();
    },
  };
}) satisfies OpenSystem;

type Kinds = readonly [Enqueue, Enqueue, Enqueue, Enqueue];
type Enqueue = Client['enqueue']['noop'] | Client['enqueue']['fleeting'];

function kindsOf({ enqueue }: Client, mode: Mode): Kinds {
  if (mode === 'history') {
    return [enqueue.noop, enqueue.lanes.two, enqueue.lanes.three, enqueue.lanes.four];
  }
  const { two, three, four } = enqueue.fleetingLanes;
  return [enqueue.fleeting, two, three, four];
}

function kindAt(kinds: Kinds, kind: number): Enqueue {
  return kinds[kind] as Enqueue;
}

async function work(
  url: string,
  started: (n: number) => void,
  options: WorkerOptions = {},
): Promise<Working> {
  const ended = new Counter();
  onStart.call = started;
  const worker = createWorker({
    connectionString: url,
    onEvent: ({ type }) => {
      if (type === 'completed') ended.add(1);
    },
    ...options,
  });
  await worker.start();
  return { ended, settled: (count) => ended.reached(count), stop: () => worker.stop() };
}
