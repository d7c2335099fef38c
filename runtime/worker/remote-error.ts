import type { RemoteError } from '../client/types.js';
import { storableText } from '../contract/storable.js';

const messageLimit = 4_000;
const stackLimit = 8_000;
const causes = 3;

/** A thrown value as the database keeps it: bounded, and storable whatever it holds. */
export function toRemoteError(thrown: unknown, depth: number = causes): RemoteError {
  if (!(thrown instanceof Error)) {
    return {
      name: 'NotAnError',
      message: storable(
        `The handler threw a value that is no Error: ${describe(thrown)}`,
        messageLimit,
      ),
    };
  }
  const code = (thrown as { code?: unknown }).code;
  return {
    name: storable(String(thrown.name), 200),
    message: storable(String(thrown.message), messageLimit),
    ...(typeof code === 'string' || typeof code === 'number'
      ? { code: storable(String(code), 200) }
      : {}),
    ...(typeof thrown.stack === 'string' ? { stack: storable(thrown.stack, stackLimit) } : {}),
    ...(thrown.cause === undefined || depth === 0
      ? {}
      : { cause: toRemoteError(thrown.cause, depth - 1) }),
  };
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string'
      ? JSON.stringify(value)
      : (JSON.stringify(value) ?? String(value));
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function storable(text: string, limit: number): string {
  return storableText(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
