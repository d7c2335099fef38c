import type { Place } from '../../generator/diagnostic.js';
import { explain, type Part } from '../../generator/explain.js';
import type { Project } from '../../generator/project.js';
import { exitCodes } from '../exit-codes.js';
import { placeJson } from '../format/json.js';
import type { Outcome } from '../format/outcome.js';
import { shown } from '../output.js';
import { unknownTask } from '../unknown-task.js';

/** `generate --explain <task>`: where each part of a task's contract comes from. @throws UnknownTask */
export async function explained(project: Project, task: string): Promise<Outcome> {
  const { ok, diagnostics, tasks, parts } = await explain(project, task);
  if (!ok) return { code: exitCodes.failed, diagnostics };
  if (parts === null) throw unknownTask(task, tasks);
  return {
    code: exitCodes.ok,
    diagnostics,
    text: table(task, parts),
    facts: { task, parts: parts.map(partJson) },
  };
}

/** A line for each part: its name, where it is written, its value, and where the value is written if elsewhere. */
function table(task: string, parts: readonly Part[]): string {
  const rows = parts.map(({ name, place, text, source }) => ({
    name,
    from: place === null ? 'default' : where(place),
    value: source === null ? text : `${text}, from ${where(source)}`,
  }));
  const width = (column: 'name' | 'from') => Math.max(...rows.map((row) => row[column].length));
  const [names, places] = [width('name'), width('from')];
  const lines = rows.map(({ name, from, value }) =>
    `  ${name.padEnd(names)}  ${from.padEnd(places)}  ${value}`.trimEnd(),
  );
  return [`${task}, durations in milliseconds:`, ...lines].join('\n');
}

function where({ file, line, column }: Place): string {
  return `${shown(file)}:${line}:${column}`;
}

function partJson({ name, value, place, source }: Part): object {
  const json = (at: Place | null) => at && placeJson(at, process.cwd());
  return { name, value, place: json(place), source: json(source) };
}
