import { invalidArgs } from '../client/new-job.js';
import { PgschedError } from '../errors.js';
import type { ServedTask } from '../worker/claimed-job.js';
import { badResult } from '../worker/run-errors.js';
import type { Job } from '../worker/types.js';
import type { PerformOptions } from './types.js';

/** Runs a handler as a worker would, but for the database. */
export async function perform(
  task: ServedTask,
  args: unknown,
  options: PerformOptions<unknown>,
  context: unknown,
): Promise<unknown> {
  const encoded = task.codec.encodeArgs(args);
  if (!encoded.ok) throw invalidArgs(task.name, encoded.issues);
  const decoded = task.codec.decodeArgs(JSON.parse(encoded.json));
  if (!decoded.ok) throw invalidArgs(task.name, decoded.issues);
  const returned = await task.handler(decoded.value, jobOf(task, options, context));
  return resultOf(task, returned);
}

/** What a caller would get of what the handler returned. */
function resultOf(task: ServedTask, returned: unknown): unknown {
  if (task.contract.result === null) return undefined;
  const encoded = task.codec.encodeResult(returned);
  if (!encoded.ok) throw badResult({ task }, encoded.issues);
  return task.codec.decodeResult(JSON.parse(encoded.json));
}

function jobOf(
  { name, contract }: ServedTask,
  { tx, job }: PerformOptions<unknown>,
  context: unknown,
): Job<unknown, unknown> {
  return Object.freeze({
    id: '1',
    task: name,
    topic: contract.topic,
    attempt: 1,
    maxAttempts: contract.maxAttempts,
    headers: {},
    signal: new AbortController().signal,
    progress: async () => {},
    transaction: async (work: (client: NonNullable<typeof tx>) => Promise<unknown>) => {
      if (tx === undefined) throw noTransaction(name);
      return work(tx);
    },
    complete: async (_: unknown, result?: unknown) => result,
    ...job,
    context,
  });
}

function noTransaction(task: string): PgschedError {
  return new PgschedError('InvalidOption', {
    message: `The handler of ${task} uses job.transaction, and perform has no database. Pass { tx }: an open transaction, which your test rolls back.`,
    details: { task },
  });
}
