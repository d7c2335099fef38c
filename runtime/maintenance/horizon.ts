import { horizon } from '../../queries/maintenance.queries.js';
import type { Run } from '../database/statements.js';
import type { Horizon, HorizonHolder } from '../worker/types.js';

/** Watches who holds back the horizon of visibility, and tells once of each that does it for long. */
export class HorizonGuard {
  readonly #run: Run;
  readonly #limit: number;
  readonly #onHeld: (holder: HorizonHolder, horizon: Horizon) => void;
  readonly #now: () => number;
  #latest: Horizon | null = null;
  /** The oldest holder, what it holds, and since when we see that: on this process' monotonic clock. */
  #seen: { readonly who: string; readonly since: number } | undefined;
  #told: string | undefined;

  /** `limit`: milliseconds after which holding is long. */
  constructor(
    run: Run,
    limit: number,
    onHeld: (holder: HorizonHolder, horizon: Horizon) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#run = run;
    this.#limit = limit;
    this.#onHeld = onHeld;
    this.#now = now;
  }

  /** As of the last look; null: there was none yet. */
  get latest(): Horizon | null {
    return this.#latest;
  }

  async look(): Promise<void> {
    const [row] = await this.#run(horizon, undefined);
    if (row === undefined) return;
    const holder = row.kind === null ? null : this.#holder(row, row.kind);
    this.#latest = {
      holder,
      complete: row.seesAll,
      deadRows: { job: row.deadJobs, jobKey: row.deadKeys },
    };
    if (holder === null || holder.ms < this.#limit || this.#told === this.#seen?.who) return;
    this.#told = this.#seen?.who;
    this.#onHeld(holder, this.#latest);
  }

  #holder(row: HorizonRow, kind: string): HorizonHolder {
    const { pid, name, role, state, heldMs, xmin } = row;
    const who = JSON.stringify([kind, pid, name, xmin]);
    if (this.#seen?.who !== who) this.#seen = { who, since: this.#now() };
    const ms = heldMs ?? this.#now() - this.#seen.since;
    return { kind: kind as HorizonHolder['kind'], pid, name, role, state, ms };
  }
}

type HorizonRow = Awaited<ReturnType<typeof horizon.run>>[number];
