import type { Diagnostic } from '../../generator/diagnostic.js';
import { generate } from '../../generator/generate.js';
import { checkFresh } from '../check/fresh.js';
import type { CheckLevel } from '../check/level.js';
import type { CheckPart } from '../check/part.js';
import { checkReleased } from '../check/released.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { formatOf, type ReportFormat, type ReportOptions } from '../format/options.js';
import { formatReport, rootOf } from '../format/report.js';
import { count, hasColor, note, paint, print } from '../output.js';
import { loadProject } from '../project.js';

export interface CheckOptions extends ReportOptions {
  config?: string | undefined;
  against?: string | undefined;
  level: CheckLevel;
}

/** `pgsched check`: whether the generated files are fresh, and whether what was released stays whole. Writes nothing. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const project = await loadProject(options);
  const format = formatOf(options);
  const generated = await generate(project);
  const { contract, diagnostics } = generated;
  if (contract === null) {
    tell(diagnostics, [], format);
    return exitCodes.failed;
  }
  const parts = [
    await checkFresh(generated),
    await checkReleased({ ...generated, contract }, options),
  ];
  tell(diagnostics, parts, format);
  return parts.some(hasFailed) ? exitCodes.found : exitCodes.ok;
}

function hasFailed({ diagnostics }: Pick<CheckPart, 'diagnostics'>): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** Prints what the manifest has and what was found: the findings are what was asked for, all else goes to stderr. */
function tell(
  ofManifest: readonly Diagnostic[],
  parts: readonly CheckPart[],
  format: ReportFormat,
): void {
  const diagnostics = [...ofManifest, ...parts.flatMap((part) => part.diagnostics)];
  const ok = !hasFailed({ diagnostics });
  const facts = Object.assign({}, ...parts.map((part) => part.facts));
  const root = rootOf(format, process.cwd(), process.env);
  const text = formatReport({ ok, diagnostics, facts }, format, {
    root,
    color: hasColor(process.stdout),
  });
  if (text !== '') print(text);
  for (const remark of parts.flatMap(({ remarks }) => remarks)) note(remark);
  if (format !== 'text') return;

  for (const part of parts) if (part.summary !== '' && !hasFailed(part)) print(part.summary);
  if (!ok) note(`${paint('red', 'error', process.stderr)}: ${counts(diagnostics)}.`);
}

/** `2 errors, 1 warning`. */
function counts(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: Diagnostic['severity']) =>
    diagnostics.filter((found) => found.severity === severity).length;
  const parts = [count(of('error'), 'error')];
  if (of('warning') > 0) parts.push(count(of('warning'), 'warning'));
  return parts.join(', ');
}
