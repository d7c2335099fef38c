import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { WorkerEvent, WorkerOptions } from '../../runtime/worker/types.js';
import { until } from './until.js';

export interface WorkerProcess {
  readonly pid: number;
  readonly events: (WorkerEvent | { type: 'blocking' })[];
  event(type: string, matches?: (event: never) => boolean): Promise<WorkerEvent>;
  /** SIGKILL, SIGSTOP or SIGCONT; of the first, resolves when the process is gone. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Stops the worker; resolves with the exit code once the process has ended by itself. */
  stop(drain?: number): Promise<number | null>;
  readonly exited: Promise<unknown>;
}

export interface ProcessOptions extends WorkerOptions {
  /** Of every task. */
  maxRescues?: number;
  /** The address is in libpq's variables alone. */
  env?: boolean;
}

const program = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

/** Quick to be taken for dead, and yet long enough for two busy cores. */
export const quick: WorkerOptions = { beat: 100, lease: 1_200 };

/** A worker in a process of its own, started; it is killed when the test ends. */
export async function spawnWorker(
  t: ExecutionContext,
  url: string,
  options: ProcessOptions = {},
): Promise<WorkerProcess> {
  const child: ChildProcess = fork(program, [url, JSON.stringify({ ...quick, ...options })], {
    execArgv: ['--import=tsx'],
    env: { ...process.env, ...(options.env ? libpqVariables(url) : {}) },
  });
  const events: (WorkerEvent | { type: 'blocking' })[] = [];
  child.on('message', (event: WorkerEvent) => events.push(event));
  const exited = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const spawned: WorkerProcess = {
    pid: child.pid as number,
    events,
    exited,
    event: (type, matches) =>
      until(
        () =>
          events.find((event) => event.type === type && (matches?.(event as never) ?? true)) as
            | WorkerEvent
            | undefined,
        `the event ${type} of process ${child.pid}`,
      ),
    async signal(name) {
      child.kill(name);
      if (name === 'SIGKILL') await exited;
    },
    async stop(drain = 10_000) {
      child.send({ stop: drain });
      const [code] = await exited;
      return code;
    },
  };
  await spawned.event('started');
  return spawned;
}

function libpqVariables(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    PGSCHED_DATABASE_URL: '',
    DATABASE_URL: '',
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
}
