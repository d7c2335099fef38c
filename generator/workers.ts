import { type Diagnostic, diagnostic, type Place, wholeFile } from './diagnostic.js';
import type { TaskModel } from './model.js';
import type { Project, WorkerPlaces } from './project.js';

/** What of the workers' patterns is wrong: an error for each task that is not one worker's, a warning for a pattern of no task. */
export function checkShares(
  { workers, config, manifest }: Project,
  tasks: readonly TaskModel[],
  places: ReadonlyMap<string, Place>,
): Diagnostic[] {
  const misplaced = tasks.flatMap(({ name }) => {
    const takers = workers.filter((worker) => runs(worker, name));
    if (takers.length === 1) return [];
    const message =
      takers.length === 0
        ? `\`${name}\` is no worker's task: add a pattern that fits it to the \`tasks\` of ${listed(workers, 'disjunction')}.`
        : `\`${name}\` is a task of ${listed(takers, 'conjunction')}: only one of them may have a pattern that fits it.`;
    return [diagnostic('InvalidWorkerTasks', places.get(name) ?? wholeFile(manifest), message)];
  });
  const idle = workers.flatMap(({ name, tasks: patterns = [] }) =>
    patterns
      .filter((pattern) => !tasks.some((task) => fits(pattern.split('.'), task.name.split('.'))))
      .map((pattern) =>
        diagnostic(
          'InvalidWorkerTasks',
          wholeFile(config ?? manifest),
          `No task fits the pattern '${pattern}' of the worker ${name}.`,
          { severity: 'warning' },
        ),
      ),
  );
  return [...misplaced, ...idle];
}

/** Whether a task of this name is the worker's. */
export function runs({ tasks }: WorkerPlaces, name: string): boolean {
  return tasks === undefined || tasks.some((pattern) => fits(pattern.split('.'), name.split('.')));
}

/** As patterns of topics do: `*` is one name, `**` any number of names. */
function fits([first, ...others]: readonly string[], names: readonly string[]): boolean {
  const rest = names.slice(1);
  if (first === undefined) return names.length === 0;
  if (first === '**')
    return fits(others, names) || (names.length > 0 && fits(['**', ...others], rest));
  return (first === '*' || first === names[0]) && names.length > 0 && fits(others, rest);
}

function listed(workers: readonly WorkerPlaces[], type: Intl.ListFormatType): string {
  return new Intl.ListFormat('en', { type }).format(workers.map(({ name = '' }) => name));
}
