import { taskDefaults } from '../../runtime/contract/defaults.js';
import type { EndStatus, Retention } from '../../runtime/contract/types.js';
import { closest } from '../closest.js';
import type { Static } from './evaluate.js';
import { duration, InvalidValue, scalarOf } from './value.js';

const statuses = Object.keys(taskDefaults.retention) as EndStatus[];

/** Compiles a retention to milliseconds by how a job ended: one for all, or one for each that is named. */
export function readRetention(found: Static): Retention {
  if (found.kind !== 'object') {
    const ms = lengthOf(found, 'retention');
    return Object.fromEntries(statuses.map((status) => [status, ms])) as Retention;
  }
  const retention = { ...taskDefaults.retention };
  for (const [name, value] of found.fields) {
    if (!statuses.includes(name as EndStatus)) throw unknownStatus(name, value);
    if (value.kind === 'value' && value.value === undefined) continue;
    retention[name as EndStatus] = lengthOf(value, `retention.${name}`);
  }
  return retention;
}

function lengthOf(found: Static, what: string): number | null {
  const value = scalarOf(found);
  if (value === 'none') return 0;
  if (value === 'forever') return null;
  return duration(found, `${what} must be 'none' or 'forever', or it`, 0);
}

function unknownStatus(name: string, value: Static): InvalidValue {
  const near = closest(name, statuses);
  const hint = near === null ? `It has ${statuses.join(', ')}.` : `Did you mean \`${near}\`?`;
  return new InvalidValue(value.node, `\`${name}\` is no way for a job to end. ${hint}`);
}
