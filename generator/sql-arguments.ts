import { membersOf } from '../runtime/contract/shape/members.js';
import type { PropertyShape, TaskContract } from '../runtime/contract/types.js';
import { argumentName } from './names.js';

/** PostgreSQL's functions have no more arguments than this; so many of them are the options of every enqueue. */
const most = { arguments: 100, options: 8 };

/**
 * The fields of a task's args that are arguments of its SQL function; null: it takes the args as one JSON, as where names that are
 * no words cannot each be an argument.
 */
export function argumentFields(task: TaskContract): readonly PropertyShape[] | null {
  if (task.args === null) return [];
  const [only, ...others] = membersOf(task.args, task.definitions ?? {});
  if (only?.opened.kind !== 'object' || others.length > 0) return null;
  const { properties } = only.opened;
  if (properties.length > most.arguments - most.options) return null;
  const isOdd = ({ fields }: Problem) => fields.some((name) => !/^\w+$/.test(name));
  return problemsOf(properties).some(isOdd) ? null : properties;
}

/** Fields that cannot each be an argument of their own: two of one name, and names that PostgreSQL would cut. */
export function argumentProblems(task: TaskContract): string[] {
  return problemsOf(argumentFields(task) ?? []).map(({ message }) => message);
}

interface Problem {
  readonly fields: readonly string[];
  readonly message: string;
}

function problemsOf(properties: readonly PropertyShape[]): Problem[] {
  const owners = new Map<string, string>();
  return properties.flatMap(({ name }) => {
    const argument = argumentName(name);
    const owner = owners.get(argument);
    if (owner !== undefined) {
      const message = `its fields ${JSON.stringify(owner)} and ${JSON.stringify(name)} both make the SQL argument ${argument}. Rename one of them.`;
      return [{ fields: [owner, name], message }];
    }
    owners.set(argument, name);
    const bytes = new TextEncoder().encode(argument).length;
    const message = `its field ${JSON.stringify(name)} is too long: its SQL argument has ${bytes} bytes of at most 63.`;
    return bytes > 63 ? [{ fields: [name], message }] : [];
  });
}
