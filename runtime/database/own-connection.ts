import type pg from 'pg';
import { type Connection, connect, isConnectionError } from './connection.js';
import type { Executor, Run, Statements } from './statements.js';

const firstPause = 100;
const longestPause = 2_000;

/** One connection for the runtime's own statements, which comes back by itself after it, or the server, died. */
export class OwnConnection {
  readonly #connection: Connection;
  readonly #statements: Statements;
  readonly #onLost: () => void;
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  #closed = false;

  /** `onLost` is called each time that an established connection is lost, before its statements are rejected. */
  constructor(connection: Connection, statements: Statements, onLost: () => void) {
    this.#connection = connection;
    this.#statements = statements;
    this.#onLost = onLost;
  }

  /** Connects for the first time. @throws DatabaseUnreachable */
  async open(): Promise<void> {
    this.#adopt(await connect(this.#connection, { pipeline: true }));
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Resolves once connected, however long it takes; rejects only when closed. */
  async ready(): Promise<void> {
    await (this.#client ?? this.#reconnect());
  }

  /**
   * Runs a statement after those before it, which it does not wait for to be sent; rejects when the connection is lost
   * under it.
   */
  readonly run: Run = (statement, params) =>
    this.#use((client) => this.#statements.on(client as Executor)(statement, params));

  /** Runs plain SQL. */
  async query(text: string): Promise<void> {
    await this.#use((client) => client.query(text));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  async #use<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#reconnect());
    try {
      return await use(client);
    } catch (error) {
      if (isConnectionError(error)) this.#lose(client);
      throw error;
    }
  }

  #adopt(client: pg.Client): pg.Client {
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    this.#client = client;
    return client;
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#onLost();
    client.end().catch(() => {});
  }

  #reconnect(): Promise<pg.Client> {
    this.#connecting ??= this.#keepTrying().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #keepTrying(): Promise<pg.Client> {
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      if (this.#closed) throw new Error('The connection was closed.');
      try {
        const client = await connect(this.#connection, { pipeline: true });
        if (!this.#closed) return this.#adopt(client);
        await client.end();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}
