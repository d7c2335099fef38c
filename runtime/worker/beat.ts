import { Worker as Thread } from 'node:worker_threads';
import type { Connection } from '../database/connection.js';

export interface BeatEvents {
  /** Whether somebody listens to events. */
  onListened(listened: boolean): void;
  /** These of its jobs are to be cancelled. */
  onCancel(ids: readonly string[]): void;
  /** Beats are answered again, after they were overdue. */
  onRecovered(): void;
  /** The worker's row is gone: others have taken it for dead. */
  onGone(): void;
  /** No answered beat is recent enough: others may take the worker for dead at any moment. */
  onOverdue(): void;
  /** The thread has died: no beat will follow. */
  onBroken(error: unknown): void;
  /** The event loop was blocked for so long. */
  onBlocked(ms: number): void;
}

export interface BeatOptions {
  /** The statements that the thread sends. `$1` is the instance. */
  readonly beatSql: string;
  readonly cancelSql: string;
  readonly interval: number;
  readonly lease: number;
  readonly maxBlock: number;
}

type Message =
  | { type: 'beat'; sentAt: bigint; cancel: string[]; listened: boolean }
  | { type: 'gone'; instance: string };

/** Blocks shorter than this are ordinary. */
const reportedBlock = 1_000;

/** The worker's sign of life, and what follows when it fails. All durations are on this machine's monotonic clock. */
export class Beat {
  readonly #options: BeatOptions;
  readonly #events: BeatEvents;
  readonly #alive = new BigInt64Array(new SharedArrayBuffer(8));
  readonly #thread: Thread;
  readonly #timer: NodeJS.Timeout;
  #instance: string;
  #lastSent: bigint;
  #lastTick: bigint;
  #overdue = false;

  constructor(connection: Connection, instance: string, options: BeatOptions, events: BeatEvents) {
    this.#options = options;
    this.#events = events;
    this.#instance = instance;
    this.#lastSent = this.#lastTick = process.hrtime.bigint();
    this.#showAlive();
    this.#thread = new Thread(new URL('./beat-thread.js', import.meta.url), {
      workerData: {
        config: connection.config,
        beatSql: options.beatSql,
        cancelSql: options.cancelSql,
        instance,
        interval: options.interval,
        maxBlock: options.maxBlock,
        alive: this.#alive.buffer,
      },
      // Loaders and flags of this process are not the thread's; libpq's variables are.
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    this.#thread.on('error', (error) => events.onBroken(error));
    this.#thread.on('message', (message: Message) => this.#receive(message));
    this.#thread.unref();
    this.#timer = setInterval(() => this.#tick(), Math.min(options.interval, options.lease / 8));
  }

  /** Beats for another registration of this worker from now on. */
  changeInstance(instance: string): void {
    this.#instance = instance;
    this.#lastSent = process.hrtime.bigint();
    this.#overdue = false;
    this.#thread.postMessage({ type: 'instance', instance });
  }

  /** True while an answered beat is recent enough to start a job. */
  get fresh(): boolean {
    return this.#age() < this.#limit();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const exited = new Promise((resolve) => this.#thread.once('exit', resolve));
    this.#thread.postMessage({ type: 'stop' });
    const killer = setTimeout(() => void this.#thread.terminate(), 2_000);
    await exited;
    clearTimeout(killer);
  }

  /** The worker gives itself up before the others may. */
  #limit(): number {
    return this.#options.lease * 0.8;
  }

  #age(): number {
    return Number(process.hrtime.bigint() - this.#lastSent) / 1e6;
  }

  #tick(): void {
    const now = process.hrtime.bigint();
    const gap = Number(now - this.#lastTick) / 1e6;
    this.#lastTick = now;
    this.#showAlive();
    if (gap > reportedBlock + this.#options.interval) this.#events.onBlocked(gap);
    // After a block the thread's messages may still be on their way: judge on the next tick.
    else if (!this.fresh && !this.#overdue) {
      this.#overdue = true;
      this.#events.onOverdue();
    }
  }

  #receive(message: Message): void {
    if (message.type === 'beat') {
      this.#lastSent = message.sentAt;
      if (this.#overdue) this.#events.onRecovered();
      this.#overdue = false;
      this.#events.onListened(message.listened);
      if (message.cancel.length > 0) this.#events.onCancel(message.cancel);
    } else if (message.type === 'gone' && message.instance === this.#instance) {
      this.#events.onGone();
    }
  }

  #showAlive(): void {
    Atomics.store(this.#alive, 0, process.hrtime.bigint());
  }
}
