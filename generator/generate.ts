import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contract } from '../runtime/contract/types.js';
import { asDiagnostic } from './compare/as-diagnostic.js';
import { compare } from './compare/compare.js';
import { type Diagnostic, diagnostic, type Place } from './diagnostic.js';
import { emit, type StubTemplates, type WorkerSide } from './emit/emit.js';
import type { Layout } from './emit/layout.js';
import { withHistory } from './evolve/history.js';
import { readUpcasts, readWritten } from './evolve/on-disk.js';
import type { Released } from './evolve/released.js';
import { findLeftovers } from './leftovers.js';
import type { ManifestModel } from './model.js';
import { hasSetup, layoutsOf, type Project, type WorkerPlaces } from './project.js';
import type { Program } from './read/program.js';
import { checkShares, runs } from './workers.js';

/** What generating would make of a project. Nothing is written yet. */
export interface Generated {
  readonly project: Project;
  /** Errors and warnings, in the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
  /** False with any error: then there is nothing to write. */
  readonly ok: boolean;
  readonly contract: Contract | null;
  /** Files that are ours, by absolute path. */
  readonly files: ReadonlyMap<string, string>;
  /** Handlers to begin with, by absolute path: written where nothing is, never again. */
  readonly stubs: ReadonlyMap<string, string>;
  /** Files that are ours and no longer belong: old generated ones, and untouched stubs of tasks that are gone. */
  readonly removals: readonly string[];
  /** Where each task stands in the manifest, by its name. */
  readonly places: ReadonlyMap<string, Place>;
  /** The user's files that the result depends on. */
  readonly inputs: readonly string[];
}

/** What one `generate` leaves for the next one of the same project, to make it faster. */
export interface Memory {
  program?: Program;
}

/**
 * Reads the manifest and makes everything of it in memory. `released` decides which older args stay in the contract; without it
 * the last run's contract does, so that files can be checked with neither git nor its history.
 */
export async function generate(
  project: Project,
  memory: Memory = {},
  released: Released = unknown,
): Promise<Generated> {
  const missing = noManifest(project);
  if (missing) return nothing(project, [missing], [project.manifest]);
  // A compiler takes half a second to load: only who generates pays for it.
  const [{ readManifest }, { extensionAt }] = await Promise.all([
    import('./read/read-manifest.js'),
    import('./read/program.js'),
  ]);
  const {
    model: read,
    diagnostics,
    places,
    inputs,
    program,
  } = readManifest(project.manifest, memory.program);
  memory.program = program;
  if (read === null) return nothing(project, diagnostics, inputs);
  const ofWorkers = checkShares(project, read.tasks, places);
  if (ofWorkers.some(({ severity }) => severity === 'error')) {
    return nothing(project, [...diagnostics, ...ofWorkers], inputs);
  }

  const layouts = layoutsOf(project);
  const written = await readWritten(project);
  const upcasts = await readUpcasts(project.root, sidesOf(project, read, layouts.workers));
  const evolved = withHistory(read, {
    released: released.contract,
    written,
    steps: (task) => upcasts.steps(task),
  });
  const model = { ...evolved, extension: project.importExtension ?? evolved.extension };
  const workers = sidesOf(project, model, layouts.workers).map((side, index): WorkerSide => {
    const worker = project.workers[index] as WorkerPlaces;
    if (isOneExtension(project, worker)) return side;
    const extension = extensionAt(join(worker.handlers, 'index.ts'));
    return { ...side, model: { ...side.model, extension } };
  });
  const templates = await readTemplates();
  const { contract, ...emitted } = emit(model, {
    layout: layouts.contract,
    workers,
    schema: project.schema,
    templates,
    jsonSchema: project.jsonSchema ?? false,
    standalone: project.client === 'standalone',
  });
  const files = placed(emitted.files, project);
  const stubs = placed(emitted.stubs, project);
  const leftovers = await findLeftovers({
    project,
    files,
    stubs,
    workers,
    contract,
    previous: written,
    templates,
  });
  return {
    project,
    files,
    stubs,
    diagnostics: [
      ...released.warnings,
      ...diagnostics,
      ...ofWorkers,
      ...leftovers.warnings,
      ...breaksOf(released, contract, places),
    ],
    ok: true,
    contract,
    removals: leftovers.removals,
    places,
    inputs: [
      ...inputs,
      ...upcasts.files,
      ...project.workers.filter(hasSetup).map(({ setup }) => setup),
    ],
  };
}

const unknown: Released = { contract: null, warnings: [] };

/** What rows of released versions would not fit. A warning: while one drafts, the files must come. */
function breaksOf(
  { contract: base }: Released,
  head: Contract,
  places: ReadonlyMap<string, Place>,
): Diagnostic[] {
  if (base === null) return [];
  return compare(base, head)
    .filter(({ audience, severity }) => audience === 'rows' && severity === 'break')
    .map((finding) => asDiagnostic(finding, places.get(finding.task ?? '') ?? null, 'warning'));
}

/** The manifest as each worker sees it: with its own tasks alone. */
function sidesOf(
  { workers }: Project,
  model: ManifestModel,
  layouts: readonly Layout[],
): WorkerSide[] {
  return workers.map((worker, index) => ({
    layout: layouts[index] as Layout,
    model: { ...model, tasks: model.tasks.filter(({ name }) => runs(worker, name)) },
  }));
}

/** Whether the handlers' modules name each other as the manifest's do: unless they stand in a package of their own. */
function isOneExtension({ importExtension }: Project, { contract }: WorkerPlaces): boolean {
  return contract === undefined || importExtension !== undefined;
}

/** Paths relative to the root made absolute. */
function placed(files: ReadonlyMap<string, string>, { root }: Project): Map<string, string> {
  return new Map([...files].map(([path, text]) => [join(root, path), text]));
}

async function readTemplates(): Promise<StubTemplates> {
  const read = (name: string) => readFile(new URL(`../templates/${name}`, import.meta.url), 'utf8');
  return { handler: await read('handler.ts'), upcast: await read('upcast.ts') };
}

/** What is wrong where no manifest is; null where one is. */
export function noManifest({ manifest }: Project): Diagnostic | null {
  if (existsSync(manifest)) return null;
  const message = `There is no manifest at ${manifest}. \`npx pgsched init\` writes one; \`manifest\` in pgsched.config.ts says where yours is.`;
  return diagnostic('ManifestNotFound', null, message);
}

function nothing(
  project: Project,
  diagnostics: readonly Diagnostic[],
  inputs: readonly string[],
): Generated {
  return {
    project,
    diagnostics,
    ok: false,
    contract: null,
    files: new Map(),
    stubs: new Map(),
    removals: [],
    places: new Map(),
    inputs,
  };
}
