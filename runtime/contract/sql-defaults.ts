import type { TaskContract } from './types.js';

/** What SQL needs of a task, as JSON for its row: the defaults of SQL callers, and the policies of consumers without a worker. */
export function sqlDefaults(contract: TaskContract): string {
  const { version, topic, priority, maxAttempts, maxRescues, timeout, backoff } = contract;
  const { startWithin, key, keyScope, onConflict } = contract;
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
  });
}
