import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Diagnostic, diagnostic } from './diagnostic.js';
import type { WrittenContract, WrittenTask } from './emit/contract.js';
import { mark } from './emit/header.js';
import { handlerPath, type Layout } from './emit/layout.js';
import { emitStub, type StubOptions } from './emit/stub.js';
import type { ManifestModel, TaskModel } from './model.js';
import { handlersOut, type Project } from './project.js';

export interface Leftovers {
  /** Files of ours that no longer belong. */
  readonly removals: readonly string[];
  /** Handlers of the user that no task has. */
  readonly warnings: readonly Diagnostic[];
}

export interface Planned {
  readonly project: Project;
  readonly layout: Layout;
  readonly model: ManifestModel;
  readonly files: ReadonlyMap<string, string>;
  readonly stubs: ReadonlyMap<string, string>;
  readonly stub: StubOptions;
}

/**
 * What earlier runs left behind: generated files that are made no more, and handlers of tasks that are gone. A stub that is
 * still what we wrote goes; one that was edited is the user's and is only reported.
 */
export async function findLeftovers(planned: Planned): Promise<Leftovers> {
  const { project, files, stubs } = planned;
  const previous = await readPrevious(join(project.out, 'contract.json'));
  const removals: string[] = [];
  const warnings: Diagnostic[] = [];
  const generated = [...new Set([project.out, handlersOut(project)])];
  const ours = await Promise.all(generated.map((out) => sourceFiles(out, { recursive: false })));
  for (const path of ours.flat()) {
    if (!files.has(path) && (await readFile(path, 'utf8')).includes(mark)) removals.push(path);
  }
  for (const path of await sourceFiles(project.handlers, { recursive: true })) {
    if (files.has(path) || stubs.has(path)) continue;
    const text = await readFile(path, 'utf8');
    const gone = goneTask(path, previous, planned);
    if (
      gone &&
      same(text, emitStub({ args: gone.args, doc: gone.doc ?? '', name: gone.name }, planned.stub))
    ) {
      removals.push(path);
    } else if (gone || isHandler(text)) {
      warnings.push(orphan(path, gone, previous, planned));
    }
  }
  return { removals: [...new Set(removals)].sort(), warnings };
}

type GoneTask = WrittenTask & { readonly name: string };

/** The earlier contract; null if there is none that can be read. */
async function readPrevious(path: string): Promise<WrittenContract | null> {
  try {
    const contract = JSON.parse(await readFile(path, 'utf8')) as Partial<WrittenContract> | null;
    return contract?.tasks ? (contract as WrittenContract) : null;
  } catch {
    return null;
  }
}

async function sourceFiles(folder: string, how: { recursive: boolean }): Promise<string[]> {
  const entries = await readdir(folder, { ...how, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`))
    .sort();
}

function goneTask(
  path: string,
  previous: WrittenContract | null,
  { project, layout }: Planned,
): GoneTask | null {
  const place = relative(project.root, path).split(sep).join('/');
  for (const [name, task] of Object.entries(previous?.tasks ?? {})) {
    if (handlerPath(layout, name) === place) return { name, ...task };
  }
  return null;
}

/** A file that looks like a handler of ours: helpers beside the handlers are no business of ours. */
function isHandler(text: string): boolean {
  return /^export const handler: \w+Handler\b/m.test(text);
}

function orphan(
  path: string,
  gone: GoneTask | null,
  previous: WrittenContract | null,
  { project, layout, model }: Planned,
): Diagnostic {
  const place = { file: path, line: 1, column: 1, length: 1, text: '' };
  const heir = gone && heirOf(gone, previous, model);
  const old = relative(project.root, path).split(sep).join('/');
  const what = gone
    ? `The task \`${gone.name}\` of this handler is gone`
    : 'No task has this handler';
  const advice = heir
    ? `If it is \`${heir.name}\` now: git mv -f ${old} ${handlerPath(layout, heir.name)}`
    : 'Delete the file, or move it to where its task is now.';
  return diagnostic('OrphanHandler', place, `${what}. ${advice}`, { severity: 'warning' });
}

/** A new task of the same shape: probably the old one under another name. */
function heirOf(
  gone: GoneTask,
  previous: WrittenContract | null,
  { tasks }: ManifestModel,
): TaskModel | null {
  const shape = ({ args, result, definitions }: Partial<TaskModel['contract']>) =>
    JSON.stringify([args, result, definitions ?? {}]);
  const shapeOf = (task: TaskModel['contract']) => canonical(shape(task));
  const wanted = shapeOf(gone);
  const alike = tasks.filter(
    ({ name, contract }) =>
      !Object.hasOwn(previous?.tasks ?? {}, name) && shapeOf(contract) === wanted,
  );
  return alike.length === 1 ? (alike[0] as TaskModel) : null;
}

/** JSON with its keys in one order. */
function canonical(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function same(text: string, expected: string): boolean {
  return text.replaceAll('\r\n', '\n') === expected;
}
