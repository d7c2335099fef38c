import type { Contract } from '../../runtime/contract/types.js';
import type { ImportExtension, ManifestModel } from '../model.js';
import { emitClient } from './client.js';
import { contractOf, emitContract, emitContractJson } from './contract.js';
import { emitHandlers } from './handlers.js';
import { handlerPath, type Layout } from './layout.js';
import { emitRegistry } from './registry.js';
import { emitStandalone } from './standalone.js';
import { emitStub } from './stub.js';
import { emitTesting } from './testing.js';
import { typeNames } from './type-names.js';

export interface Emitted {
  readonly contract: Contract;
  /** Files that are ours, by path relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  /** Handlers to begin with, by path: written where nothing is, the user's own from then on. */
  readonly stubs: ReadonlyMap<string, string>;
}

export interface EmitOptions {
  readonly layout: Layout;
  /** The database schema that the generated code talks to. */
  readonly schema: string;
  /** The text of templates/handler.ts. */
  readonly stub: string;
  /** Whether there is a standalone client beside the other one. */
  readonly standalone: boolean;
  /** How the handlers' modules name each other in imports. @default as the manifest's */
  readonly handlersExtension?: ImportExtension | undefined;
}

/** Turns a manifest into files. Pure: the same model gives the same bytes anywhere. */
export function emit(
  model: ManifestModel,
  { layout, schema, stub, standalone, handlersExtension }: EmitOptions,
): Emitted {
  const contract = contractOf(model, schema);
  const names = typeNames(model);
  const extension = handlersExtension ?? model.extension;
  const forHandlers = { ...model, extension };
  return {
    contract,
    files: new Map([
      [`${layout.out}/contract.json`, emitContractJson(model, contract)],
      [`${layout.out}/contract.ts`, emitContract(contract, layout)],
      [`${layout.out}/client.ts`, emitClient(model, names, layout)],
      ...(standalone
        ? [[`${layout.out}/standalone.ts`, emitStandalone(model, names, layout, contract)] as const]
        : []),
      [`${layout.handlersOut}/handlers.ts`, emitHandlers(forHandlers, names, layout)],
      [`${layout.handlersOut}/testing.ts`, emitTesting(forHandlers, layout)],
      [`${layout.handlers}/index.ts`, emitRegistry(forHandlers, layout)],
    ]),
    stubs: new Map(
      model.tasks.map(({ name, doc, contract: { args } }) => [
        handlerPath(layout, name),
        emitStub({ name, doc, args }, { layout, extension, template: stub }),
      ]),
    ),
  };
}
