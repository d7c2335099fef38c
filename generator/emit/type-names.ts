import type { ManifestModel, TaskModel } from '../model.js';
import { typeName } from '../names.js';

/** The names of all generated types, no two alike. */
export interface TypeNames {
  args(task: TaskModel): string;
  parsedArgs(task: TaskModel): string;
  result(task: TaskModel): string;
  returned(task: TaskModel): string;
  handler(task: TaskModel): string;
  definition(task: TaskModel, name: string): string;
  /** The args of an older version, and a definition that they use. */
  argsVersion(task: TaskModel, version: number): string;
  definitionVersion(task: TaskModel, version: number, name: string): string;
  upcast(task: TaskModel): string;
  /** The interface of one group of `enqueue` or `call`. */
  group(kind: 'Enqueue' | 'Call', path: string): string;
}

/** What an application names beside its own tasks; without these in `client.ts`, its declarations could not be written. */
export const reexported: readonly string[] = [
  'AnyJobEvent',
  'AnyTx',
  'CallOptions',
  'CallTask',
  'ClientOptions',
  'EnqueueMiddleware',
  'EnqueueOptions',
  'EnqueueTask',
  'EventFilter',
  'ItemOptions',
  'JobEventType',
  'JobFilter',
  'JobHandle',
  'JobInfo',
  'Jobs',
  'JobStatus',
  'PauseTarget',
  'Progress',
  'RemoteError',
  'ResultOptions',
];

/** Names that generated files use for themselves. */
const own: readonly string[] = [
  ...reexported,
  'ArgsOf',
  'AsyncDisposable',
  'Call',
  'CallGroups',
  'CallLevel',
  'Client',
  'Context',
  'Contract',
  'Date',
  'Enqueue',
  'EnqueueGroups',
  'EnqueueLevel',
  'EnqueueTaskWithoutArgs',
  'Handler',
  'Handlers',
  'Json',
  'Manifest',
  'Map',
  'ParsedArgsOf',
  'Promise',
  'ReadonlyMap',
  'ReadonlySet',
  'Progress',
  'Record',
  'ResultOf',
  'ReturnedOf',
  'Set',
  'StandaloneContract',
  'StandaloneOptions',
  'Tasks',
  'Uint8Array',
  'Upcasters',
  'URL',
];

/**
 * The names that people write (args, result, handler) are always as expected: reading refuses tasks that share them.
 * Every other one gets a number if it is taken.
 */
export function typeNames({ tasks, groups }: ManifestModel): TypeNames {
  const taken = new Set(own);
  const given = new Map<string, string>();
  const give = (key: string, wanted: string) => {
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
    taken.add(name);
    given.set(key, name);
  };
  for (const { name } of tasks) {
    for (const end of ['Args', 'Result', 'Handler']) give(`${name} ${end}`, typeName(name) + end);
  }
  for (const { name, contract } of tasks) {
    const { history } = contract;
    if (history === undefined) continue;
    give(`${name} Upcast`, `${typeName(name)}Upcast`);
    for (const [version, { definitions = {} }] of Object.entries(history)) {
      give(`${name} V${version}`, `${typeName(name)}ArgsV${version}`);
      for (const definition of Object.keys(definitions)) {
        give(`${name} V${version} #${definition}`, `${typeName(name)}V${version}${definition}`);
      }
    }
  }
  for (const { name, types, definitions } of tasks) {
    if (types.parsedArgs) give(`${name} ParsedArgs`, `${typeName(name)}ParsedArgs`);
    if (types.returned) give(`${name} Returned`, `${typeName(name)}Returned`);
    for (const definition of definitions) {
      give(`${name} #${definition.name}`, typeName(name) + definition.name);
    }
  }
  for (const path of groups) {
    for (const kind of ['Enqueue', 'Call']) give(`${kind} ${path}`, kind + typeName(path));
  }
  const get = (key: string) => {
    const name = given.get(key);
    if (name === undefined) throw new Error(`No type name was given to ${key}.`);
    return name;
  };
  return {
    args: ({ name }) => get(`${name} Args`),
    parsedArgs: (task) => get(`${task.name} ${task.types.parsedArgs ? 'ParsedArgs' : 'Args'}`),
    result: ({ name }) => get(`${name} Result`),
    returned: (task) => get(`${task.name} ${task.types.returned ? 'Returned' : 'Result'}`),
    handler: ({ name }) => get(`${name} Handler`),
    definition: ({ name }, ref) => get(`${name} #${ref}`),
    argsVersion: ({ name }, version) => get(`${name} V${version}`),
    definitionVersion: ({ name }, version, ref) => get(`${name} V${version} #${ref}`),
    upcast: ({ name }) => get(`${name} Upcast`),
    group: (kind, path) => get(`${kind} ${path}`),
  };
}
