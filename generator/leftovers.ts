import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Contract } from '../runtime/contract/types.js';
import { heirOf } from './compare/tasks.js';
import { type Diagnostic, diagnostic, wholeFile } from './diagnostic.js';
import type { WrittenContract, WrittenTask } from './emit/contract.js';
import type { StubTemplates, WorkerSide } from './emit/emit.js';
import { mark } from './emit/header.js';
import { handlerPath, upcastPath } from './emit/layout.js';
import { emitStub } from './emit/stub.js';
import { emitUpcastStub, olderVersions } from './emit/upcast.js';
import type { Project } from './project.js';

export interface Leftovers {
  /** Files of ours that no longer belong. */
  readonly removals: readonly string[];
  /** Handlers of the user that no task has. */
  readonly warnings: readonly Diagnostic[];
}

export interface Planned {
  readonly project: Project;
  readonly workers: readonly WorkerSide[];
  readonly files: ReadonlyMap<string, string>;
  readonly stubs: ReadonlyMap<string, string>;
  readonly contract: Contract;
  /** The contract that the last run has written. */
  readonly previous: WrittenContract | null;
  readonly templates: StubTemplates;
}

/**
 * What earlier runs left behind: generated files that are made no more, and handlers of tasks that are gone. A stub that is
 * still what we wrote goes; one that was edited is the user's and is only reported.
 */
export async function findLeftovers(planned: Planned): Promise<Leftovers> {
  const { project, previous, files, stubs } = planned;
  const { root, out } = project;
  const removals: string[] = [];
  const warnings: Diagnostic[] = [];
  const folders = [...new Set([out, ...project.workers.map((worker) => worker.out)])];
  const generated = await Promise.all(
    folders.map((folder) => filesIn(folder, '.ts', { recursive: false })),
  );
  const schemas = await filesIn(join(out, 'schemas'), '.json', { recursive: true });
  for (const path of [...generated.flat(), ...schemas]) {
    if (!files.has(path) && (await readFile(path, 'utf8')).includes(mark)) removals.push(path);
  }
  for (const worker of planned.workers) {
    for (const path of await filesIn(join(root, worker.layout.handlers), '.ts', {
      recursive: true,
    })) {
      if (files.has(path) || stubs.has(path)) continue;
      const text = await readFile(path, 'utf8');
      const gone = goneTask(path, previous, root, worker);
      if (text.includes(mark) || (gone && same(text, asWritten(path, gone, worker, planned)))) {
        removals.push(path);
      } else if (gone || isOurs(text)) {
        const message = whyOrphan(path, gone, worker, planned);
        warnings.push(
          diagnostic('OrphanHandler', wholeFile(path), message, { severity: 'warning' }),
        );
      }
    }
  }
  return { removals: [...new Set(removals)].sort(), warnings };
}

type GoneTask = WrittenTask & { readonly name: string };

async function filesIn(
  folder: string,
  ending: string,
  how: { recursive: boolean },
): Promise<string[]> {
  const entries = await readdir(folder, { ...how, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`))
    .sort();
}

function goneTask(
  path: string,
  previous: WrittenContract | null,
  root: string,
  { layout }: WorkerSide,
): GoneTask | null {
  const place = relative(root, path).split(sep).join('/');
  for (const [name, task] of Object.entries(previous?.tasks ?? {})) {
    const own = isUpcast(path) ? upcastPath(layout, name) : handlerPath(layout, name);
    if (own === place) return { name, ...task };
  }
  return null;
}

/** The file as we wrote it first. */
function asWritten(
  path: string,
  gone: GoneTask,
  { layout, model }: WorkerSide,
  { templates }: Planned,
): string {
  const { name, doc = '', args } = gone;
  const { extension } = model;
  return isUpcast(path)
    ? emitUpcastStub(
        { name, versions: olderVersions(gone) },
        { layout, extension, template: templates.upcast },
      )
    : emitStub({ name, doc, args }, { layout, extension, template: templates.handler });
}

function isUpcast(path: string): boolean {
  return path.endsWith('.upcast.ts');
}

/** A file that looks like one of ours: helpers beside the handlers are no business of ours. */
function isOurs(text: string): boolean {
  return /^export const (handler: \w+Handler|upcast: \w+Upcast)\b/m.test(text);
}

/** Why a handler or an upcaster belongs to no task, and what to do with it. */
function whyOrphan(
  path: string,
  gone: GoneTask | null,
  worker: WorkerSide,
  { project, previous, contract, workers }: Planned,
): string {
  const ownerOf = (task: string) =>
    workers.find(({ model }) => model.tasks.some(({ name }) => name === task));
  const owner = gone && ownerOf(gone.name);
  if (isUpcast(path) && (gone === null || owner === worker)) {
    return 'Nothing needs this upcaster: its task has no older args that rows may still hold. Delete the file.';
  }
  if (gone === null) return `No task has this handler. ${toDelete}`;
  const moveTo = (task: string) => {
    const { layout } = ownerOf(task) ?? worker;
    const old = relative(project.root, path).split(sep).join('/');
    return `git mv -f ${old} ${isUpcast(path) ? upcastPath(layout, task) : handlerPath(layout, task)}`;
  };
  if (owner) return `\`${gone.name}\` is another worker's task now: ${moveTo(gone.name)}`;
  const successor = successorOf(gone, workers);
  const heir = successor ?? (previous && heirOf(gone.name, previous, contract));
  const advice = heir
    ? `If it is \`${heir}\` now: ${successor ? '' : `add \`formerly: ['${gone.name}']\` to its options, and `}${moveTo(heir)}`
    : toDelete;
  return `The task \`${gone.name}\` of this handler is gone. ${advice}`;
}

const toDelete = 'Delete the file, or move it to where its task is now.';

/** The task that says that it was this one: its jobs, keys and old callers stay with it. */
function successorOf({ name }: GoneTask, workers: readonly WorkerSide[]): string | undefined {
  return workers
    .flatMap(({ model }) => model.tasks)
    .find(({ contract }) => contract.formerly?.includes(name))?.name;
}

function same(text: string, expected: string): boolean {
  return text.replaceAll('\r\n', '\n') === expected;
}
