import { addArchiveDays } from '../../queries/maintenance.queries.js';
import { settle } from '../../queries/worker.queries.js';
import { taskDefaults } from '../contract/defaults.js';
import type { TaskContract } from '../contract/types.js';
import { isConnectionError } from '../database/connection.js';
import type { OwnConnection } from '../database/own-connection.js';
import type { Run } from '../database/statements.js';
import { joinJson } from '../database/text-parameters.js';
import { PgschedError } from '../errors.js';
import type { Holding, Settlement } from './claimed-job.js';
import { toRemoteError } from './remote-error.js';

/** What the database answered for a settlement: it holds, or why not. */
export type Settled = 'settled' | 'lost' | 'cancelled';

interface Entry {
  readonly settlement: Settlement;
  readonly done: (settled: Settled) => void;
  /** An earlier statement may have settled it. */
  readonly repeated?: boolean;
}

const batchSize = 1_000;
/** So long a batch waits for a row that somebody holds; then it passes such rows by. */
const lockWait = 50;
const busyPause = 20;
const errorPause = 1_000;

/** Ends runs in batches: what ends while one statement is under way rides in the next. */
export class Settler {
  readonly #connection: OwnConnection;
  readonly #retentions: readonly number[];
  readonly #onError: (message: string, error: unknown) => void;
  /** The fences of what is not yet settled, by job. */
  readonly #open = new Map<string, string>();
  #queue: Entry[] = [];
  #flushing: Promise<void> | undefined;

  /** `retentions`: how long the archive keeps what this settles, in milliseconds. */
  constructor(
    connection: OwnConnection,
    retentions: readonly number[],
    onError: (message: string, error: unknown) => void,
  ) {
    this.#connection = connection;
    this.#retentions = retentions;
    this.#onError = onError;
  }

  get size(): number {
    return this.#open.size;
  }

  isSettling({ id, fence }: Holding): boolean {
    return this.#open.get(id) === fence;
  }

  /** Resolves when the database has answered, however long it is away. */
  add(settlement: Settlement): Promise<Settled> {
    const { id, fence } = settlement;
    return new Promise((resolve) => {
      const done = (settled: Settled): void => {
        if (this.#open.get(id) === fence) this.#open.delete(id);
        resolve(settled);
      };
      this.#open.set(id, fence);
      this.#queue.push({ settlement, done });
      this.#flushing ??= this.#flush();
    });
  }

  async drain(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // Runs that end in the same tick belong together.
    await null;
    while (this.#queue.length > 0) {
      await this.#settle(this.#queue.splice(0, batchSize));
    }
    this.#flushing = undefined;
  }

  async #settle(entries: readonly Entry[], wait: number | null = lockWait): Promise<void> {
    try {
      const answers = await settleAll(
        this.#connection.run,
        entries.map((entry) => entry.settlement),
        wait,
      );
      const busy = entries.filter((entry, i) => {
        const answer = answers[i];
        if (answer === 'busy') return true;
        // Of what is not kept nothing is left to tell whose settle it was.
        const unknown = answer === 'lost' && entry.repeated && entry.settlement.retain === 0;
        entry.done(unknown ? 'settled' : (answer as Settled));
        return false;
      });
      if (busy.length > 0) await this.#again(busy, busyPause);
    } catch (error) {
      await this.#recover(entries, error);
    }
  }

  async #recover(entries: readonly Entry[], error: unknown): Promise<void> {
    const code = (error as { code?: unknown }).code;
    if (isConnectionError(error)) {
      const repeated = entries.map((entry) => ({ ...entry, repeated: true }));
      return this.#again(repeated, 0);
    }
    // Somebody holds one of these rows, or holds one and waits for another.
    if (code === '55P03' || code === '40P01') return this.#settle(entries, null);
    // Without a constraint's name it is the partition that is missing.
    if (code === '23514' && !(error as { constraint?: unknown }).constraint) {
      return this.#makeRoom(entries);
    }
    if (typeof code === 'string' && /^2[23]/.test(code)) return this.#blame(entries, error);
    this.#onError('Settling failed; it will be tried again.', error);
    await this.#again(entries, errorPause);
  }

  /** The archive has no partition for these days yet. */
  async #makeRoom(entries: readonly Entry[]): Promise<void> {
    try {
      await addDays(this.#connection.run, this.#retentions);
      await this.#again(entries, 0);
    } catch (error) {
      this.#onError('The archive got no new partition; it will be tried again.', error);
      await this.#again(entries, errorPause);
    }
  }

  /** One value that the database refuses fails the whole batch: halve it until only the culprit is left. */
  async #blame(entries: readonly Entry[], error: unknown): Promise<void> {
    if (entries.length > 1) {
      const half = Math.ceil(entries.length / 2);
      await this.#settle(entries.slice(0, half));
      await this.#settle(entries.slice(half));
      return;
    }
    const [{ settlement, done }] = entries as [Entry];
    const refused = new PgschedError('ResultNotStorable', {
      message: `PostgreSQL cannot store what the run returned: ${(error as Error).message}. Return a value that JSON and PostgreSQL can hold.`,
    });
    await this.#settle([
      {
        settlement: {
          ...settlement,
          outcome: 'failed',
          value: JSON.stringify(toRemoteError(refused)),
        },
        done,
      },
    ]);
  }

  async #again(entries: readonly Entry[], pause: number): Promise<void> {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    this.#queue.unshift(...entries);
    await this.#connection.ready().catch(() => {
      // Closed for good: the lease gives these jobs back.
      for (const entry of this.#queue.splice(0)) entry.done('lost');
    });
  }
}

/** Settles these runs in one statement; answers for each in their order. `wait`: milliseconds, null to pass held rows by. */
export async function settleAll(
  run: Run,
  settlements: readonly Settlement[],
  wait: number | null = null,
): Promise<(Settled | 'busy')[]> {
  const rows = await run(settle, settleParams(settlements, wait));
  if (rows.length === 0) return settlements.map(() => 'settled');
  const exceptions = new Map(rows.map((row) => [row.job, row.exception as Settled | 'busy']));
  return settlements.map(({ id }) => exceptions.get(id) ?? 'settled');
}

export function settleParams(
  settlements: readonly Settlement[],
  wait: number | null = null,
): Parameters<typeof settle.run>[0] {
  const completed = settlements.every((s) => s.outcome === 'completed');
  const params = {
    ids: settlements.map((s) => s.id),
    fences: settlements.map((s) => s.fence),
    values: joinJson(settlements.map((s) => s.value)),
    outcomes: completed ? null : settlements.map((s) => s.outcome),
    delays: completed ? null : settlements.map((s) => s.delay),
    policies: completed ? null : settlements.map((s) => s.policy),
    retains: settlements.some((s) => s.retain !== null) ? settlements.map((s) => s.retain) : null,
    wait,
  };
  // pgtyped cannot say that an array's elements may be null.
  return params as unknown as Parameters<typeof settle.run>[0];
}

/** Sees to it that the archive has its partitions for a week of what ends from now on. */
export async function addDays(run: Run, retentions: readonly number[]): Promise<void> {
  await run(addArchiveDays, { retentions: [...retentions], daysAhead: 7 });
}

/** How long the archive keeps jobs of these tasks, each length once; at least as long as somebody awaits them. */
export function retentionsOf(tasks: readonly TaskContract[]): number[] {
  const own = tasks.flatMap((task) => Object.values(task.retention));
  const finite = own.filter((ms) => ms !== null);
  return [...new Set([0, ...Object.values(taskDefaults.retention), ...finite])] as number[];
}
