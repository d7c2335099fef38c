import { type Duration, milliseconds } from '../duration.js';

export interface Bounds {
  readonly timeout?: Duration | undefined;
  readonly signal?: AbortSignal | undefined;
}

const longestTimer = 2 ** 31 - 1;

/** Does work that stops at its signal, which aborts with the caller's own, or with what `late` makes when the time is up. */
export async function bounded<T>(
  { timeout, signal }: Bounds,
  late: (ms: number) => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ms = timeout === undefined ? null : milliseconds(timeout, 'timeout');
  const bound = new AbortController();
  const giveUp = (): void => bound.abort(signal?.reason);
  const timer =
    ms === null ? undefined : setTimeout(() => bound.abort(late(ms)), Math.min(ms, longestTimer));
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await work(bound.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** What the promise gives, unless the signal aborts first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
