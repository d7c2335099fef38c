import { randomInt } from 'node:crypto';
import type pg from 'pg';
import { declare, drawIds } from '../../queries/enqueue.queries.js';
import { type FormerNames, formerNames } from '../contract/former-names.js';
import type { Contract } from '../contract/types.js';
import {
  type Connection,
  createPool,
  isConnectionError,
  resolveConnection,
  unreachable,
} from '../database/connection.js';
import { checkSchemaVersion } from '../database/schema-version.js';
import { type Run, type Statement, Statements } from '../database/statements.js';
import { PgschedError } from '../errors.js';
import type { JobId } from './inserted.js';
import type { NewJob } from './new-job.js';
import { repeatOverOutage } from './repeat.js';
import type { QueryPool } from './transaction.js';
import type { ClientOptions } from './types.js';

const ownConnections = 5;
const idBlock = 200;

/** A client's side of the database: its pool, the numbers of its tasks, the ids that it has drawn. Opens nothing before first use. */
export class Session {
  readonly statements: Statements;
  readonly #contract: Contract;
  readonly #connection: Connection;
  readonly #givenPool: QueryPool | undefined;
  readonly #warn: (message: string) => void;
  readonly #declared = new Set<string>();
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();
  #pool: pg.Pool | undefined;
  #ready: Promise<void> | undefined;
  #ids: string[] = [];
  #drawing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(contract: Contract, options: ClientOptions) {
    this.#contract = contract;
    this.#givenPool = options.pool;
    this.#connection =
      options.pool === undefined
        ? resolveConnection(options.connectionString)
        : connectionOf(options.pool);
    this.#warn = options.onWarning ?? ((message) => process.emitWarning(message));
    this.statements = new Statements(options.schema ?? contract.schema, options.prepare ?? true);
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Runs statements on any connection of the pool. */
  get run(): Run {
    const run = this.statements.on(this.pool);
    return async (statement, params) => {
      try {
        return await run(statement, params);
      } catch (error) {
        throw unreachable(error, this.#connection);
      }
    };
  }

  /** Runs a statement, and another one right behind it on the same connection, whose end nobody waits for. */
  async runThen<P, R, Q>(
    statement: Statement<P, R>,
    params: P,
    after: Statement<Q, unknown>,
    afterParams: Q,
  ): Promise<R[]> {
    try {
      const client = await this.pool.connect();
      // The statements under way are rejected as well; without a listener the process would end.
      client.on('error', ignore);
      const run = this.statements.on(client);
      const both = [run(statement, params), run(after, afterParams)] as const;
      void Promise.allSettled(both).then((ends) => {
        client.off('error', ignore);
        client.release(
          ends.some((end) => end.status === 'rejected' && isConnectionError(end.reason)),
        );
      });
      return await both[0];
    } catch (error) {
      throw unreachable(error, this.#connection);
    }
  }

  get pool(): pg.Pool {
    this.assertOpen();
    if (this.#givenPool !== undefined) return this.#givenPool as pg.Pool;
    this.#pool ??= createPool(this.#connection, ownConnections);
    return this.#pool;
  }

  /** Resolves once the schema's version was checked and the contract's tasks have their numbers. */
  ready(): Promise<void> {
    this.#ready ??= this.#prepare()
      .catch((error: unknown) => {
        // An idle connection of the pool had died before: another one is as good.
        if (isTerminated(error)) return this.#prepare();
        throw error;
      })
      .catch((error: unknown) => {
        this.#ready = undefined;
        throw error;
      });
    return this.#ready;
  }

  /** The number of a task, after `ready`. */
  number(task: string): number {
    return this.#numbers.get(task) as number;
  }

  /** The contract's tasks by their numbers, after `ready`. */
  taskNames(): (readonly [number, string])[] {
    return [...this.#names];
  }

  /**
   * Sees to it that the lanes of these jobs exist: on a connection of our own, because a lane made in somebody's
   * transaction would make every other user of it wait for that.
   */
  async declareLanes(jobs: readonly NewJob[]): Promise<void> {
    const missing = new Map<string, Lane>();
    for (const { task, topic, priority } of new Set(jobs.map((job) => job.kind))) {
      const lane: Lane = {
        task: task.name,
        version: task.contract.version,
        topic: topic ?? task.contract.topic,
        priority,
      };
      if (!this.#declared.has(laneName(lane))) missing.set(laneName(lane), lane);
    }
    if (missing.size === 0) return;
    await repeatOverOutage(this.#connection, () => this.#declare([...missing.values()]));
  }

  /** Ids for new jobs, drawn ahead in blocks. */
  async newIds(count: number): Promise<JobId[]> {
    while (this.#ids.length < count) await this.#drawInTurn(count);
    const ids = this.#take(count);
    // The next ones meanwhile: who comes back for as many need not wait for them.
    if (this.#ids.length < Math.max(count, idBlock / 4)) this.#drawInTurn(count).catch(() => {});
    return ids;
  }

  /**
   * The same through the connection of a caller's transaction: it needs no second one of a pool that others in the same
   * position may have used up. Nor does it wait for theirs, which may wait for its locks.
   */
  async newIdsBy(run: Run, count: number): Promise<JobId[]> {
    while (this.#ids.length < count) await this.#draw(run, count);
    return this.#take(count);
  }

  #take(count: number): JobId[] {
    const nonce = randomInt(-(2 ** 31), 2 ** 31);
    return this.#ids.splice(0, count).map((id) => ({ id, nonce }));
  }

  assertOpen(): void {
    if (this.#closed) throw clientClosed();
  }

  /** Ends the pool that this client made itself. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.end();
  }

  async #prepare(): Promise<void> {
    await checkSchemaVersion(this.run, this.statements.schema, this.#warn);
    const tasks = Object.entries(this.#contract.tasks);
    const formers = formerNames(this.#contract);
    await this.#declare(
      tasks.map(([task, contract]) => ({ task, ...contract })),
      formers,
    );
  }

  async #declare(lanes: readonly Lane[], formers: FormerNames = noFormers): Promise<void> {
    const rows = await this.run(declare, {
      names: lanes.map((lane) => lane.task),
      versions: lanes.map((lane) => lane.version),
      topics: lanes.map((lane) => lane.topic),
      priorities: lanes.map((lane) => lane.priority),
      contracts: lanes.map(() => null) as unknown as string[],
      ...formers,
    });
    for (const { name, task } of rows) {
      const place = formers.formers.indexOf(name);
      if (place < 0) this.#numbers.set(name, task);
      this.#names.set(task, formers.renamed[place] ?? name);
    }
    // Bounded: whoever routes by ever new topics asks the database each time.
    if (this.#declared.size > 10_000) this.#declared.clear();
    for (const lane of lanes) this.#declared.add(laneName(lane));
  }

  /** One caller draws at a time; the others find what it drew. */
  async #drawInTurn(needed: number): Promise<void> {
    const before = this.#drawing;
    this.#drawing = (async () => {
      await before.catch(() => {});
      if (this.#ids.length >= needed) return;
      await repeatOverOutage(this.#connection, () => this.#draw(this.run, needed));
    })();
    await this.#drawing;
  }

  async #draw(run: Run, needed: number): Promise<void> {
    const count = Math.max(needed - this.#ids.length, idBlock);
    const rows = await run(drawIds, { count });
    this.#ids = this.#ids.concat((rows[0]?.ids ?? '').split(','));
  }
}

/** The server has ended an established connection. */
function isTerminated(error: unknown): boolean {
  const code = (error as { cause?: { code?: unknown } }).cause?.code;
  return typeof code === 'string' && /^57P0[1-3]/.test(code);
}

function ignore(): void {}

const noFormers: FormerNames = { renamed: [], formers: [] };

export function clientClosed(): PgschedError {
  return new PgschedError('ClientClosed', {
    message: 'This client was closed. Make a new one with createClient().',
  });
}

/** Where a pool of the user's leads, so that a connection of our own can go there too. */
function connectionOf(pool: QueryPool): Connection {
  const config = (pool as { options?: pg.PoolConfig }).options ?? {};
  return { config, display: 'the given pool', source: 'pool' };
}

interface Lane {
  readonly task: string;
  readonly version: number;
  readonly topic: string;
  readonly priority: number;
}

function laneName({ task, version, topic, priority }: Lane): string {
  return `${task}/${version}/${topic}/${priority}`;
}
