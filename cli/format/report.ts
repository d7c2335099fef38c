import { relative } from 'node:path';
import { type Diagnostic, formatDiagnostics } from '../../generator/diagnostic.js';
import { githubAnnotation } from './github.js';
import { diagnosticJson } from './json.js';
import type { ReportFormat } from './options.js';

/** What a command found, before it is printed. */
export interface Report {
  /** False when something must be done. */
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** What the command's JSON says beside these. */
  readonly facts?: object | undefined;
}

export interface ReportPlace {
  /** The folder that paths are relative to. */
  readonly root: string;
  /** Of text alone. @default false */
  readonly color?: boolean | undefined;
}

/** A report as one text: the findings for people, one JSON object, or one annotation a line. Empty where there is nothing to say. */
export function formatReport(
  { ok, diagnostics, facts = {} }: Report,
  format: ReportFormat,
  place: ReportPlace,
): string {
  if (format === 'text') return formatDiagnostics(diagnostics, place);
  if (format === 'github') {
    return diagnostics.map((found) => githubAnnotation(found, place.root)).join('\n');
  }
  const findings = diagnostics.map((found) => diagnosticJson(found, place.root));
  return JSON.stringify({ ok, diagnostics: findings, ...facts }, null, 2);
}

/** GitHub finds files from the repository's root, whichever folder a step runs in. */
export function rootOf(format: ReportFormat, folder: string, env: NodeJS.ProcessEnv): string {
  const workspace = env['GITHUB_WORKSPACE'];
  const isInside = !!workspace && !relative(workspace, folder).startsWith('..');
  return format === 'github' && isInside ? workspace : folder;
}
