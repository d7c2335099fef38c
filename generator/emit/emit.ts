import type { Contract } from '../../runtime/contract/types.js';
import type { ManifestModel, TaskModel } from '../model.js';
import { emitClient } from './client.js';
import { contractOf, emitContract, emitContractJson } from './contract.js';
import { emitHandlers } from './handlers.js';
import { emitJsonSchema } from './json-schema.js';
import {
  type ContractLayout,
  handlerPath,
  type Layout,
  schemaPath,
  upcastersPath,
  upcastPath,
} from './layout.js';
import { emitRegistry } from './registry.js';
import { emitStandalone } from './standalone.js';
import { emitStub } from './stub.js';
import { emitTesting } from './testing.js';
import { type TypeNames, typeNames } from './type-names.js';
import { emitUpcasters, emitUpcastStub, hasUpcasters, olderVersions } from './upcast.js';

export interface Emitted {
  readonly contract: Contract;
  /** Files that are ours, by path relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  /** Handlers and upcasters to begin with, by path: written where nothing is, the user's own from then on. */
  readonly stubs: ReadonlyMap<string, string>;
}

export interface EmitOptions {
  readonly layout: ContractLayout;
  readonly workers: readonly WorkerSide[];
  /** The database schema that the generated code talks to. */
  readonly schema: string;
  readonly templates: StubTemplates;
  /** Whether each task gets a JSON Schema. */
  readonly jsonSchema: boolean;
  /** Whether there is a standalone client beside the other one. */
  readonly standalone: boolean;
}

/** What one worker is made from: the manifest with the tasks that it runs, as its modules name each other. */
export interface WorkerSide {
  readonly layout: Layout;
  readonly model: ManifestModel;
}

/** The texts of templates/handler.ts and templates/upcast.ts. */
export interface StubTemplates {
  readonly handler: string;
  readonly upcast: string;
}

/** Turns a manifest into files. Pure: the same model gives the same bytes anywhere. */
export function emit(
  model: ManifestModel,
  { layout, workers, schema, templates, jsonSchema, standalone }: EmitOptions,
): Emitted {
  const contract = contractOf(model, schema);
  const names = typeNames(model);
  const schemas = model.tasks.map((task): [string, string] => [
    schemaPath(layout, task.name),
    emitJsonSchema(task, layout),
  ]);
  return {
    contract,
    files: new Map([
      [`${layout.out}/contract.json`, emitContractJson(model, contract)],
      [`${layout.out}/contract.ts`, emitContract(contract, layout)],
      [`${layout.out}/client.ts`, emitClient(model, names, layout)],
      ...(standalone
        ? [[`${layout.out}/standalone.ts`, emitStandalone(model, names, layout, contract)] as const]
        : []),
      ...workers.flatMap((worker) => filesOf(worker, names)),
      ...(jsonSchema ? schemas : []),
    ]),
    stubs: new Map(
      workers.flatMap((worker) =>
        worker.model.tasks.flatMap((task) => stubsOf(task, worker, templates)),
      ),
    ),
  };
}

function filesOf({ model, layout }: WorkerSide, names: TypeNames): (readonly [string, string])[] {
  return [
    [`${layout.handlersOut}/handlers.ts`, emitHandlers(model, names, layout)],
    [`${layout.handlersOut}/testing.ts`, emitTesting(model, layout)],
    [`${layout.handlers}/index.ts`, emitRegistry(model, layout)],
    ...(hasUpcasters(model)
      ? [[upcastersPath(layout), emitUpcasters(model, layout)] as const]
      : []),
  ];
}

function stubsOf(
  { name, doc, contract }: TaskModel,
  { layout, model: { extension } }: WorkerSide,
  templates: StubTemplates,
): (readonly [string, string])[] {
  const { args } = contract;
  const handler = emitStub({ name, doc, args }, { layout, extension, template: templates.handler });
  const stubs = [[handlerPath(layout, name), handler] as const];
  const versions = olderVersions(contract);
  if (versions.length === 0) return stubs;
  const options = { layout, extension, template: templates.upcast };
  return [...stubs, [upcastPath(layout, name), emitUpcastStub({ name, versions }, options)]];
}
