import type { ManifestModel } from '../model.js';
import { needsManifest } from './client.js';
import { header } from './header.js';
import { contractPath, importPath, type Layout, upcastersPath } from './layout.js';
import { quote } from './literal.js';
import { setupAndUpcasters } from './registry.js';
import { hasUpcasters } from './upcast.js';

/** `generated/testing.ts`: helpers for the project's tests. Nothing but tests imports it: it leads to the handlers. */
export function emitTesting(model: ManifestModel, layout: Layout): string {
  const file = `${layout.handlersOut}/testing.ts`;
  const path = (to: string) => quote(importPath(file, to, model.extension));
  const ofContract = (to: string) => quote(contractPath(layout, file, to, model.extension));
  const manifest = needsManifest(model);
  const { worker } = layout;
  return [
    header(file, layout.manifest),
    `import { bindTesting, type Testing, type TestingOptions } from 'pgsched/testing';
import { handlers } from ${path(`${layout.handlers}/index.ts`)};
${manifest ? `import manifest from ${ofContract(layout.manifest)};\n` : ''}${
  worker === null ? '' : `import setup from ${path(worker)};\n`
}${
  hasUpcasters(model) ? `import { upcasters } from ${path(upcastersPath(layout))};\n` : ''
}import type { Tasks } from ${ofContract(`${layout.out}/client.ts`)};
import { contract } from ${ofContract(`${layout.out}/contract.ts`)};
import type { Context } from ${path(`${layout.handlersOut}/handlers.ts`)};
`,
    `/** Helpers for tests of this project's tasks and handlers. Nothing is opened before first use; \`close()\` them. */
export function createTesting(options: TestingOptions<Context> = {}): Testing<Tasks, Context> {
  return bindTesting<Testing<Tasks, Context>>(
    contract,
    ${manifest ? 'manifest' : 'null'},
    handlers,
    options,${setupAndUpcasters(model, layout)
      .map((name) => `\n    ${name},`)
      .join('')}
  );
}
`,
  ].join('\n');
}
