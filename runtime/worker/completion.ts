import type { PoolClient } from 'pg';
import { settle, wasSettled } from '../../queries/worker.queries.js';
import { type AnyTx, queryIn } from '../client/transaction.js';
import { isConnectionError } from '../database/connection.js';
import type { Statements } from '../database/statements.js';
import { type ClaimedJob, retainOf } from './claimed-job.js';
import { afterCompletion, badResult, cancelled, leaseLost } from './run-errors.js';
import type { RunSignal } from './run-signal.js';
import { settleParams } from './settler.js';

/** The connections that handlers' transactions run on. */
export interface TransactionPool {
  readonly statements: Statements;
  connect(): Promise<PoolClient>;
}

/** How often a transaction that lost against another one is run anew, the callback included. */
const tries = 3;
const busyPause = 10;

/**
 * Completes a job inside a transaction. The settle is the last statement before COMMIT, so that nothing waits for the
 * handler; if the job is no longer this run's, the settle matches no row and the transaction rolls back.
 */
export class JobCompletion {
  readonly #job: ClaimedJob;
  readonly #pool: TransactionPool;
  readonly #signal: RunSignal;
  #state: 'open' | 'begun' | 'committed' = 'open';

  constructor(job: ClaimedJob, pool: TransactionPool, signal: RunSignal) {
    this.#job = job;
    this.#pool = pool;
    this.#signal = signal;
  }

  /** A transaction that completes the job has reached its settle; only its commit or rollback decides now. */
  get begun(): boolean {
    return this.#state !== 'open';
  }

  /** The job is completed for certain. */
  get committed(): boolean {
    return this.#state === 'committed';
  }

  readonly transaction = async (fn: (tx: PoolClient) => Promise<unknown>): Promise<unknown> => {
    this.#assertNotCompleted();
    for (let left = tries; ; left -= 1) {
      try {
        return await this.#attempt(fn);
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        if (left === 1 || (code !== '40001' && code !== '40P01')) throw error;
      }
    }
  };

  readonly complete = async (tx: AnyTx, result?: unknown): Promise<unknown> => {
    this.#assertNotCompleted();
    this.#signal.throwIfAborted();
    // When the caller's transaction commits, or whether, is not ours to know: the run's timeout goes on.
    await this.#settle(tx, result);
    return result;
  };

  async #settle(tx: AnyTx, result: unknown): Promise<void> {
    const { task, id, fence } = this.#job;
    const encoded = task.codec.encodeResult(result);
    if (!encoded.ok) throw badResult(this.#job, encoded.issues);
    const value = task.contract.result === null ? null : encoded.json;
    const params = settleParams([
      {
        id,
        fence,
        outcome: 'completed',
        value,
        delay: null,
        policy: null,
        retain: retainOf(task.contract, 'completed'),
      },
    ]);
    for (;;) {
      const [row] = await this.#pool.statements.render(settle, params, (text, values) =>
        queryIn(tx, text, values),
      );
      if (row === undefined) return;
      if (row.exception === 'cancelled') throw cancelled(this.#job);
      if (row.exception === 'lost') throw leaseLost(this.#job);
      // Busy: somebody holds the row for a moment, such as a caller who begins to wait for the result.
      await new Promise((resolve) => setTimeout(resolve, busyPause));
      this.#signal.throwIfAborted();
    }
  }

  async #attempt(fn: (tx: PoolClient) => Promise<unknown>): Promise<unknown> {
    this.#signal.throwIfAborted();
    const client = await this.#connect();
    let broken = true;
    try {
      await client.query('begin isolation level read committed');
      const result = await this.#orAborted(fn(client));
      this.#signal.throwIfAborted();
      this.#state = 'begun';
      await this.#settle(client as unknown as AnyTx, result);
      await this.#commit(client);
      this.#state = 'committed';
      broken = false;
      return result;
    } catch (error) {
      this.#state = 'open';
      // After an abort the callback may still be using the connection: it is not given to anyone else.
      if (!this.#signal.aborted && !isConnectionError(error)) {
        broken = await client.query('rollback').then(
          () => false,
          () => true,
        );
      }
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Without a listener, a connection that dies while it is ours would end the process. */
  async #connect(): Promise<PoolClient> {
    const client = await this.#pool.connect();
    if (!client.listeners('error').includes(ignore)) client.on('error', ignore);
    return client;
  }

  /** A COMMIT whose reply was lost is resolved by asking whether the archive has this run. */
  async #commit(client: PoolClient): Promise<void> {
    try {
      await client.query('commit');
    } catch (error) {
      if (!isConnectionError(error) || !(await this.#wasCommitted())) throw error;
    }
  }

  async #wasCommitted(): Promise<boolean> {
    const client = await this.#connect();
    try {
      const { id, fence, task } = this.#job;
      const kept = task.contract.retention.completed !== 0;
      const rows = await this.#pool.statements.on(client)(wasSettled, { id, fence, kept });
      return rows.length > 0;
    } finally {
      client.release();
    }
  }

  async #orAborted<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#signal;
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  #assertNotCompleted(): void {
    if (this.committed) throw afterCompletion(this.#job);
  }
}

/** Its statements are rejected, which says the same. */
function ignore(): void {}
