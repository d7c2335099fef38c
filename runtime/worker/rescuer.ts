import { beats, removeWorker, rescue } from '../../queries/worker.queries.js';
import type { OwnConnection } from '../database/own-connection.js';
import { PgschedError } from '../errors.js';
import type { ServedTask } from './claimed-job.js';
import { toRemoteError } from './remote-error.js';

interface Sighting {
  readonly beat: string;
  /** When this beat was first seen, on this process' monotonic clock. */
  readonly since: number;
}

const batchSize = 500;

/**
 * Watches the other workers. One is dead when this watcher has itself seen its beat stand still for a whole lease,
 * looking regularly, on one connection: an outage, a failover or a stopped process rescues nobody.
 */
export class Rescuer {
  readonly #connection: OwnConnection;
  readonly #tasks: readonly ServedTask[];
  readonly #lease: number;
  #seen = new Map<string, Sighting>();
  #lastLook = 0;

  constructor(connection: OwnConnection, tasks: readonly ServedTask[], lease: number) {
    this.#connection = connection;
    this.#tasks = tasks;
    this.#lease = lease;
  }

  /** How often to look, in milliseconds. */
  get interval(): number {
    return this.#lease / 5;
  }

  /** The connection was lost: what was seen counts no more. */
  forget(): void {
    this.#seen.clear();
  }

  /** One look. Answers how many jobs came back or failed for good. `own` is never taken for dead. */
  async look(own: string, now: () => number = () => performance.now()): Promise<number> {
    const startedAt = now();
    // Whoever looks seldom cannot say that a beat stood still.
    if (startedAt - this.#lastLook > this.#lease / 2) this.forget();
    const workers = await this.#connection.run(beats, undefined);
    const lookedAt = now();
    if (lookedAt - startedAt > this.#lease / 2) this.forget();
    this.#lastLook = lookedAt;

    const seen = new Map<string, Sighting>();
    for (const { instance, beat } of workers) {
      const before = this.#seen.get(instance);
      const still = before?.beat === beat ? before : { beat, since: lookedAt };
      seen.set(instance, still);
      if (instance !== own && lookedAt - still.since >= this.#lease) {
        await this.#connection.run(removeWorker, { instance, beat });
      }
    }
    this.#seen = seen;
    return this.#rescue();
  }

  /** Gives back the jobs of all instances that have no row, however they lost it. */
  async #rescue(): Promise<number> {
    const error = new PgschedError('WorkerLost', {
      message:
        'Each worker that ran this job died with it. It is not run again: look for what it does to its process, then redrive it.',
    });
    const { stack: _, ...remote } = toRemoteError(error);
    let total = 0;
    for (;;) {
      const [answer] = await this.#connection.run(rescue, {
        limit: batchSize,
        tasks: this.#tasks.map((task) => task.number),
        maxRescues: this.#tasks.map((task) => task.contract.maxRescues),
        error: JSON.stringify(remote),
      });
      const count = Number(answer?.rescued ?? 0) + (answer?.failed ?? 0);
      total += count;
      if (count < batchSize) return total;
    }
  }
}
