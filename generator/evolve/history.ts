import { namesOf } from '../../runtime/contract/former-names.js';
import type { ArgsVersion } from '../../runtime/contract/types.js';
import type { WrittenContract, WrittenTask } from '../emit/contract.js';
import type { ManifestModel, TaskModel } from '../model.js';

/** What the history of a manifest's tasks is made from. */
export interface Earlier {
  /** The contract that is released; null where there is none, or nobody can say. */
  readonly released: WrittenContract | null;
  /** The contract that the last run has written. */
  readonly written: WrittenContract | null;
  /** From which versions a task's upcaster leads on; null where it has no upcaster that can be read. */
  steps(task: string): readonly number[] | null;
}

/**
 * The model with the older args that rows may still hold. A version stays from its release on, until the upcaster's steps from it
 * and from all older ones are deleted. Where nobody can say what is released, what was written before the version was raised is.
 */
export function withHistory(model: ManifestModel, earlier: Earlier): ManifestModel {
  return { ...model, tasks: model.tasks.map((task) => withTaskHistory(task, earlier)) };
}

function withTaskHistory(task: TaskModel, { released, written, steps }: Earlier): TaskModel {
  const before = earlierTask(written, task);
  const candidates = versionsOf(earlierTask(released, task) ?? (released ? undefined : before));
  const has = steps(task.name);
  const oldest = has === null ? 0 : Math.min(...has);
  const history = Object.entries(candidates).filter(([name]) => {
    const version = Number(name);
    if (version >= task.contract.version) return false;
    if (before === undefined || before.version <= version) return true;
    return before.history?.[version] !== undefined && version >= oldest;
  });
  if (history.length === 0) return task;
  return { ...task, contract: { ...task.contract, history: Object.fromEntries(history) } };
}

/** A task as an earlier contract has it, under this name or one that it had. */
export function earlierTask(
  contract: WrittenContract | null,
  task: TaskModel,
): WrittenTask | undefined {
  const names = namesOf(task.name, task.contract);
  const found = names.find((known) => Object.hasOwn(contract?.tasks ?? {}, known));
  return found === undefined ? undefined : contract?.tasks[found];
}

/** The args of each version that a contract knows. */
function versionsOf(task: WrittenTask | undefined): Readonly<Record<string, ArgsVersion>> {
  if (task === undefined) return {};
  const { version, args, definitions, history = {} } = task;
  return { ...history, [version]: { args, ...(definitions === undefined ? {} : { definitions }) } };
}
