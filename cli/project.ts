import { dirname, join, relative, resolve } from 'node:path';
import { hasSetup, type Project, type WorkerPlaces } from '../generator/project.js';
import type { Config } from '../runtime/config.js';
import { defaultSchema } from '../runtime/contract/defaults.js';
import { isTopicPattern } from '../runtime/contract/topic.js';
import { checkSchemaName } from '../runtime/database/bind-schema.js';
import { findManifest, invalid, type LoadedConfig, loadConfig } from './config.js';
import { shown } from './output.js';

/** The project of the current folder, as its config and the defaults say. @throws InvalidConfig, InvalidSchemaName */
export async function loadProject(options: { config?: string | undefined }): Promise<Project> {
  const folder = process.cwd();
  const loaded = await loadConfig(folder, options.config);
  const project = placesOf(folder, loaded);
  const { config } = loaded;
  for (const places of project.workers) {
    const { name, setup } = places;
    const given = name === undefined ? config : config.workers?.[name];
    if (given?.worker !== undefined && !hasSetup(places)) {
      throw invalid(
        `${option(name, 'worker')} names ${shown(setup as string)}, which is not there or has no \`export default defineWorker({ … })\`.`,
      );
    }
  }
  return project;
}

const extensions = { js: '.js', ts: '.ts', none: '' } as const;

/** Where everything is, of a config and what it leaves to the defaults. @throws InvalidConfig, InvalidSchemaName */
export function placesOf(folder: string, { config, file }: LoadedConfig): Project {
  const root = file === null ? folder : dirname(file);
  const manifest = config.manifest ? resolve(root, config.manifest) : findManifest(root);
  const out = config.out === undefined ? beside(manifest, 'generated') : resolve(root, config.out);
  const workers =
    config.workers === undefined
      ? [onlyWorker(root, config, manifest, out)]
      : severalWorkers(root, config.workers, config);
  if (
    workers.some(({ contract }) => contract !== undefined) &&
    relative(dirname(manifest), out).startsWith('..')
  ) {
    throw invalid(
      `With \`contract\`, \`out\` must be in the manifest's folder, so that both are found in the package alike; it is ${shown(out)}.`,
    );
  }
  return {
    root,
    manifest,
    out,
    workers,
    baseline: config.baseline,
    schema: checkSchemaName(config.schema ?? defaultSchema),
    jsonSchema: config.jsonSchema,
    client: config.client,
    importExtension: config.importExtension && extensions[config.importExtension],
    config: file ?? undefined,
  };
}

/** The worker of a config without `workers`. Its files stand beside the manifest, unless they are in a package of their own. */
function onlyWorker(root: string, config: Config, manifest: string, out: string): WorkerPlaces {
  const handlers = config.handlers ? resolve(root, config.handlers) : beside(manifest, 'handlers');
  const contract = config.contract && contractPackage(undefined, config.contract);
  const own = contract === undefined ? manifest : handlers;
  return {
    handlers,
    out: contract === undefined ? out : beside(handlers, 'generated'),
    setup: config.worker ? resolve(root, config.worker) : beside(own, 'worker.ts'),
    contract,
  };
}

type WorkerConfigs = NonNullable<Config['workers']>;

/** Each of several workers has a folder of its own, around its handlers. */
function severalWorkers(
  root: string,
  configs: WorkerConfigs,
  config: Config,
): readonly WorkerPlaces[] {
  for (const name of ['handlers', 'worker', 'contract'] as const) {
    if (config[name] === undefined) continue;
    throw invalid(`\`${name}\` stands beside \`workers\`: say it of the worker that it is for.`);
  }
  const workers = Object.entries(configs).map(([name, worker]) => {
    const handlers = resolve(root, worker.handlers);
    return {
      name: workerName(name),
      tasks: [worker.tasks].flat().map((pattern) => taskPattern(name, pattern)),
      handlers,
      out: beside(handlers, 'generated'),
      setup: worker.worker ? resolve(root, worker.worker) : beside(handlers, 'worker.ts'),
      contract: worker.contract && contractPackage(name, worker.contract),
    };
  });
  if (workers.length === 0) throw invalid('`workers` is empty: leave it out, or name one.');
  for (const [index, worker] of workers.entries()) {
    const other = workers.slice(0, index).find(({ out }) => out === worker.out);
    if (other === undefined) continue;
    throw invalid(
      `The workers ${other.name} and ${worker.name} would both generate into ${shown(worker.out)}: give the handlers of each a folder of their own, such as '${worker.name}/handlers'.`,
    );
  }
  return workers;
}

function beside(path: string, name: string): string {
  return join(dirname(path), name);
}

/** An option of the config, or of one of its workers. */
function option(worker: string | undefined, name: string): string {
  return `\`${worker === undefined ? '' : `workers.${worker}.`}${name}\``;
}

/** @throws InvalidConfig */
function contractPackage(worker: string | undefined, name: string): string {
  if (/^(@[^/.]+\/)?[^/.][^/]*(\/[^/]+)*$/.test(name)) return name;
  throw invalid(
    `${option(worker, 'contract')} must be what the handlers' package imports the manifest's as, such as '@acme/jobs'; got '${name}'.`,
  );
}

/** @throws InvalidConfig */
function workerName(name: string): string {
  if (/^[a-z][\w-]*$/i.test(name)) return name;
  throw invalid(
    `A worker's name is letters, digits, \`-\` and \`_\`, as \`pgsched worker\` is told it; got '${name}'.`,
  );
}

/** @throws InvalidConfig */
function taskPattern(worker: string, pattern: string): string {
  if (isTopicPattern(pattern)) return pattern;
  throw invalid(
    `${option(worker, 'tasks')} must be patterns of tasks' names, such as 'media.**'; got '${pattern}'.`,
  );
}
