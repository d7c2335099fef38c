import type { Issue } from '../errors.js';
import type { StandardIssue, StandardSchema } from '../standard-schema.js';
import { boundedMessage, pathText } from './shape/describe.js';
import type { Converted } from './shape.js';

const mostIssues = 20;

/**
 * A value by a schema of the user's: what the schema makes of it, or its complaints. Never throws.
 * A schema that answers later is refused: an enqueue inside a transaction, and the claim of a batch, cannot wait for one.
 */
export function parseWith(
  schema: StandardSchema<unknown>,
  value: unknown,
  whose: string,
): Converted {
  try {
    const result = schema['~standard'].validate(value);
    if ('then' in result) {
      result.then(undefined, () => {}); // Nobody waits for it: its failure must not end the process.
      return refused(
        `the ${whose} is asynchronous: use a schema without asynchronous steps, and check in the handler what takes a wait`,
      );
    }
    return result.issues
      ? { ok: false, issues: result.issues.slice(0, mostIssues).map(placedIssue) }
      : { ok: true, value: result.value };
  } catch (error) {
    return refused(`the ${whose} threw: ${String(error)}`);
  }
}

function placedIssue({ path, message }: StandardIssue): Issue {
  const keys = (path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  return {
    path: pathText(keys.map((key) => (typeof key === 'symbol' ? String(key) : key))),
    message: boundedMessage(message),
  };
}

function refused(message: string): Converted {
  return { ok: false, issues: [{ path: '', message: boundedMessage(message) }] };
}
