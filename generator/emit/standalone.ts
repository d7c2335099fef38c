import type { ClientTaskContract, Contract, Shape } from '../../runtime/contract/types.js';
import type { ManifestModel, TaskModel, TypeText } from '../model.js';
import { referredTo } from './client.js';
import { docComment } from './comment.js';
import { sorted } from './contract.js';
import { declare } from './declare.js';
import { tagTexts } from './handlers.js';
import { header } from './header.js';
import type { ContractLayout } from './layout.js';
import { literal, propertyName } from './literal.js';
import { shapeText } from './shape-text.js';
import type { TypeNames } from './type-names.js';

/** `generated/standalone.ts`: a client in one file, which imports neither the manifest nor what the manifest imports. */
export function emitStandalone(
  model: ManifestModel,
  names: TypeNames,
  layout: ContractLayout,
  contract: Contract,
): string {
  const types = model.tasks.map((task) => taskTypes(task, names)).join('\n');
  return [
    header(`${layout.out}/standalone.ts`, layout.manifest),
    imports(model, types),
    reexports,
    types,
    groups(model, names),
    client,
    data(contract),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const reexports = `export type {
  EnqueueOptions,
  EnqueueTask,
  EnqueueTaskWithoutArgs,
  JobHandle,
  Progress,
  RemoteError,
  ResultOptions,
  StandaloneOptions,
} from 'pgsched/standalone';
`;

const client = `/** Enqueues the jobs of this project. */
export interface Client {
  readonly enqueue: Enqueue;
}

/**
 * A client of this project's tasks that needs nothing but \`query\`. It checks args by their types before it sends them; what
 * the code of a schema checks or fills in, the worker does before it runs the job.
 */
export function createClient(options: StandaloneOptions): Client {
  return bindStandalone<Client>(contract as StandaloneContract, options);
}
`;

function imports({ tasks }: ManifestModel, types: string): string {
  const uses = (kind: string) =>
    tasks.some(({ types: { args } }) => (args.kind === 'void') === (kind === 'void'));
  const list = [
    'bindStandalone',
    uses('args') ? 'type EnqueueTask' : '',
    uses('void') ? 'type EnqueueTaskWithoutArgs' : '',
    /\bJson\b/.test(types) ? 'type Json' : '',
    'type StandaloneContract',
    'type StandaloneOptions',
  ].filter((name) => name !== '');
  return `import {\n${list.map((name) => `  ${name},\n`).join('')}} from 'pgsched/standalone';\n`;
}

/** The types of what callers pass and get, and of what these refer to. */
function taskTypes(task: TaskModel, names: TypeNames): string {
  const { contract } = task;
  const nameOf = (ref: string) => names.definition(task, ref);
  const sides = [
    { side: 'args', name: names.args(task), doc: `What callers of \`${task.name}\` pass.` },
    { side: 'result', name: names.result(task), doc: `What callers of \`${task.name}\` get.` },
  ] as const;
  const texts: TypeText[] = [];
  const declared = sides.map(({ side, name, doc }) => {
    const text = typeOf(task, side);
    if (text !== null) texts.push(text);
    return docComment(doc) + declare(name, text ?? 'void', nameOf);
  });
  const definitions = definitionsOf(task);
  const used = referredTo(texts, definitions);
  return [
    ...declared,
    ...definitions
      .filter(({ name }) => used.has(name))
      .map(({ name, text }) => declare(nameOf(name), text, nameOf)),
  ].join('\n');

  function definitionsOf({ types, definitions }: TaskModel): TaskModel['definitions'] {
    if (types.args.kind !== 'manifest' && types.result.kind !== 'manifest') return definitions;
    return Object.entries(contract.definitions ?? {}).map(([name, shape]) => ({
      name,
      text: shapeText(shape),
    }));
  }
}

/** The type as the manifest says it; where only the manifest's own type could, what its shape lets pass. */
function typeOf({ types, contract }: TaskModel, side: 'args' | 'result'): TypeText | null {
  const type = types[side];
  if (type.kind === 'text') return type.text;
  return type.kind === 'void' ? null : shapeText(contract[side] as Shape);
}

/** An interface for the root of `enqueue` and for each group. */
function groups({ groups: paths, tasks }: ManifestModel, names: TypeNames): string {
  const parentOf = (path: string) => path.split('.').slice(0, -1).join('.');
  const lastOf = (path: string) => propertyName(path.split('.').at(-1) as string);
  const level = (name: string, path: string) => {
    const members = [
      ...tasks
        .filter((task) => parentOf(task.name) === path)
        .map((task) => `${docOf(task)}  readonly ${lastOf(task.name)}: ${enqueueType(task)};\n`),
      ...paths
        .filter((group) => group !== path && parentOf(group) === path)
        .map((group) => `  readonly ${lastOf(group)}: ${names.group('Enqueue', group)};\n`),
    ];
    return `export interface ${name} ${members.length === 0 ? '{}' : `{\n${members.join('')}}`}\n`;
  };
  const enqueueType = (task: TaskModel) =>
    task.types.args.kind === 'void'
      ? `EnqueueTaskWithoutArgs<${names.result(task)}>`
      : `EnqueueTask<${names.args(task)}, ${names.result(task)}>`;
  return [
    level('Enqueue', ''),
    ...paths.map((path) => level(names.group('Enqueue', path), path)),
  ].join('\n');
}

function docOf({ doc, deprecated, tags }: TaskModel): string {
  const all = deprecated === null ? tags : [...tags, { name: 'deprecated', text: deprecated }];
  return docComment([doc, tagTexts(all)].filter((part) => part !== '').join('\n\n'), '  ');
}

function data({ schema, tasks }: Contract): string {
  // Its type is asserted: to check it would cost a compiler more than all the rest.
  const head = 'const contract: unknown = ';
  const parts = Object.fromEntries(
    Object.entries(tasks).map(([name, task]) => [name, clientPart(task)]),
  );
  return `${head}${literal(sorted({ schema, tasks: parts }), '', head.length + 1)};\n`;
}

function clientPart(task: ClientTaskContract): Omit<ClientTaskContract, 'schemas'> {
  const { version, topic, priority, key, keyScope, onConflict, args, result, definitions } = task;
  return {
    ...{ version, topic, priority, key, keyScope, onConflict, args, result },
    ...(definitions ? { definitions } : {}),
  };
}
