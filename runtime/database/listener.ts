import pg from 'pg';
import type { Connection } from './connection.js';

export interface ListenerEvents {
  /** A notification's payload. */
  onMessage(payload: string): void;
  /** Listening has begun (again), or has been lost. What happened in between was not heard. */
  onChange(listening: boolean): void;
}

const firstPause = 100;
const longestPause = 5_000;

/** One connection that listens on a channel, and comes back by itself when it is lost. */
export class Listener {
  readonly #connection: Connection;
  readonly #channel: string;
  readonly #events: ListenerEvents;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = firstPause;
  #referenced = true;
  #closed = false;

  constructor(connection: Connection, channel: string, events: ListenerEvents) {
    this.#connection = connection;
    this.#channel = channel;
    this.#events = events;
  }

  /** Begins to listen, or resolves without: then it goes on trying. */
  async start(): Promise<void> {
    const client = new pg.Client(this.#connection.config);
    this.#client = client;
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', (message) => this.#events.onMessage(message.payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(this.#channel)}`);
      if (this.#closed) return void (await client.end());
      if (!this.#referenced) referable(client).unref();
      this.#pause = firstPause;
      this.#events.onChange(true);
    } catch {
      this.#lost(client);
    }
  }

  /** Whether the connection keeps the process alive. */
  keepAlive(yes: boolean): void {
    this.#referenced = yes;
    if (this.#client === undefined) return;
    if (yes) referable(this.#client).ref();
    else referable(this.#client).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
    this.#events.onChange(false);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.start(), this.#pause);
    if (!this.#referenced) this.#timer.unref();
    this.#pause = Math.min(this.#pause * 2, longestPause);
  }
}

/** pg's clients can be let go by the event loop; its types do not say so. */
function referable(client: pg.Client): { ref(): void; unref(): void } {
  return client as unknown as { ref(): void; unref(): void };
}
