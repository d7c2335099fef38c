import type { ManifestModel, TaskModel, TypeModel, TypeText } from '../model.js';
import { docComment } from './comment.js';
import { declare } from './declare.js';
import { header } from './header.js';
import { type ContractLayout, importPath } from './layout.js';
import { propertyName, quote } from './literal.js';
import { reexported, type TypeNames } from './type-names.js';

/** `generated/client.ts`: the types of every task, and the client over the manifest's levels. */
export function emitClient(model: ManifestModel, names: TypeNames, layout: ContractLayout): string {
  const file = `${layout.out}/client.ts`;
  const types = model.tasks.map((task) => taskTypes(task, names)).join('\n');
  const rest = [
    tasksTable(model, names),
    levels('Enqueue', model, names),
    levels('Call', model, names),
    client,
    createClient(model),
  ].join('\n');
  return [
    header(file, layout.manifest),
    imports(model, layout, `${types}${rest}`),
    reexports,
    types,
    rest,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Whether the manifest is needed at run time: only for schemas. */
export function needsManifest({ tasks }: ManifestModel): boolean {
  return tasks.some(({ contract: { schemas } }) => schemas.args || schemas.result);
}

const reexports = `export type {
${reexported.map((name) => `  ${name},\n`).join('')}} from 'pgsched/client';
`;

const client = `/** Enqueues, calls and reads the jobs of this project. */
export interface Client extends AsyncDisposable {
  readonly enqueue: Enqueue;
  readonly call: Call;
  readonly jobs: Jobs<Tasks>;
  /** Ends the client's own connections; a pool that was passed in stays open. */
  close(): Promise<void>;
}
`;

function imports(model: ManifestModel, { manifest, out }: ContractLayout, body: string): string {
  const file = `${out}/client.ts`;
  const used = (name: string) => new RegExp(`\\b${name}\\b`).test(body);
  const helpers = ['ArgsOf', 'ParsedArgsOf', 'ResultOf', 'ReturnedOf'].filter(used);
  const types = ['CallLevel', 'ClientOptions', 'EnqueueLevel', 'Jobs', ...helpers].sort();
  const list = ['bindClient', ...types.map((name) => `type ${name}`)].map((name) => `  ${name},\n`);
  const contract = importPath(file, `${out}/contract.ts`, model.extension);
  const tasks = importPath(file, manifest, model.extension);
  return [
    used('Json') ? "import type { Json } from 'pgsched';\n" : '',
    `import {\n${list.join('')}} from 'pgsched/client';\n`,
    `import ${needsManifest(model) ? '' : 'type '}manifest from ${quote(tasks)};\n`,
    `import { contract } from ${quote(contract)};\n`,
  ].join('');
}

function taskTypes(task: TaskModel, names: TypeNames): string {
  const { types } = task;
  const parts = [
    declaration(task, 'args', names.args(task), types.args, names),
    types.parsedArgs &&
      declaration(task, 'parsedArgs', names.parsedArgs(task), types.parsedArgs, names),
    declaration(task, 'result', names.result(task), types.result, names),
    types.returned && declaration(task, 'returned', names.returned(task), types.returned, names),
    ...usedDefinitions(task).map(({ name, text }) =>
      declare(names.definition(task, name), text, (ref) => names.definition(task, ref)),
    ),
  ];
  return parts.filter((part) => part !== null).join('\n');
}

const sides = {
  args: { what: 'What callers of', verb: 'pass', of: 'ArgsOf' },
  parsedArgs: { what: 'What the handler of', verb: 'gets', of: 'ParsedArgsOf' },
  result: { what: 'What callers of', verb: 'get', of: 'ResultOf' },
  returned: { what: 'What the handler of', verb: 'returns', of: 'ReturnedOf' },
} as const;

function declaration(
  task: TaskModel,
  side: keyof typeof sides,
  name: string,
  type: TypeModel,
  names: TypeNames,
): string {
  const { what, verb, of } = sides[side];
  const doc = docComment(`${what} \`${task.name}\` ${verb}.`);
  if (type.kind === 'text') {
    return doc + declare(name, type.text, (ref) => names.definition(task, ref));
  }
  const text = type.kind === 'void' ? 'void' : `${of}<Manifest${indexes(task.name)}>`;
  return `${doc}export type ${name} = ${text};\n`;
}

/** The definitions that this task's written types refer to. */
function usedDefinitions(task: TaskModel): TaskModel['definitions'] {
  const texts = Object.values(task.types).flatMap((type) =>
    type?.kind === 'text' ? [type.text] : [],
  );
  const used = referredTo(texts, task.definitions);
  return task.definitions.filter(({ name }) => used.has(name));
}

/** The names of the definitions that these types refer to, also through each other. */
export function referredTo(
  texts: readonly TypeText[],
  definitions: TaskModel['definitions'],
): ReadonlySet<string> {
  const used = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { ref } = value as { ref?: string };
    if (typeof ref === 'string' && !used.has(ref)) {
      used.add(ref);
      collect(definitions.find(({ name }) => name === ref)?.text);
    }
    for (const part of Object.values(value)) collect(part);
  };
  for (const text of texts) collect(text);
  return used;
}

function tasksTable({ tasks }: ManifestModel, names: TypeNames): string {
  const lines = tasks.map((task) => {
    const parts = [`args: ${names.args(task)};`, `result: ${names.result(task)};`];
    const head = `  readonly ${propertyName(task.name)}: {`;
    const flat = `${head} ${parts.join(' ').slice(0, -1)} };`;
    return flat.length <= 100 ? `${flat}\n` : `${head}\n    ${parts.join('\n    ')}\n  };\n`;
  });
  return `export type Manifest = typeof manifest;

/** Every task by its name. */
export interface Tasks ${braces(lines)}
`;
}

/** The root of `enqueue` or `call`, its groups by path, and an interface for each. */
function levels(kind: 'Enqueue' | 'Call', { groups }: ManifestModel, names: TypeNames): string {
  const table = groups.map(
    (path) => `  readonly ${propertyName(path)}: ${names.group(kind, path)};\n`,
  );
  const interfaces = groups.map((path) => {
    const head = `export interface ${names.group(kind, path)}`;
    const level = `${kind}Level<Manifest${indexes(path)}, Tasks, ${kind}Groups, ${quote(`${path}.`)}>`;
    const flat = `${head} extends ${level} {}
`;
    return flat.length <= 101
      ? flat
      : `${head}
  extends ${level} {}
`;
  });
  return `export interface ${kind}Groups ${braces(table)}

export interface ${kind} extends ${kind}Level<Manifest, Tasks, ${kind}Groups> {}
${interfaces.join('')}`;
}

function createClient(model: ManifestModel): string {
  return `/** A client of this project's tasks. Nothing is opened before first use. */
export function createClient(options: ClientOptions = {}): Client {
  return bindClient<Client>(contract, ${needsManifest(model) ? 'manifest' : 'null'}, options);
}
`;
}

function braces(lines: readonly string[]): string {
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}}`;
}

function indexes(path: string): string {
  return path
    .split('.')
    .map((segment) => `[${quote(segment)}]`)
    .join('');
}
