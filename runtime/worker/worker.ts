import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type pg from 'pg';
import { declare, differingTasks } from '../../queries/enqueue.queries.js';
import { channel } from '../../queries/maintenance.queries.js';
import {
  beat,
  cancelRequests,
  emit,
  register,
  topicRegexes,
  unregister,
} from '../../queries/worker.queries.js';
import { formerNames, namesOf } from '../contract/former-names.js';
import { sqlDefaults } from '../contract/sql-defaults.js';
import type { Contract } from '../contract/types.js';
import { type Connection, createPool, resolveConnection } from '../database/connection.js';
import { Listener } from '../database/listener.js';
import { OwnConnection } from '../database/own-connection.js';
import { checkSchemaVersion } from '../database/schema-version.js';
import { Statements } from '../database/statements.js';
import { type Duration, milliseconds } from '../duration.js';
import { PgschedError } from '../errors.js';
import { keepAlive } from '../keep-alive.js';
import type { AnySetup } from '../worker-setup.js';
import { Beat } from './beat.js';
import type { BoundTask } from './bind-worker.js';
import type { ServedTask } from './claimed-job.js';
import { Dispatcher } from './dispatcher.js';
import { ProgressReports } from './progress.js';
import { readOptions, type Settings } from './settings.js';
import { retentionsOf, Settler } from './settler.js';
import { StartedEvents } from './started-events.js';
import type { Worker, WorkerEvent, WorkerOptions, WorkerState, WorkerStats } from './types.js';
import { Upkeep } from './upkeep.js';

const abortGrace = 1_000;
const settleGrace = 5_000;

/** One worker: its registration, its connections, and the parts that do the work. */
export class PgWorker implements Worker {
  readonly #contract: Contract;
  readonly #bound: readonly BoundTask[];
  readonly #unwritten: readonly string[];
  readonly #setup: AnySetup;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #statements: Statements;
  readonly #own: OwnConnection;
  /** For what runs say, in the order in which they say it; the server hears it while it looks for what is next. */
  readonly #settling: OwnConnection;
  readonly #counts = { completed: 0, failed: 0, retried: 0 };
  #state: WorkerState = 'new';
  #instance = newInstance();
  #pool: pg.Pool | undefined;
  #tasks: readonly ServedTask[] = [];
  #topics: string[] | null = null;
  /** What the setup has made; none until it has. */
  #context: { readonly made: unknown } | undefined;
  #progress: ProgressReports | undefined;
  #starts: StartedEvents | undefined;
  #settler: Settler | undefined;
  #dispatcher: Dispatcher | undefined;
  #beat: Beat | undefined;
  #listener: Listener | undefined;
  #upkeep: Upkeep | undefined;
  #stopping: Promise<void> | undefined;
  #cutDrain: (ms: number) => void = () => {};
  #reregistering = false;

  constructor(
    contract: Contract,
    bound: readonly BoundTask[],
    unwritten: readonly string[],
    options: WorkerOptions,
    setup: AnySetup,
  ) {
    this.#contract = contract;
    this.#bound = bound;
    this.#unwritten = unwritten;
    this.#setup = setup;
    this.#settings = readOptions(options, contract);
    this.#connection = resolveConnection(options.connectionString);
    this.#statements = new Statements(this.#settings.schema, options.prepare ?? true);
    this.#own = new OwnConnection(this.#connection, this.#statements, () => {
      this.#dispatcher?.freeze();
      this.#upkeep?.forget();
    });
    this.#settling = new OwnConnection(this.#connection, this.#statements, () => {});
  }

  get state(): WorkerState {
    return this.#state;
  }

  stats(): WorkerStats {
    return {
      running: this.#dispatcher?.running ?? 0,
      buffered: this.#dispatcher?.buffered ?? 0,
      ...this.#counts,
      horizon: this.#upkeep?.horizon ?? null,
    };
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new PgschedError('InvalidOption', {
        message: `A worker starts once; this one is ${this.#state}. Make a new one with createWorker().`,
      });
    }
    this.#state = 'starting';
    try {
      await this.#prepare();
    } catch (error) {
      await this.#leave();
      this.#state = 'stopped';
      throw error;
    }
    this.#startParts();
    await this.#listener?.start();
    this.#state = 'running';
    this.#report({
      type: 'started',
      instance: this.#instance,
      tasks: this.#bound.map((task) => task.name),
      schema: this.#settings.schema,
      concurrency: this.#settings.concurrency,
    });
    // Who hears of the start hears of it before the first job.
    this.#dispatcher?.start();
  }

  stop(options: { drain?: Duration | undefined } = {}): Promise<void> {
    const drain = milliseconds(options.drain ?? '30s', 'drain');
    if (this.#state === 'new') this.#state = 'stopped';
    if (this.#state === 'stopped') return Promise.resolve();
    this.#cutDrain(drain);
    this.#stopping ??= keepAlive(() => this.#stop(drain));
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #prepare(): Promise<void> {
    await this.#own.open();
    await this.#settling.open();
    const run = this.#own.run;
    await checkSchemaVersion(run, this.#settings.schema, (message) => this.#warn(message));
    const rows = await run(declare, this.#declaration());
    await this.#reportDifferences();
    const numbers = new Map(rows.map((row) => [row.name, row.task]));
    this.#tasks = this.#bound.flatMap((task) => numbered(task, numbers));
    for (const name of this.#unwritten) {
      this.#warn(`${name} has no handler yet: its stub is not implemented. Its jobs wait.`);
    }
    this.#topics = await this.#readTopics();
    this.#context = { made: await this.#setup.context?.() };
    const place = { instance: this.#instance, host: hostname(), pid: process.pid };
    const [registered] = await run(register, place);
    this.#starts = new StartedEvents((events) =>
      this.#settling.run(emit, { type: 'started', ...events }),
    );
    this.#starts.listen(registered?.listened ?? false);
    this.#beat = await this.#makeBeat();
    const [named] = await run(channel, undefined);
    this.#listener = new Listener(this.#connection, named?.channel ?? '', {
      onMessage: (payload) => this.#hear(payload),
      onChange: () => this.#dispatcher?.wake(),
    });
  }

  #startParts(): void {
    this.#progress = new ProgressReports(this.#settling.run);
    const retentions = retentionsOf(this.#tasks.map((task) => task.contract));
    this.#settler = new Settler(this.#settling, retentions, (message, error) =>
      this.#report({ type: 'error', message, error }),
    );
    this.#dispatcher = new Dispatcher(
      this.#own,
      this.#tasks,
      this.#instance,
      {
        ...this.#settings,
        topics: this.#topics,
        mayStart: () => this.#beat?.fresh ?? false,
      },
      {
        run: this.#own.run,
        progress: this.#progress,
        setup: { context: this.#context?.made, middleware: this.#setup.middleware ?? [] },
        started: (job) => this.#starts?.add(job),
        pool: { statements: this.#statements, connect: () => this.#transactionPool().connect() },
        settle: (settlement) => (this.#settler as Settler).add(settlement),
        unsettled: () => (this.#settler as Settler).size,
        isSettling: (holding) => (this.#settler as Settler).isSettling(holding),
        report: (event) => this.#report(event),
      },
    );
    this.#upkeep = new Upkeep(this.#own, this.#tasks, this.#dispatcher, {
      lease: this.#settings.lease,
      horizonLimit: this.#settings.horizonLimit,
      instance: () => this.#instance,
      isElsewhere: (task) => this.#isElsewhere(task),
      report: (event) => this.#report(event),
    });
  }

  #isElsewhere(task: string): boolean {
    const isOurs = this.#unwritten.includes(task) || this.#bound.some(({ name }) => name === task);
    return !isOurs && Object.hasOwn(this.#contract.tasks, task);
  }

  async #stop(drain: number): Promise<void> {
    // A stop that comes while the start is under way waits for it.
    while (this.#state === 'starting') await new Promise((resolve) => setTimeout(resolve, 10));
    if (this.#state === 'stopped') return;
    this.#state = 'stopping';
    const dispatcher = this.#dispatcher as Dispatcher;
    const quiet = Promise.all([dispatcher.stop(), this.#upkeep?.stop()]);
    const drained = dispatcher.drained();
    await this.#untilDeadline(drained, drain);
    dispatcher.abort('shutdown');
    await within(abortGrace, drained);
    // What the database does not hear, because it is away, the lease gives back.
    await within(
      settleGrace,
      quiet.then(() => this.#settler?.drain()),
    );
    await this.#leave();
    this.#state = 'stopped';
    this.#report({ type: 'stopped' });
  }

  /** Until no handler runs, or `drain` is over, or a later stop says that it is. */
  async #untilDeadline(drained: Promise<void>, drain: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#cutDrain = (ms) => {
        clearTimeout(timer);
        timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
      };
      this.#cutDrain(drain);
      void drained.then(resolve);
    });
    clearTimeout(timer);
  }

  async #leave(): Promise<void> {
    this.#progress?.stop();
    await this.#listener?.close();
    await this.#beat?.stop();
    if (this.#own.connected) {
      // Without it the lease runs out by itself.
      await this.#own.run(unregister, { instance: this.#instance }).catch(() => {});
    }
    await this.#own.close();
    await this.#settling.close();
    await this.#pool?.end();
    await this.#disposeContext();
  }

  async #disposeContext(): Promise<void> {
    if (this.#context === undefined) return;
    try {
      await this.#setup.dispose?.(this.#context.made);
    } catch (error) {
      this.#report({ type: 'error', message: 'dispose of the worker setup failed.', error });
    }
  }

  async #reportDifferences(): Promise<void> {
    const { names, contracts } = this.#declaration();
    for (const { name } of await this.#own.run(differingTasks, { names, contracts })) {
      this.#warn(
        `The defaults of ${name} in the database, which SQL callers get, are not those of this worker's contract. \`npx pgsched migrate\` brings them up to date.`,
      );
    }
  }

  async #readTopics(): Promise<string[] | null> {
    const { topics } = this.#settings;
    if (topics === null) return null;
    const rows = await this.#own.run(topicRegexes, { patterns: [...topics] });
    return rows.map((row) => row.regex);
  }

  async #makeBeat(): Promise<Beat> {
    const { beat: interval, lease, maxBlock } = this.#settings;
    const options = {
      interval,
      lease,
      maxBlock,
      beatSql: await this.#statements.textOf(beat),
      cancelSql: await this.#statements.textOf(cancelRequests),
    };
    return new Beat(this.#connection, this.#instance, options, {
      onListened: (listened) => this.#starts?.listen(listened),
      onCancel: (ids) => {
        for (const id of ids) this.#dispatcher?.cancel(id);
      },
      onRecovered: () => this.#dispatcher?.wake(),
      onGone: () => void this.#reregister(),
      onOverdue: () => {
        this.#warn(
          'The database has not answered the heartbeat for most of the lease: running jobs are aborted before others rescue them.',
        );
        this.#dispatcher?.giveUp();
      },
      onBroken: (error) => {
        this.#report({ type: 'error', message: 'The heartbeat broke: the worker stops.', error });
        void this.stop({ drain: 0 });
      },
      onBlocked: (ms) =>
        this.#warn(
          `The event loop was blocked for ${Math.round(ms)} ms by a handler. Move such work to a thread or a process.`,
        ),
    });
  }

  /** Others have taken this worker for dead: it begins anew, under another number. */
  async #reregister(): Promise<void> {
    if (this.#state === 'stopping' || this.#state === 'stopped') return;
    if (this.#reregistering) return;
    this.#reregistering = true;
    const instance = newInstance();
    const before = this.#instance;
    this.#instance = instance;
    this.#dispatcher?.abandon(instance);
    this.#warn(`This worker (${before}) was taken for dead; it goes on as ${instance}.`);
    try {
      await this.#own.run(register, { instance, host: hostname(), pid: process.pid });
    } catch {
      // The next beat finds no row, and it is tried again.
    }
    // Not before the row is there: a beat that finds none would take the worker for dead once more.
    this.#reregistering = false;
    this.#beat?.changeInstance(instance);
    this.#dispatcher?.wake();
  }

  #hear(payload: string): void {
    const [kind, list = ''] = payload.split(' ');
    if (kind === 'work' && list === '*') this.#dispatcher?.wake();
    else if (kind === 'work') this.#dispatcher?.wakeFor(list.split(',').map(Number));
    else if (kind === 'cancel') for (const id of list.split(',')) this.#dispatcher?.cancel(id);
    else if (kind === 'pause') this.#dispatcher?.returnBuffered();
    else if (kind === 'listen') this.#starts?.listen(true);
  }

  #declaration(): Parameters<typeof declare.run>[0] {
    const tasks = Object.entries(this.#contract.tasks);
    return {
      names: tasks.map(([name]) => name),
      versions: tasks.map(([, task]) => task.version),
      topics: tasks.map(([, task]) => task.topic),
      priorities: tasks.map(([, task]) => task.priority),
      contracts: tasks.map(([, task]) => sqlDefaults(task)),
      ...formerNames(this.#contract),
    };
  }

  #transactionPool(): pg.Pool {
    if (this.#settings.pool !== undefined) return this.#settings.pool as pg.Pool;
    this.#pool ??= createPool(this.#connection, this.#settings.concurrency);
    return this.#pool;
  }

  #warn(message: string): void {
    this.#report({ type: 'warning', message });
  }

  #report(event: WorkerEvent): void {
    if (event.type in this.#counts) this.#counts[event.type as 'completed'] += 1;
    this.#settings.onEvent(event);
  }
}

/** A task under its number; and under that of a former name which the database took for a task of its own. */
function numbered(task: BoundTask, numbers: ReadonlyMap<string, number>): ServedTask[] {
  const names = namesOf(task.name, task.contract);
  const own = new Set(names.map((name) => numbers.get(name) as number));
  return [...own].map((number) => ({ ...task, number }));
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), over]);
  clearTimeout(timer);
}

/** Random at each registration. Positive, because 0 stands for consumers that have no worker. */
function newInstance(): string {
  return ((randomBytes(8).readBigUInt64BE() >> 1n) | 1n).toString();
}
