import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closest } from '../../generator/closest.js';
import type { WorkerPlaces } from '../../generator/project.js';
import { type Duration, milliseconds } from '../../runtime/duration.js';
import { PgschedError } from '../../runtime/errors.js';
import type { Worker, WorkerOptions } from '../../runtime/worker/types.js';
import { addressOf, databaseOf } from '../database.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { importedFiles, loadModule } from '../load-module.js';
import { count, shown } from '../output.js';
import { loadProject } from '../project.js';
import { onSignal, type StopSignal } from '../signals.js';
import { type Reporter, workerReporter } from '../worker-report.js';

export interface WorkerCommandOptions {
  config?: string | undefined;
  databaseUrl?: string | undefined;
  schema?: string | undefined;
  concurrency?: number | undefined;
  topic?: readonly string[] | undefined;
  drain: string;
  handlers?: string | undefined;
  prepare: boolean;
  json?: boolean | undefined;
  verbose?: boolean | undefined;
  /** Started by `pgsched dev`: tells it what was loaded, and stops when it is gone. */
  child?: boolean | undefined;
}

/** `pgsched worker`: runs the handlers of the project, or of one of its workers, until a signal. */
export async function worker(
  name: string | undefined,
  options: WorkerCommandOptions,
): Promise<ExitCode> {
  const drain = milliseconds(options.drain as Duration, '--drain');
  const database = databaseOf(options);
  const file = await findRegistry(name, options);
  const createWorker = await loadRegistry(file);
  const { concurrency } = options;
  const report = workerReporter({
    database: database.display,
    json: options.json === true,
    verbose: options.verbose === true,
  });
  const running = createWorker({
    connectionString: addressOf(options),
    schema: options.schema,
    prepare: options.prepare,
    concurrency,
    topics: options.topic,
    onEvent: report.event,
  });
  const stopped = stopOnSignal(running, drain, report, options.child === true);
  try {
    await running.start();
  } catch (error) {
    stopped.forget();
    throw error;
  }
  if (options.child) process.send?.({ loaded: importedFiles() });
  await stopped.promise;
  if (process.connected) process.disconnect();
  return exitCodes.ok;
}

/** The index of the handlers: what was asked for; else the source, else what it was compiled to. */
async function findRegistry(
  name: string | undefined,
  options: WorkerCommandOptions,
): Promise<string> {
  // Handlers that are named need no config, which where they are deployed there may not be.
  const places =
    name === undefined && options.handlers !== undefined ? null : await workerPlaces(name, options);
  const folder = resolve(options.handlers ?? (places as WorkerPlaces).handlers);
  const candidates = [folder, ...indexes(folder)];
  const found = candidates.find((path) => /\.[cm]?[jt]s$/.test(path) && existsSync(path));
  if (found !== undefined) return found;
  throw new PgschedError('HandlersNotFound', {
    message: `There are no handlers at ${shown(options.handlers === undefined ? (candidates[1] as string) : folder)}. Run \`npx pgsched generate\`; \`--handlers\`, or \`handlers\` in the config, says where they are.`,
    details: { candidates },
  });
}

/** The worker of that name; without one the only worker. @throws UnknownWorker */
async function workerPlaces(
  name: string | undefined,
  options: WorkerCommandOptions,
): Promise<WorkerPlaces> {
  const { workers } = await loadProject(options);
  const found =
    name === undefined
      ? workers.length === 1 && workers[0]
      : workers.find((places) => places.name === name);
  if (found) return found;
  throw unknownWorker(
    name,
    workers.flatMap((places) => places.name ?? []),
  );
}

function unknownWorker(name: string | undefined, known: readonly string[]): PgschedError {
  const list = known.join(', ');
  const error = (message: string) =>
    new PgschedError('UnknownWorker', { message, details: { workers: known } });
  if (name === undefined) {
    return error(
      `The config has several workers: ${list}. Say which: \`pgsched worker ${known[0]}\`.`,
    );
  }
  const none = `The config has no worker ${name}`;
  if (known.length === 0) return error(`${none}: it has no \`workers\`. Leave the name out.`);
  const meant = closest(name, known);
  return error(`${none}. ${meant ? `Did you mean ${meant}?` : `It has ${list}.`}`);
}

function indexes(folder: string): string[] {
  return ['ts', 'mts', 'js', 'mjs'].map((end) => join(folder, `index.${end}`));
}

async function loadRegistry(file: string): Promise<(options: WorkerOptions) => Worker> {
  const { createWorker } = await loadModule(file);
  if (typeof createWorker === 'function') {
    return createWorker as (options: WorkerOptions) => Worker;
  }
  throw new PgschedError('HandlersNotFound', {
    message: `${shown(file)} exports no createWorker. It must be the index.ts that \`npx pgsched generate\` writes beside the handlers.`,
    details: { file },
  });
}

/** First signal: drain. Second: no longer wait for the handlers. Third: exit at once. */
function stopOnSignal(
  running: Worker,
  drain: number,
  report: Reporter,
  child: boolean,
): { promise: Promise<void>; forget(): void } {
  let forget = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    let signals = 0;
    const stop = (signal: StopSignal) => {
      signals += 1;
      if (signals === 1) {
        const { running: jobs } = running.stats();
        const advice = child ? '' : ' Once more ends them now.';
        report.note(
          jobs === 0
            ? 'Stopping.'
            : `Stopping: waiting up to ${drain / 1000} s for ${count(jobs, 'running job')}.${advice}`,
        );
        running.stop({ drain }).then(resolve, reject);
      } else if (signals === 2) {
        report.note(`Ending ${count(running.stats().running, 'running job')} now.`);
        void running.stop({ drain: 0 });
      } else {
        process.exit(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated);
      }
    };
    const off = onSignal(stop);
    const orphaned = () => stop('SIGTERM');
    if (child) process.once('disconnect', orphaned);
    forget = () => {
      off();
      process.off('disconnect', orphaned);
    };
  });
  return { promise: promise.finally(() => forget()), forget: () => forget() };
}
