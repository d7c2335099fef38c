import { randomBytes } from 'node:crypto';
import { listen, tellListening, unlisten } from '../../queries/job.queries.js';
import { channel } from '../../queries/maintenance.queries.js';
import { Listener } from '../database/listener.js';
import type { Session } from './session.js';
import type { AnyJobEvent, EventFilter } from './types.js';

/** Renewed well before the database forgets it. */
const renewEvery = 10_000;
/** What a consumer that does not keep up loses is the oldest. */
const bufferLimit = 10_000;

/**
 * What happens to jobs, as it happens. Told by the database while somebody listens, and not stored: what happens while the
 * connection is lost is not told later. The archive is the record. `closed` ends it, as the filter's own signal does.
 */
export function watchEvents(
  session: Session,
  filter: EventFilter<string>,
  closed: AbortSignal,
): AsyncIterableIterator<AnyJobEvent> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const signals = [closed, ...(filter.signal === undefined ? [] : [filter.signal])];
  for (const signal of signals) signal.addEventListener('abort', end, { once: true });
  if (signals.some((signal) => signal.aborted)) end();
  const events = readEvents(session, filter, ended.signal);
  const forget = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', end);
  };
  return {
    async next() {
      const next = await events.next();
      if (next.done) forget();
      return next;
    },
    // A generator that waits for its next event would not hear of it.
    async return() {
      end();
      forget();
      return events.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* readEvents(
  session: Session,
  filter: EventFilter<string>,
  ended: AbortSignal,
): AsyncGenerator<AnyJobEvent, undefined, undefined> {
  if (ended.aborted) return;
  await session.ready();
  const wanted = wantedBy(filter);
  const buffer: AnyJobEvent[] = [];
  let wake = (): void => {};
  ended.addEventListener('abort', () => wake(), { once: true });
  const subscription = await subscribe(session, (event) => {
    if (!wanted(event)) return;
    buffer.push(event);
    if (buffer.length > bufferLimit) buffer.shift();
    wake();
  });
  try {
    await subscription.ready.catch((error: unknown) => {
      if (!ended.aborted) throw error;
    });
    while (!ended.aborted) {
      const event = buffer.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    await subscription.stop();
  }
}

async function subscribe(
  session: Session,
  onEvent: (event: AnyJobEvent) => void,
): Promise<{ ready: Promise<void>; stop: () => Promise<void> }> {
  const [named] = await session.run(channel, undefined);
  const names = new Map(session.taskNames());
  const id = (randomBytes(8).readBigUInt64BE() >> 1n).toString();
  const announce = async (): Promise<void> => {
    await session.run(listen, { listener: id });
    await session.run(tellListening, undefined);
  };
  const listener = new Listener(session.connection, `${named?.channel}:events`, {
    onMessage: (payload) => {
      for (const { number, ...event } of JSON.parse(payload)) {
        // Under the name that it has here: the database may have an earlier or a later one.
        onEvent({ ...event, task: names.get(number) ?? event.task, at: new Date(event.at) });
      }
    },
    // After an outage the database may have forgotten us.
    onChange: (listening) => {
      if (listening && begun) void announce().catch(() => {});
    },
  });
  let begun = false;
  const timer = setInterval(
    () => void session.run(listen, { listener: id }).catch(() => {}),
    renewEvery,
  );
  const ready = listener.start().then(() => {
    begun = true;
    return announce();
  });
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await listener.close();
    // A client that is closed cannot say so: the database forgets by itself.
    await (async () => session.run(unlisten, { listener: id }))().catch(() => {});
  };
  return { ready, stop };
}

function wantedBy(filter: EventFilter<string>): (event: AnyJobEvent) => boolean {
  const tasks = setOf(filter.task);
  const types = setOf(filter.type);
  const ids = setOf(filter.id);
  return (event) =>
    (tasks?.has(event.task) ?? true) &&
    (types?.has(event.type) ?? true) &&
    (ids?.has(event.id) ?? true);
}

function setOf(value: string | readonly string[] | undefined): Set<string> | undefined {
  if (value === undefined) return undefined;
  return new Set(typeof value === 'string' ? [value] : value);
}
