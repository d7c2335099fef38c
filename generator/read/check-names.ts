import { fileName, nameProblem, sqlName, typeName } from '../names.js';
import type { DeclaredTask, Report } from './tasks.js';

/** What every task's name becomes, and must not share with another's. */
const spellings = [
  { what: 'the type name', of: typeName },
  { what: 'the file', of: fileName },
  { what: 'the SQL function', of: sqlName },
] as const;

/** Reports tasks whose names become one in generated code, in files, or in SQL. */
export function checkNames(declared: readonly DeclaredTask[], report: Report): void {
  const tasks = declared.filter(({ name }) => isValid(name));
  const clashing = new Set<DeclaredTask>();
  for (const { what, of } of spellings) {
    const owners = new Map<string, DeclaredTask>();
    for (const task of tasks) {
      const spelling = of(task.name);
      const owner = owners.get(spelling);
      owners.set(spelling, owner ?? task);
      if (!owner || clashing.has(task)) continue;
      clashing.add(task);
      report(
        'DuplicateTaskName',
        task.nameNode,
        `\`${task.name}\` and \`${owner.name}\` both make ${what} ${spelling}. Rename one of them.`,
        { node: owner.nameNode, message: `\`${owner.name}\`` },
      );
    }
  }
}

/** A name that is wrong by itself has been reported. */
function isValid(name: string): boolean {
  return name.split('.').every((segment, depth) => nameProblem(segment, depth === 0) === null);
}
