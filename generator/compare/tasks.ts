import type { Contract, TaskContract } from '../../runtime/contract/types.js';
import type { Finding } from './finding.js';
import { sameArgs, sameResult } from './payloads.js';

/** A released task, and what became of it. */
export interface TaskPair {
  /** As it is called now. */
  readonly name: string;
  readonly base: TaskContract;
  readonly head: TaskContract;
}

export interface Followed {
  readonly pairs: readonly TaskPair[];
  readonly findings: readonly Finding[];
}

/** Finds each released task again: under its name, under the one it was renamed to, or not at all. */
export function followTasks(base: Contract, head: Contract): Followed {
  const renamed = new Map(
    Object.entries(head.tasks).flatMap(([name, { formerly = [] }]) =>
      formerly.map((was): [string, string] => [was, name]),
    ),
  );
  const pairs: TaskPair[] = [];
  const findings: Finding[] = [];
  for (const [was, task] of Object.entries(base.tasks)) {
    const name = taskOf(head, was) ? was : renamed.get(was);
    const now = name === undefined ? undefined : taskOf(head, name);
    if (name === undefined || now === undefined) findings.push(gone(was, base, head));
    else pairs.push({ name, base: task, head: now });
    if (name !== undefined && name !== was) findings.push(moved(was, name));
  }
  return { pairs, findings };
}

function taskOf({ tasks }: Contract, name: string): TaskContract | undefined {
  return Object.hasOwn(tasks, name) ? tasks[name] : undefined;
}

const rule = 'TASK_NO_DELETE';

function moved(was: string, name: string): Finding {
  const message = `\`${was}\` is \`${name}\` now. Its jobs, keys and deployed callers stay with it; code that names it is to be renamed.`;
  return { rule, audience: 'callers', severity: 'info', task: name, path: '', message };
}

function gone(name: string, base: Contract, head: Contract): Finding {
  if (head.retired?.includes(name)) {
    const message = `\`${name}\` is retired: jobs of it that still wait are run by workers of before alone.`;
    return { rule, audience: 'rows', severity: 'info', task: name, path: '', message };
  }
  const heir = heirOf(name, base, head);
  const rename = `add \`formerly: ['${name}']\` to ${heir === null ? 'what it is called now' : `\`${heir}\``}`;
  const retire = `\`defineTasks({ … }, { retired: ['${name}'] })\``;
  const advice =
    heir === null
      ? `End it by ${retire}, or, if it was renamed, ${rename}.`
      : `If it was renamed, ${rename}, which takes the same; else end it by ${retire}.`;
  const message = `\`${name}\` is gone: its jobs that wait are run by nobody, and its callers fail. ${advice}`;
  return { rule, audience: 'rows', severity: 'break', task: name, path: '', message };
}

/** The only new task with the same args and result: probably the old one under another name. */
export function heirOf(name: string, base: Contract, head: Contract): string | null {
  const old = base.tasks[name] as TaskContract;
  const alike = Object.entries(head.tasks).filter(
    ([candidate, task]) =>
      !Object.hasOwn(base.tasks, candidate) &&
      !(task.formerly ?? []).some((former) => Object.hasOwn(base.tasks, former)) &&
      sameArgs(old, task) &&
      sameResult(old, task),
  );
  const [only] = alike;
  return alike.length === 1 && only ? only[0] : null;
}
