import { dirname, join, resolve } from 'node:path';
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

/** Where everything is, of a config and what it leaves to the defaults. @throws InvalidSchemaName */
export function placesOf(folder: string, { config, file }: LoadedConfig): Project {
  const root = file === null ? folder : dirname(file);
  const manifest = config.manifest ? resolve(root, config.manifest) : findManifest(root);
  const beside = (given: string | undefined, name: string) =>
    given === undefined ? join(dirname(manifest), name) : resolve(root, given);
  return {
    root,
    manifest,
    out: beside(config.out, 'generated'),
    handlers: beside(config.handlers, 'handlers'),
    worker: beside(config.worker, 'worker.ts'),
    schema: checkSchemaName(config.schema ?? defaultSchema),
    client: config.client,
    config: file ?? undefined,
  };
}
