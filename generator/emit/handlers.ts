import type { ManifestModel, TaskModel } from '../model.js';
import { docComment } from './comment.js';
import { header } from './header.js';
import { contractPath, importPath, type Layout } from './layout.js';
import { propertyName, quote } from './literal.js';
import type { TypeNames } from './type-names.js';
import { upcastTypes } from './upcast.js';

/** `generated/handlers.ts`: what each handler must be. */
export function emitHandlers(model: ManifestModel, names: TypeNames, layout: Layout): string {
  const file = `${layout.handlersOut}/handlers.ts`;
  const { tasks } = model;
  const imported = new Set(tasks.flatMap((task) => [names.parsedArgs(task), names.returned(task)]));
  const upcasts = tasks.map((task) => upcastTypes(task, names));
  const older = new Set(
    tasks.filter((_, index) => upcasts[index]?.length).map((task) => names.args(task)),
  );
  const list = [...new Set([...imported, ...older])].sort().map((name) => `  ${name},\n`);
  const client = contractPath(layout, file, `${layout.out}/client.ts`, model.extension);
  const types = tasks.map((task) => {
    const parts = [names.parsedArgs(task), names.returned(task), 'Context'];
    const head = `export type ${names.handler(task)} = Handler<`;
    const flat = `${head}${parts.join(', ')}>;\n`;
    const broken = `${head}\n${parts.map((part) => `  ${part}`).join(',\n')}\n>;\n`;
    return docComment(docOf(task)) + (flat.length <= 101 ? flat : broken);
  });
  const upcasters = tasks
    .filter(({ contract }) => contract.history !== undefined)
    .map((task) => `  readonly ${propertyName(task.name)}: ${names.upcast(task)};\n`);
  const table = tasks.map(
    (task) => `  readonly ${propertyName(task.name)}: ${names.handler(task)};\n`,
  );
  return [
    header(file, layout.manifest),
    `${vocabulary(layout, upcasts.flat().join('\n'))}${
      tasks.length > 0 ? "import type { Handler } from 'pgsched/worker';\n" : ''
    }${setup(file, model, layout)}${
      list.length > 0 ? `import type {\n${list.join('')}} from ${quote(client)};\n` : ''
    }`,
    layout.worker === null
      ? `/** What \`job.context\` is. */\nexport type Context = undefined;\n`
      : `/** What \`job.context\` is: what the worker file makes. */\nexport type Context = typeof setup extends WorkerSetup<infer C> ? C : never;\n`,
    ...types,
    ...upcasts.flat(),
    upcasters.length > 0
      ? `/** What brings older args up to date. */\nexport type Upcasters = {\n${upcasters.join('')}};\n`
      : '',
    `/** A handler for every task. */\nexport type Handlers = {\n${table.join('')}};\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** What the file takes from pgsched itself. */
function vocabulary({ worker }: Layout, types: string): string {
  const names = [
    ...(/\bJson\b/.test(types) ? ['Json'] : []),
    ...(worker === null ? [] : ['WorkerSetup']),
  ];
  return names.length === 0 ? '' : `import type { ${names.join(', ')} } from 'pgsched';\n`;
}

/**
 * A task's doc and its tags. That it is deprecated is said in words: the tag would strike through its handler, which must stay as
 * long as the task does.
 */
function docOf({ doc, deprecated, tags }: TaskModel): string {
  const note = deprecated === null ? '' : `Deprecated. ${deprecated}`.trim();
  return [doc, note, tagTexts(tags)].filter((part) => part !== '').join('\n\n');
}

/** The tags of a doc comment as they stand in one. */
export function tagTexts(tags: TaskModel['tags']): string {
  const texts = tags.map(({ name, text }) => {
    const gap = text === '' ? '' : text.includes('\n') ? '\n' : ' ';
    return `@${name}${gap}${text}`;
  });
  return texts.join('\n');
}

function setup(file: string, { extension }: ManifestModel, { worker }: Layout): string {
  return worker === null
    ? ''
    : `import type setup from ${quote(importPath(file, worker, extension))};\n`;
}
