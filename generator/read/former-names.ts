import type { Node } from 'ts-morph';
import type { TaskModel } from '../model.js';
import { nameProblem } from '../names.js';
import { evaluate, fieldsOf, type Static } from './evaluate.js';
import { excerpt, NotStatic } from './resolve.js';
import type { DeclaredTask, Report } from './tasks.js';
import { InvalidValue, scalarOf, show } from './value.js';

/** A name that a task has no more. */
export interface FormerName {
  readonly name: string;
  readonly node: Node;
}

/** The names of `formerly`, in their order. @throws InvalidValue */
export function readFormerNames(found: Static): string[] {
  return namesIn(found, 'formerly').map(({ name }) => name);
}

/** The names of `defineTasks(…, { retired })`. */
export function readRetired(options: Node | undefined, report: Report): FormerName[] {
  if (options === undefined) return [];
  try {
    const fields = fieldsOf(options);
    for (const [name, field] of fields) {
      if (name === 'retired') continue;
      report(
        'InvalidManifest',
        field.name,
        `\`${name}\` is no option of a manifest: it has retired.`,
      );
    }
    const retired = fields.get('retired');
    if (retired === undefined) return [];
    const found = evaluate(retired.value);
    return found.kind === 'value' && found.value === undefined ? [] : namesIn(found, 'retired');
  } catch (error) {
    if (error instanceof InvalidValue) {
      report('InvalidManifest', error.node, error.message);
    } else if (error instanceof NotStatic) {
      const message = `retired must be known without running the manifest: use literals or consts. \`${excerpt(error.node)}\` is neither.`;
      report('NotStatic', error.node, message);
    } else {
      throw error;
    }
    return [];
  }
}

function namesIn(found: Static, what: string): FormerName[] {
  if (found.kind !== 'array') {
    throw new InvalidValue(
      found.node,
      `${what} must be a list of names, such as ['mail.sendFax']; got ${show(found)}.`,
    );
  }
  return found.items.map((item) => {
    const name = scalarOf(item);
    if (typeof name === 'string' && isTaskName(name)) return { name, node: item.node };
    throw new InvalidValue(
      item.node,
      `${what} must hold names of tasks, such as 'mail.sendFax'; got ${show(item)}.`,
    );
  });
}

function isTaskName(name: string): boolean {
  return name.split('.').every((segment, place) => nameProblem(segment, place === 0) === null);
}

/** Reports names that a task had, or that were retired, and that stand for something else too. */
export function checkFormerNames(
  tasks: readonly (DeclaredTask & Pick<TaskModel, 'contract'>)[],
  retired: readonly FormerName[],
  report: Report,
): void {
  const current = new Map(tasks.map((task) => [task.name, task.nameNode]));
  const owners = new Map<string, { readonly what: string; readonly node: Node }>();
  const claim = (name: string, node: Node, what: string): void => {
    const task = current.get(name);
    const other = owners.get(name);
    if (task !== undefined) {
      const message = `\`${name}\` is a task of this manifest; it cannot be ${what}.`;
      report('DuplicateTaskName', node, message, { node: task, message: `\`${name}\`` });
    } else if (other !== undefined) {
      const message = `\`${name}\` is ${other.what} already; it cannot be ${what}.`;
      report('DuplicateTaskName', node, message, { node: other.node, message: 'there' });
    } else {
      owners.set(name, { what, node });
    }
  };
  for (const task of tasks) {
    for (const name of task.contract.formerly ?? [])
      claim(name, task.nameNode, `the former name of \`${task.name}\``);
  }
  for (const { name, node } of retired) claim(name, node, 'retired');
}
