import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Contract } from '../runtime/contract/types.js';
import { heirOf } from './compare/tasks.js';
import { type Diagnostic, diagnostic, wholeFile } from './diagnostic.js';
import type { WrittenContract, WrittenTask } from './emit/contract.js';
import type { StubTemplates } from './emit/emit.js';
import { mark } from './emit/header.js';
import { handlerPath, type Layout, upcastPath } from './emit/layout.js';
import { emitStub } from './emit/stub.js';
import { emitUpcastStub, olderVersions } from './emit/upcast.js';
import type { ManifestModel } from './model.js';
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
  const removals: string[] = [];
  const warnings: Diagnostic[] = [];
  const folders = [...new Set([project.out, handlersOut(project)])];
  const generated = await Promise.all(
    folders.map((folder) => filesIn(folder, '.ts', { recursive: false })),
  );
  const schemas = await filesIn(join(project.out, 'schemas'), '.json', { recursive: true });
  for (const path of [...generated.flat(), ...schemas]) {
    if (!files.has(path) && (await readFile(path, 'utf8')).includes(mark)) removals.push(path);
  }
  for (const path of await filesIn(project.handlers, '.ts', { recursive: true })) {
    if (files.has(path) || stubs.has(path)) continue;
    const text = await readFile(path, 'utf8');
    const gone = goneTask(path, previous, planned);
    if (text.includes(mark) || (gone && same(text, asWritten(path, gone, planned)))) {
      removals.push(path);
    } else if (gone || isOurs(text)) {
      warnings.push(orphan(path, gone, planned));
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
  { project, layout }: Planned,
): GoneTask | null {
  const place = relative(project.root, path).split(sep).join('/');
  for (const [name, task] of Object.entries(previous?.tasks ?? {})) {
    const own = isUpcast(path) ? upcastPath(layout, name) : handlerPath(layout, name);
    if (own === place) return { name, ...task };
  }
  return null;
}

/** The file as we wrote it first. */
function asWritten(path: string, gone: GoneTask, { layout, model, templates }: Planned): string {
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

function orphan(
  path: string,
  gone: GoneTask | null,
  { project, previous, contract, layout, model }: Planned,
): Diagnostic {
  const place = wholeFile(path);
  if (isUpcast(path) && (gone === null || model.tasks.some(({ name }) => name === gone.name))) {
    const needless =
      'Nothing needs this upcaster: its task has no older args that rows may still hold. Delete the file.';
    return diagnostic('OrphanHandler', place, needless, { severity: 'warning' });
  }
  const heir =
    gone && previous && (successorOf(gone, model) ?? heirOf(gone.name, previous, contract));
  const old = relative(project.root, path).split(sep).join('/');
  const what = gone
    ? `The task \`${gone.name}\` of this handler is gone`
    : 'No task has this handler';
  const pathOf = isUpcast(path) ? upcastPath : handlerPath;
  const advice = heir
    ? `If it is \`${heir}\` now: ${sayFormerly(gone, model)}git mv -f ${old} ${pathOf(layout, heir)}`
    : 'Delete the file, or move it to where its task is now.';
  return diagnostic('OrphanHandler', place, `${what}. ${advice}`, { severity: 'warning' });
}

/** The task that says that it was this one. */
function successorOf({ name }: GoneTask, { tasks }: ManifestModel): string | undefined {
  return tasks.find(({ contract }) => contract.formerly?.includes(name))?.name;
}

/** What keeps jobs, keys and old callers with a task that was renamed. */
function sayFormerly(gone: GoneTask, model: ManifestModel): string {
  return successorOf(gone, model) === undefined
    ? `add \`formerly: ['${gone.name}']\` to its options, and `
    : '';
}

function same(text: string, expected: string): boolean {
  return text.replaceAll('\r\n', '\n') === expected;
}
