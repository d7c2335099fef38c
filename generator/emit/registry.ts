import type { ManifestModel } from '../model.js';
import { variableName } from '../names.js';
import { needsManifest } from './client.js';
import { header } from './header.js';
import { contractPath, handlerPath, importPath, type Layout, upcastersPath } from './layout.js';
import { propertyName, quote } from './literal.js';
import { hasUpcasters } from './upcast.js';

/**
 * `handlers/index.ts`: binds every handler to its task. It stands with the handlers, so that who only enqueues never
 * type-checks what the worker needs.
 */
export function emitRegistry(model: ManifestModel, layout: Layout): string {
  const { tasks, extension } = model;
  const file = `${layout.handlers}/index.ts`;
  const path = (to: string) => quote(importPath(file, to, extension));
  const ofContract = (to: string) => quote(contractPath(layout, file, to, extension));
  const variable = (name: string) => `${variableName(name)}Handler`;
  const imports = tasks.map(
    ({ name }) =>
      `import { handler as ${variable(name)} } from ${path(handlerPath(layout, name))};\n`,
  );
  const entries = tasks.map(({ name }) => `  ${propertyName(name)}: ${variable(name)},\n`);
  const manifest = needsManifest(model);
  return [
    header(file, layout.manifest),
    `import { bindWorker, type Worker, type WorkerOptions } from 'pgsched/worker';
import { contract } from ${ofContract(`${layout.out}/contract.ts`)};
import type { Handlers } from ${path(`${layout.handlersOut}/handlers.ts`)};
${manifest ? `import manifest from ${ofContract(layout.manifest)};\n` : ''}${
  layout.worker === null ? '' : `import setup from ${path(layout.worker)};\n`
}${imports.join('')}${
  hasUpcasters(model) ? `import { upcasters } from ${path(upcastersPath(layout))};\n` : ''
}`,
    `/** The handler of every task. */
export const handlers: Handlers = {
${entries.join('')}};
`,
    `/** A worker that runs this project's tasks; \`start()\` it. */
export function createWorker(options: WorkerOptions = {}): Worker {
  return bindWorker(contract, ${manifest ? 'manifest' : 'null'}, handlers, options${setupAndUpcasters(
    model,
    layout,
  )
    .map((name) => `, ${name}`)
    .join('')});
}
`,
  ].join('\n');
}

/** The last arguments of what binds a project's code: those that it has. */
export function setupAndUpcasters(model: ManifestModel, { worker }: Layout): string[] {
  const setup = worker === null ? 'undefined' : 'setup';
  if (hasUpcasters(model)) return [setup, 'upcasters'];
  return worker === null ? [] : [setup];
}
