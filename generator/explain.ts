import type { Diagnostic } from './diagnostic.js';
import { noManifest } from './generate.js';
import type { Project } from './project.js';
import type { Part } from './read/explain-task.js';

export type { Part } from './read/explain-task.js';

export interface Explanation {
  /** False with any error in the manifest. */
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** The names of all tasks. */
  readonly tasks: readonly string[];
  /** Where each part of the task's contract comes from; null when the manifest has errors, or no such task. */
  readonly parts: readonly Part[] | null;
}

/** Says where each part of one task's contract comes from. Writes nothing. */
export async function explain(project: Project, task: string): Promise<Explanation> {
  const missing = noManifest(project);
  if (missing) return { ok: false, diagnostics: [missing], tasks: [], parts: null };
  const [{ readManifest }, { explainTask }] = await Promise.all([
    import('./read/read-manifest.js'),
    import('./read/explain-task.js'),
  ]);
  const { model, declared, diagnostics } = readManifest(project.manifest);
  const found = model?.tasks.find(({ name }) => name === task);
  const source = declared.find(({ name }) => name === task);
  return {
    ok: model !== null,
    diagnostics,
    tasks: model?.tasks.map(({ name }) => name) ?? [],
    parts: found && source ? explainTask(source, found) : null,
  };
}
