import { closest } from '../generator/closest.js';
import { PgschedError } from '../runtime/errors.js';

/** The error for a task that the user named and nobody declared, with the one that was probably meant. */
export function unknownTask(name: string, names: readonly string[]): PgschedError {
  const meant = closest(name, names) ?? byLastName(name, names);
  const advice = meant === null ? listOf(names) : `Did you mean "${meant}"?`;
  return new PgschedError('UnknownTask', {
    message: `There is no task "${name}". ${advice}`,
    details: { task: name },
  });
}

/** `sendReceipt` for `mail.sendReceipt`: the group is what people leave out. */
function byLastName(name: string, names: readonly string[]): string | null {
  const last = (of: string) => of.slice(of.lastIndexOf('.') + 1);
  const meant = closest(last(name), names.map(last));
  return names.find((candidate) => last(candidate) === meant) ?? null;
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'The manifest declares none.' : `The tasks: ${names.join(', ')}.`;
}
