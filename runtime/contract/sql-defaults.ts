import type { TaskContract } from './types.js';

/** A retention in SQL: it has no end. */
export const forEver = -1;

/** What SQL needs of a task, as JSON for its row: the defaults of SQL callers, and the policies of consumers without a worker. */
export function sqlDefaults(contract: TaskContract): string {
  const { version, topic, priority, maxAttempts, maxRescues, timeout, backoff } = contract;
  const { startWithin, key, keyScope, onConflict } = contract;
  const retention = Object.fromEntries(
    Object.entries(contract.retention).map(([status, ms]) => [status, ms ?? forEver]),
  );
  return JSON.stringify({
    version,
    topic,
    priority,
    maxAttempts,
    maxRescues,
    timeout,
    backoff,
    startWithin,
    key,
    keyScope,
    onConflict,
    retention,
  });
}
