import { dirname, join, relative, resolve } from 'node:path';
import { hasSetup, type Project } from '../generator/project.js';
import { defaultSchema } from '../runtime/contract/defaults.js';
import { checkSchemaName } from '../runtime/database/bind-schema.js';
import { findManifest, invalid, type LoadedConfig, loadConfig } from './config.js';
import { shown } from './output.js';

/** The project of the current folder, as its config and the defaults say. @throws InvalidConfig, InvalidSchemaName */
export async function loadProject(options: { config?: string | undefined }): Promise<Project> {
  const folder = process.cwd();
  const loaded = await loadConfig(folder, options.config);
  const project = placesOf(folder, loaded);
  if (loaded.config.worker !== undefined && !hasSetup(project)) {
    throw invalid(
      `\`worker\` names ${shown(project.worker as string)}, which is not there or has no \`export default defineWorker({ … })\`.`,
    );
  }
  return project;
}

const extensions = { js: '.js', ts: '.ts', none: '' } as const;

/** @throws InvalidConfig */
function contractPackage(name: string): string {
  if (/^(@[^/.]+\/)?[^/.][^/]*(\/[^/]+)*$/.test(name)) return name;
  throw invalid(
    `\`contract\` must be what the handlers' package imports the manifest's as, such as '@acme/jobs'; got '${name}'.`,
  );
}

/** Where everything is, of a config and what it leaves to the defaults. @throws InvalidSchemaName */
export function placesOf(folder: string, { config, file }: LoadedConfig): Project {
  const root = file === null ? folder : dirname(file);
  const manifest = config.manifest ? resolve(root, config.manifest) : findManifest(root);
  const beside = (given: string | undefined, name: string) =>
    given === undefined ? join(dirname(manifest), name) : resolve(root, given);
  const handlers = beside(config.handlers, 'handlers');
  const out = beside(config.out, 'generated');
  if (config.contract !== undefined && relative(dirname(manifest), out).startsWith('..')) {
    throw invalid(
      `With \`contract\`, \`out\` must be in the manifest's folder, so that both are found in the package alike; it is ${shown(out)}.`,
    );
  }
  const besideHandlers = join(dirname(handlers), 'worker.ts');
  return {
    root,
    manifest,
    out,
    handlers,
    worker:
      config.contract !== undefined && config.worker === undefined
        ? besideHandlers
        : beside(config.worker, 'worker.ts'),
    baseline: config.baseline,
    schema: checkSchemaName(config.schema ?? defaultSchema),
    jsonSchema: config.jsonSchema,
    client: config.client,
    contract: config.contract && contractPackage(config.contract),
    importExtension: config.importExtension && extensions[config.importExtension],
    config: file ?? undefined,
  };
}
