import { awaitJobs, findEnded } from '../../queries/job.queries.js';
import { channel } from '../../queries/maintenance.queries.js';
import { Listener } from '../database/listener.js';
import { type Ending, keepFor } from './handle.js';
import type { JobId } from './inserted.js';
import { clientClosed, type Session } from './session.js';

interface Waiter {
  readonly job: JobId;
  /** Until when the database knows that somebody waits. */
  knownUntil: number;
  readonly resolve: (ending: Ending) => void;
  readonly reject: (error: unknown) => void;
}

const shortestPause = 20;
const longestPause = 1_000;

/** Waits for the ends of any number of jobs, with one connection that listens and one statement for all that looks. */
export class Results {
  readonly #session: Session;
  readonly #waiters = new Set<Waiter>();
  #listener: Listener | undefined;
  #listening = false;
  #looking: Promise<void> | undefined;
  #closed = false;
  #lookAgain = (): void => {};

  constructor(session: Session) {
    this.#session = session;
  }

  /** Resolves when the job has ended. `known`: its insert already said that somebody waits. */
  wait(job: JobId, known: boolean, signal: AbortSignal): Promise<Ending> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(clientClosed());
      if (signal.aborted) return reject(signal.reason);
      const waiter: Waiter = {
        job,
        knownUntil: known ? performance.now() + keepFor / 2 : 0,
        resolve,
        reject,
      };
      this.#waiters.add(waiter);
      const giveUp = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
        this.#lookAgain();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#lookAgain();
      this.#looking ??= this.#look();
    });
  }

  /** Rejects whoever still waits. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectAll(clientClosed());
    this.#lookAgain();
    await this.#looking;
    await this.#listener?.close();
  }

  async #look(): Promise<void> {
    let pause = shortestPause;
    await this.#listen();
    while (this.#waiters.size > 0) {
      const woken = this.#woken();
      try {
        await this.#makeKnown();
        if (await this.#settleEnded()) pause = shortestPause;
      } catch (error) {
        // The connection may come back; an error of another kind will not mend by waiting.
        if (!isOutage(error)) this.#rejectAll(error);
      }
      if (this.#waiters.size === 0) break;
      await woken(this.#listening ? longestPause : pause);
      pause = Math.min(pause * 1.5, longestPause);
    }
    this.#listener?.keepAlive(false);
    this.#looking = undefined;
  }

  async #listen(): Promise<void> {
    if (this.#listener !== undefined) return this.#listener.keepAlive(true);
    const [row] = await this.#session.run(channel, undefined).catch(() => []);
    if (row === undefined) return;
    this.#listener = new Listener(this.#session.connection, row.channel, {
      onMessage: (payload) => {
        if (this.#concerns(payload)) this.#lookAgain();
      },
      onChange: (listening) => {
        this.#listening = listening;
        this.#lookAgain();
      },
    });
    void this.#listener.start();
  }

  #concerns(payload: string): boolean {
    if (!payload.startsWith('ended ')) return false;
    const ended = new Set(payload.slice('ended '.length).split(','));
    for (const waiter of this.#waiters) if (ended.has(waiter.job.id)) return true;
    return false;
  }

  /** A sleep that ends early when there is a reason to look, also when that came before the sleep. */
  #woken(): (ms: number) => Promise<void> {
    let wake: () => void = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#lookAgain = wake;
    return async (ms) => {
      const timer = setTimeout(wake, ms);
      await woken;
      clearTimeout(timer);
    };
  }

  async #makeKnown(): Promise<void> {
    const now = performance.now();
    const unknown = [...this.#waiters].filter((waiter) => waiter.knownUntil < now);
    if (unknown.length === 0) return;
    await this.#session.run(awaitJobs, {
      ids: unknown.map((waiter) => waiter.job.id),
      nonces: unknown.map((waiter) => waiter.job.nonce),
      ms: unknown.map(() => keepFor),
    });
    for (const waiter of unknown) waiter.knownUntil = now + keepFor / 2;
  }

  async #settleEnded(): Promise<boolean> {
    const waiters = [...this.#waiters];
    const endings = await this.#session.run(findEnded, {
      ids: waiters.map((waiter) => waiter.job.id),
      nonces: waiters.map((waiter) => waiter.job.nonce),
    });
    const byId = new Map(endings.map((ending) => [`${ending.id}/${ending.nonce}`, ending]));
    for (const waiter of waiters) {
      const ending = byId.get(`${waiter.job.id}/${waiter.job.nonce}`);
      if (ending === undefined) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(ending);
    }
    return endings.length > 0;
  }

  #rejectAll(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }
}

function isOutage(error: unknown): boolean {
  return (error as { name?: unknown }).name === 'DatabaseUnreachable';
}
