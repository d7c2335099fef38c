import type { WorkerEvent } from '../runtime/worker/types.js';
import { latestVersion } from '../schema/migrations.js';
import { note, paint, print } from './output.js';
import { packageVersion } from './package-version.js';

export interface ReportOptions {
  /** Masked. */
  readonly database: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface Reporter {
  event(event: WorkerEvent): void;
  note(message: string): void;
}

/** What the start says beside the worker's own event. */
interface Facts {
  readonly version: string;
  readonly database: string;
  readonly schemaVersion: number;
  readonly pid: number;
}

type Started = Extract<WorkerEvent, { type: 'started' }>;

/** How a worker's events reach the terminal: a line each on stderr; with `json` an object each on stdout. */
export function workerReporter(options: ReportOptions): Reporter {
  const facts: Facts = {
    version: packageVersion(),
    database: options.database,
    schemaVersion: latestVersion(),
    pid: process.pid,
  };
  if (options.json) {
    const write = (value: object) =>
      print(JSON.stringify({ time: new Date(), ...value }, withErrors));
    return {
      event(event) {
        if (event.type === 'completed' && !options.verbose) return;
        write(event.type === 'started' ? { ...event, ...facts } : event);
      },
      note: (message) => write({ type: 'note', message }),
    };
  }
  return {
    event(event) {
      if (event.type === 'started') return note(startBlock(event, facts));
      const text = line(event, options.verbose);
      if (text !== null) note(`${clock()} ${text}`);
    },
    note: (message) => note(`${clock()} ${message}`),
  };
}

function startBlock({ tasks, schema, concurrency }: Started, facts: Facts): string {
  return `pgsched ${facts.version} worker
  database     ${facts.database}
  schema       ${schema}, version ${facts.schemaVersion}
  tasks        ${tasks.length === 0 ? 'none: no handler is written yet' : tasks.join(', ')}
  concurrency  ${concurrency}
  pid          ${facts.pid}`;
}

function line(event: WorkerEvent, verbose: boolean): string | null {
  const tone = (format: 'red' | 'yellow' | 'green', text: string) =>
    paint(format, text, process.stderr);
  switch (event.type) {
    case 'expired':
      return `${tone('yellow', 'expired')} ${event.task} job ${event.id}: it was too late to start`;
    case 'failed':
    case 'retried': {
      const word = event.type === 'failed' ? tone('red', 'failed') : tone('yellow', 'will retry');
      return `${word} ${event.task} job ${event.id}, attempt ${event.attempt}: ${errorText(event.error, verbose)}`;
    }
    case 'completed':
      return verbose
        ? `${tone('green', 'completed')} ${event.task} job ${event.id} in ${Math.round(event.ms)} ms`
        : null;
    case 'leaseLost':
      return `${tone('yellow', 'lease lost')} ${event.task} job ${event.id}: another worker has it now`;
    case 'rescued':
      return `rescued ${event.jobs} of dead workers' jobs`;
    case 'warning':
    case 'horizonHeld':
      return `${tone('yellow', 'warning')} ${event.message}`;
    case 'error':
      return `${tone('red', 'error')} ${event.message} ${errorText(event.error, verbose)}`;
    case 'stopped':
      return 'stopped';
    case 'started':
      return null;
  }
}

function errorText(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return (verbose && error.stack) || `${error.name}: ${error.message}`;
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}

/** JSON of an Error is `{}`; this is what it says. */
function withErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, cause };
}
