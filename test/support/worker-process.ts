/**
 * A worker in a process of its own, for tests that kill, stop or starve it: url, options as JSON. Its tasks are below; it
 * sends its events to the parent, and stops when told so.
 */
import pg from 'pg';
import { bindWorker } from '../../runtime/worker/bind-worker.js';
import type { Job, WorkerOptions } from '../../runtime/worker/types.js';
import { crashTasks } from './crash-tasks.js';
import { contractFor, handlersOf, type Tasks } from './worker.js';

const [url = '', optionsJson = '{}'] = process.argv.slice(2);
const { maxRescues, env, ...options } = JSON.parse(optionsJson) as WorkerOptions & {
  maxRescues?: number;
  env?: boolean;
};
const pool = new pg.Pool({ connectionString: url, max: 4 });
pool.on('error', () => {});

const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

/** Waits, and writes down when it ran and where. */
async function log(args: { ms?: number }, job: Job): Promise<number> {
  const { rows } = await pool.query(
    'insert into run_log (job, attempt, pid) values ($1, $2, $3) returning run',
    [job.id, job.attempt, process.pid],
  );
  if (args.ms !== undefined) await new Promise((resolve) => setTimeout(resolve, args.ms));
  await pool.query('update run_log set ended_at = clock_timestamp() where run = $1', [rows[0].run]);
  return process.pid;
}

let blocked = false;

const handlers: Tasks = {
  log: { run: log },
  die: { run: (args: object, job: Job) => log(args, job).then(die) },
  block: {
    run: ({ ms }: { ms: number }) => {
      // What was rescued may come back: who is blocked once more cannot tell what became of the first run.
      if (blocked) return new Promise(() => {});
      blocked = true;
      process.send?.({ type: 'blocking' });
      const until = performance.now() + ms;
      while (performance.now() < until);
      return process.pid;
    },
  },
  hang: { run: () => new Promise(() => {}) },
  effect: {
    run: async ({ dieAt }: { dieAt?: string }, job: Job) => {
      const first = job.attempt === 1 && !(await ranBefore(job));
      await log({}, job);
      const result = await job.transaction(async (tx) => {
        await tx.query('insert into effect (job) values ($1)', [job.id]);
        if (first && dieAt === 'before commit') await die();
        return 1;
      });
      if (first && dieAt === 'after commit') await die();
      return result;
    },
  },
};

async function ranBefore(job: Job): Promise<boolean> {
  return (await pool.query('select from run_log where job = $1', [job.id])).rowCount !== 0;
}

const tasks = Object.fromEntries(
  Object.entries(crashTasks).map(([name, part]) => [
    name,
    { ...part, ...handlers[name], ...(maxRescues === undefined ? {} : { maxRescues }) },
  ]),
);
const worker = bindWorker(contractFor(tasks), null, handlersOf(tasks), {
  ...(env ? {} : { connectionString: url }),
  ...options,
  onEvent: (event) =>
    process.send?.('error' in event ? { ...event, error: String(event.error) } : event),
});
process.on('message', async (message: { stop: number }) => {
  await worker.stop({ drain: message.stop });
  await pool.end();
  process.disconnect();
});
await worker.start();
