import type { ArgsVersion, TaskContract } from '../../runtime/contract/types.js';
import type { ImportExtension, ManifestModel, TaskModel } from '../model.js';
import { typeName, variableName } from '../names.js';
import { docComment } from './comment.js';
import { declare } from './declare.js';
import { header } from './header.js';
import { importPath, type Layout, upcastersPath, upcastPath } from './layout.js';
import { propertyName, quote } from './literal.js';
import { shapeText } from './shape-text.js';
import { renderTemplate } from './template.js';
import type { TypeNames } from './type-names.js';

/** The versions of a task's args that rows may still hold beside the present one, oldest first: such keys come in ascending order. */
export function olderVersions({ history = {} }: Pick<TaskContract, 'history'>): number[] {
  return Object.keys(history).map(Number);
}

export function hasUpcasters({ tasks }: ManifestModel): boolean {
  return tasks.some(({ contract }) => contract.history !== undefined);
}

/** The types of a task's older args, and of the steps that lead on from each; nothing for a task without them. */
export function upcastTypes(task: TaskModel, names: TypeNames): string[] {
  const versions = olderVersions(task.contract);
  if (versions.length === 0) return [];
  const { history = {} } = task.contract;
  const olds = versions.flatMap((version) =>
    argsTypes(task, version, history[version] as ArgsVersion, names),
  );
  const steps = versions.map((version, index) => {
    const next = versions[index + 1];
    const to = next === undefined ? names.args(task) : names.argsVersion(task, next);
    return `  readonly ${version}: (args: ${names.argsVersion(task, version)}) => ${to};\n`;
  });
  return [
    ...olds,
    `${docComment(`From each older version of the args of \`${task.name}\` to the next one.`)}export type ${names.upcast(task)} = {\n${steps.join('')}};\n`,
  ];
}

function argsTypes(
  task: TaskModel,
  version: number,
  { args, definitions = {} }: ArgsVersion,
  names: TypeNames,
): string[] {
  const nameOf = (ref: string) => names.definitionVersion(task, version, ref);
  const doc = docComment(`What callers of \`${task.name}\` passed in version ${version}.`);
  const name = names.argsVersion(task, version);
  return [
    doc +
      (args === null ? `export type ${name} = void;\n` : declare(name, shapeText(args), nameOf)),
    ...Object.entries(definitions).map(([ref, shape]) =>
      declare(nameOf(ref), shapeText(shape), nameOf),
    ),
  ];
}

/** `handlers/upcasters.ts`: every upcaster by its task. It leads to no handler, so that rows can be read without what a worker needs. */
export function emitUpcasters(model: ManifestModel, layout: Layout): string {
  const file = upcastersPath(layout);
  const path = (to: string) => quote(importPath(file, to, model.extension));
  const tasks = model.tasks.filter(({ contract }) => contract.history !== undefined);
  const variable = (name: string) => `${variableName(name)}Upcast`;
  const imports = tasks.map(
    ({ name }) =>
      `import { upcast as ${variable(name)} } from ${path(upcastPath(layout, name))};\n`,
  );
  const entries = tasks.map(({ name }) => `  ${propertyName(name)}: ${variable(name)},\n`);
  return [
    header(file, layout.manifest),
    `import type { Upcasters } from ${path(`${layout.handlersOut}/handlers.ts`)};\n${imports.join('')}`,
    `/** What brings older args up to date. */\nexport const upcasters: Upcasters = {\n${entries.join('')}};\n`,
  ].join('\n');
}

/** What an upcaster begins with: all of it is in contract.json, so that an untouched one can be told later. */
export interface UpcastStub {
  readonly name: string;
  readonly versions: readonly number[];
}

export interface UpcastStubOptions {
  readonly layout: Layout;
  readonly extension: ImportExtension;
  /** The text of templates/upcast.ts. */
  readonly template: string;
}

/** The upcaster that a task begins with: it compiles only where older args fit as they are. */
export function emitUpcastStub(
  { name, versions }: UpcastStub,
  { layout, extension, template }: UpcastStubOptions,
): string {
  return renderTemplate(template, {
    __Task__: typeName(name),
    __name__: name,
    './__handlers__.js': importPath(
      upcastPath(layout, name),
      `${layout.handlersOut}/handlers.ts`,
      extension,
    ),
    '  // __steps__\n': versions.map((version) => `  ${version}: (args) => args,\n`).join(''),
  });
}
