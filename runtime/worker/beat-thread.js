// @ts-check
// Shows that the worker lives: one small statement per beat, from a thread and on a connection of its own, so that
// neither a handler that blocks the event loop nor a busy pool stops it. Plain JavaScript: a thread cannot rely on the
// loader that may run the rest from TypeScript.
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';

/**
 * @typedef {object} BeatData
 * @property {import('pg').ClientConfig} config
 * @property {string} beatSql `$1` is the instance; returns one row while the worker is registered
 * @property {string} cancelSql `$1` is the instance; returns the ids of its jobs that are to be cancelled
 * @property {string} instance
 * @property {number} interval milliseconds between beats
 * @property {number} maxBlock milliseconds without a sign of the main thread after which the beat stops
 * @property {SharedArrayBuffer} alive when the main thread last ran, in nanoseconds of `process.hrtime`
 */

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const data = /** @type {BeatData} */ (workerData);
const alive = new BigInt64Array(data.alive);
let instance = data.instance;
let stopped = false;
/** @type {pg.Client | undefined} */
let client;
/** @type {() => void} */
let endPause = () => {};

port.on(
  'message',
  (/** @type {{ type: 'instance', instance: string } | { type: 'stop' }} */ message) => {
    if (message.type === 'instance') instance = message.instance;
    else stopped = true;
    endPause();
  },
);

while (!stopped) {
  const blocked = Number(process.hrtime.bigint() - Atomics.load(alive, 0)) / 1e6;
  if (blocked < data.maxBlock) await beat();
  if (!stopped) await pause(data.interval);
}
await client?.end().catch(() => {});
port.close();

async function beat() {
  const sentAt = process.hrtime.bigint();
  const beating = instance;
  try {
    client ??= await connect();
    const { rows: registered } = await client.query({ text: data.beatSql, values: [beating] });
    const { rows } = await client.query({ text: data.cancelSql, values: [beating] });
    if (beating !== instance) return;
    port.postMessage(
      registered.length === 0
        ? { type: 'gone', instance: beating }
        : {
            type: 'beat',
            sentAt,
            cancel: rows.map((row) => row.id),
            listened: registered[0].listened,
          },
    );
  } catch {
    const broken = client;
    client = undefined;
    broken?.end().catch(() => {});
  }
}

async function connect() {
  // An answer that takes longer than a few beats is as bad as none.
  const fresh = new pg.Client({ ...data.config, query_timeout: Math.max(1000, data.interval * 3) });
  fresh.on('error', () => {
    if (client === fresh) client = undefined;
  });
  await fresh.connect();
  return fresh;
}

/** @param {number} ms */
function pause(ms) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    })
  );
}
