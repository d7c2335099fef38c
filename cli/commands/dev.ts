import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '../../generator/project.js';
import { type Run, type Watching, watch } from '../../generator/watch.js';
import { migrate } from '../../schema/migrate.js';
import { databaseOf, withDatabase } from '../database.js';
import { Child } from '../dev/child.js';
import { DevContract } from '../dev/dev-contract.js';
import { addressFile } from '../dev/dev-database.js';
import { DevWorker } from '../dev/dev-worker.js';
import type { EmbeddedServer } from '../embedded.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { reportFailure } from '../failure.js';
import { count, note } from '../output.js';
import { loadProject } from '../project.js';
import { onSignal, type StopSignal } from '../signals.js';
import { reportFindings, summary } from './generate.js';

export interface DevOptions {
  config?: string | undefined;
  databaseUrl?: string | undefined;
  trace?: boolean | undefined;
}

/** How long the user's own command may take to end. */
const patience = 10_000;

/** `pgsched dev`: a database, migrations, generate in watch, a worker, and the user's own command beside them. */
export async function dev(command: readonly string[], options: DevOptions): Promise<ExitCode> {
  const project = await loadProject(options);
  const ending = new Ending();
  let server: EmbeddedServer | null = null;
  let workers: readonly DevWorker[] = [];
  let contract: DevContract | null = null;
  let watching: Watching | null = null;
  let app: Child | null = null;
  try {
    const given = options.databaseUrl ?? process.env['PGSCHED_DATABASE_URL'];
    if (!given) server = await startServer(project);
    const databaseUrl = server?.url ?? (given as string);
    await bringUp(project, databaseUrl, server);

    const env = { ...process.env, PGSCHED_DATABASE_URL: databaseUrl };
    const own = [process.execPath, ...process.execArgv, process.argv[1] as string];
    const config = options.config === undefined ? [] : ['--config', options.config];
    const started = {
      command: [...own, 'worker', '--child', ...config],
      env,
      contract: project.out,
    };
    workers = project.workers.map((places) => new DevWorker(places, started));
    contract = new DevContract(project, databaseUrl);
    watching = await watch(() => loadProject(options), reportTo(workers, contract, options));
    if (command.length > 0) {
      app = new Child(command, { label: 'app', color: 'magenta', env });
      app.ended.then(
        (code) => ending.end(code, `\`${command.join(' ')}\` ended with code ${code}.`),
        (error: Error) => ending.end(exitCodes.failed, `Cannot start: ${error.message}`),
      );
    }
    ending.onSignal((signal, times) => {
      if (times === 2) signalAll(workers, 'SIGTERM');
      if (times === 2) app?.signal('SIGKILL');
      if (times > 2) {
        signalAll(workers, 'SIGKILL');
        process.exit(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated);
      }
    });
    return await ending.promise;
  } finally {
    await watching?.close();
    await contract?.settled();
    await Promise.all([
      ...workers.map((worker) => worker.stop()),
      app?.stop(ending.signal, patience).catch(() => {}),
    ]);
    if (server !== null) await rm(addressFile(project.root), { force: true });
    await server?.stop();
    ending.forget();
  }
}

/** The project's own server. Its data stay, out of sight of git. */
async function startServer({ root }: Project): Promise<EmbeddedServer> {
  const folder = join(root, '.pgsched');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.gitignore'), '*\n');
  const { startEmbedded } = await import('../embedded.js');
  const server = await startEmbedded({ directory: join(folder, 'postgres') });
  // Should we end in a way that nobody foresaw, the server does too.
  process.once('exit', () => server.stopSync());
  await writeFile(addressFile(root), `${server.url}\n`, { mode: 0o600 });
  return server;
}

async function bringUp(
  { schema }: Project,
  databaseUrl: string,
  server: EmbeddedServer | null,
): Promise<void> {
  const { display } = databaseOf({ databaseUrl });
  const { applied } = await withDatabase({ databaseUrl }, (client) => migrate(client, { schema }));
  const what =
    server === null ? '' : server.reused ? ' (embedded, running already)' : ' (embedded)';
  const migrated = applied.length > 0 ? `; ${count(applied.length, 'migration')} applied` : '';
  note(`Database ${display}${what}${migrated}`);
}

function signalAll(workers: readonly DevWorker[], signal: NodeJS.Signals): void {
  for (const worker of workers) worker.signal(signal);
}

/** A run's findings go to the terminal, its contract to the database, what it wrote to the workers. */
function reportTo(
  workers: readonly DevWorker[],
  contract: DevContract,
  { trace }: DevOptions,
): (run: Run) => void {
  const hold = () => {
    for (const worker of workers) worker.hold();
  };
  return (run) => {
    if (run.generated === undefined) {
      reportFailure(run.error, trace === true);
      return hold();
    }
    reportFindings(run.generated);
    if (!run.generated.ok) return hold();
    note(`Generated: ${summary(run.generated, run.written)}`);
    const { inputs } = run.generated;
    void contract.define().then(() => {
      for (const worker of workers) worker.generated(inputs);
    });
  };
}

/** What ends it all: Ctrl-C, or the end of the user's command. */
class Ending {
  readonly promise: Promise<ExitCode>;
  /** The signal that the children are ended with. */
  signal: StopSignal = 'SIGTERM';
  readonly forget: () => void;
  #resolve: (code: ExitCode) => void = () => {};
  #times = 0;
  #ended = false;
  #listener: (signal: StopSignal, times: number) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.forget = onSignal((signal) => {
      this.#times += 1;
      if (this.#times === 1) {
        this.signal = signal;
        this.end(exitCodes.ok, 'Stopping.');
      }
      this.#listener(signal, this.#times);
    });
  }

  end(code: ExitCode, message: string): void {
    if (this.#ended) return;
    this.#ended = true;
    note(message);
    this.#resolve(code);
  }

  onSignal(listener: (signal: StopSignal, times: number) => void): void {
    this.#listener = listener;
  }
}
