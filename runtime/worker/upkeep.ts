import { freeKeys, sweepProgress, sweepRepeats } from '../../queries/maintenance.queries.js';
import { sweep, waitingStrangers } from '../../queries/worker.queries.js';
import type { OwnConnection } from '../database/own-connection.js';
import { dropExpiredPartitions } from '../maintenance/archive.js';
import { HorizonGuard } from '../maintenance/horizon.js';
import { kindsOf, type ServedTask } from './claimed-job.js';
import type { Dispatcher } from './dispatcher.js';
import { Periodic } from './periodic.js';
import { Rescuer } from './rescuer.js';
import { addDays, retentionsOf } from './settler.js';
import type { Horizon, HorizonHolder, WorkerEvent } from './types.js';

const minute = 60_000;
const hour = 60 * minute;
const sweptAtOnce = 1_000;

export interface UpkeepOptions {
  readonly lease: number;
  readonly horizonLimit: number;
  /** This worker's present number. */
  readonly instance: () => string;
  /** Whether a task is of the contract, and not this worker's to run. */
  readonly isElsewhere: (task: string) => boolean;
  readonly report: (event: WorkerEvent) => void;
}

/** What every worker does for all of them beside its jobs: it rescues, cleans up, and looks for what needs somebody's attention. */
export class Upkeep {
  readonly #connection: OwnConnection;
  readonly #tasks: readonly ServedTask[];
  readonly #dispatcher: Dispatcher;
  readonly #options: UpkeepOptions;
  readonly #rescuer: Rescuer;
  readonly #horizon: HorizonGuard;
  readonly #strangers = new Set<string>();
  readonly #periodic: readonly Periodic[];

  constructor(
    connection: OwnConnection,
    tasks: readonly ServedTask[],
    dispatcher: Dispatcher,
    options: UpkeepOptions,
  ) {
    this.#connection = connection;
    this.#tasks = tasks;
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#rescuer = new Rescuer(connection, tasks, options.lease);
    this.#horizon = new HorizonGuard(connection.run, options.horizonLimit, (holder, horizon) =>
      options.report({ type: 'horizonHeld', message: heldMessage(holder, horizon), holder }),
    );
    this.#periodic = [
      this.#every(this.#rescuer.interval, () => this.#rescue()),
      this.#every(Math.min(options.horizonLimit / 2, minute / 2), () => this.#horizon.look()),
      this.#every(minute, () => this.#tidy()),
      this.#every(hour, async () => {
        await addDays(connection.run, retentionsOf(tasks.map((task) => task.contract)));
        await dropExpiredPartitions(connection);
      }),
    ];
  }

  get horizon(): Horizon | null {
    return this.#horizon.latest;
  }

  /** What was seen of other workers counts no more: nobody beat while the database was away. */
  forget(): void {
    this.#rescuer.forget();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#periodic.map((task) => task.stop()));
  }

  async #rescue(): Promise<void> {
    // Also finds a claim that was committed after its connection was lost and all seemed well again.
    await this.#dispatcher.reconcile();
    await this.#connection.run(sweep, { limit: sweptAtOnce });
    const jobs = (await this.#rescuer.look(this.#options.instance())) ?? 0;
    if (jobs === 0) return;
    this.#options.report({ type: 'rescued', jobs });
    this.#dispatcher.wake();
  }

  async #tidy(): Promise<void> {
    await this.#reportStrangers();
    await this.#connection.run(sweepProgress, undefined);
    await this.#connection.run(freeKeys, undefined);
    await this.#connection.run(sweepRepeats, undefined);
  }

  async #reportStrangers(): Promise<void> {
    const rows = await this.#connection.run(waitingStrangers, kindsOf(this.#tasks));
    for (const { name, version, retired } of rows) {
      const stranger = `${retired ? 'the retired ' : ''}${name} (version ${version})`;
      if (this.#strangers.has(stranger) || this.#options.isElsewhere(name)) continue;
      this.#strangers.add(stranger);
      const message = `Jobs of ${stranger} wait, and this worker does not take them.`;
      this.#options.report({ type: 'warning', message });
    }
  }

  #every(interval: number, work: () => Promise<void>): Periodic {
    return new Periodic(interval, work, (error) =>
      this.#options.report({ type: 'error', message: 'Maintenance failed; it goes on.', error }),
    );
  }
}

function heldMessage(
  { kind, pid, name, role, state, ms }: HorizonHolder,
  horizon: Horizon,
): string {
  const who = [
    kind,
    name === null || name === '' ? '' : JSON.stringify(name),
    pid === null ? '' : `(pid ${pid})`,
    role === null ? '' : `of ${role}`,
    state === null ? '' : `, ${state},`,
  ];
  const text = who
    .filter((part) => part !== '')
    .join(' ')
    .replace(' ,', ',');
  return (
    `Vacuum cannot remove dead rows: the ${text} has held its snapshot for ${Math.round(ms / 1000)} s. ` +
    `About ${horizon.deadRows.job} dead jobs wait for it; end it if you can, or make it shorter.`
  );
}
