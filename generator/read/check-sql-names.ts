import { namesOf } from '../../runtime/contract/former-names.js';
import type { TaskModel } from '../model.js';
import { sqlName } from '../names.js';
import { argumentProblems } from '../sql-arguments.js';
import type { DeclaredTask, Report } from './tasks.js';

/** PostgreSQL cuts identifiers after this many bytes. */
const longest = 63;

/** Functions of every instance that are called as a task's could be. */
const ownFunctions: readonly string[] = ['enqueue_many'];

type ReadTask = DeclaredTask & Pick<TaskModel, 'contract'>;

/** Reports what keeps a task, or a name that it had, from having its SQL function. */
export function checkSqlNames(tasks: readonly ReadTask[], report: Report): void {
  const owners = new Map(tasks.map((task) => [sqlName(task.name), { task, called: task.name }]));
  for (const task of tasks) {
    const { name, nameNode, contract } = task;
    for (const called of namesOf(name, contract)) {
      const made = sqlName(called);
      const problem = nameProblem(made);
      if (problem !== null) report('InvalidTaskName', nameNode, `\`${called}\` ${problem}`);
      const { task: owner, called: other } = owners.get(made) ?? { task, called };
      owners.set(made, { task: owner, called: other });
      // Two current names of one spelling are reported with their types and files, one name of two tasks with former names.
      if (called === name || owner === task || called === other) continue;
      report(
        'DuplicateTaskName',
        nameNode,
        `\`${called}\`, the former name of \`${name}\`, and \`${owner.name}\` both make the SQL function ${made}. Name \`${owner.name}\` otherwise.`,
        { node: owner.nameNode, message: `\`${owner.name}\`` },
      );
    }
    for (const problem of argumentProblems(contract)) {
      report(
        'InvalidArgumentName',
        nameNode,
        `\`${name}\` cannot have its SQL function: ${problem}`,
      );
    }
  }
}

function nameProblem(name: string): string | null {
  if (ownFunctions.includes(name)) {
    return `cannot be a name: its SQL function would be ${name}, which is pgsched's own. Name it otherwise.`;
  }
  return name.length > longest
    ? `is too long: its SQL function ${name} has ${name.length} letters of at most ${longest}.`
    : null;
}
