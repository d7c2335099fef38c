import { type Diagnostic, formatDiagnostics } from '../../generator/diagnostic.js';
import { generate } from '../../generator/generate.js';
import { checkFresh } from '../check/fresh.js';
import type { CheckLevel } from '../check/level.js';
import type { CheckPart } from '../check/part.js';
import { checkQueued } from '../check/queued.js';
import { checkReleased } from '../check/released.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import type { ReportOptions } from '../format/options.js';
import { type Outcome, runReported } from '../format/outcome.js';
import { count, hasColor, paint } from '../output.js';
import { loadProject } from '../project.js';

export interface CheckOptions extends ReportOptions {
  config?: string | undefined;
  trace?: boolean | undefined;
  against?: string | undefined;
  level: CheckLevel;
  database?: boolean | undefined;
  databaseUrl?: string | undefined;
  sample?: number | undefined;
}

/** `pgsched check`: whether the generated files are fresh, what was released stays whole, and what is queued will run. Writes nothing. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  return runReported(options, async () => {
    const project = await loadProject(options);
    const generated = await generate(project);
    const { contract, diagnostics } = generated;
    if (contract === null) return { code: exitCodes.failed, diagnostics };
    const checked = { ...generated, contract };
    const parts = [
      await checkFresh(generated),
      await checkReleased(checked, options),
      ...(options.database ? [await checkQueued(checked, options)] : []),
    ];
    return outcomeOf(diagnostics, parts);
  });
}

/** What the manifest has beside what was found: the findings are what was asked for, all else goes to stderr. */
function outcomeOf(ofManifest: readonly Diagnostic[], parts: readonly CheckPart[]): Outcome {
  const listed = parts.flatMap(({ diagnostics }) => diagnostics);
  const remarks = parts.flatMap((part) => part.remarks);
  const format = { root: process.cwd(), color: hasColor(process.stdout) };
  const summaries = parts.filter((part) => !hasFailed(part)).map(({ summary }) => summary);
  const failed = parts.some(hasFailed);
  const error = `${paint('red', 'error', process.stderr)}: ${counts(listed)}.`;
  return {
    code: failed ? exitCodes.found : exitCodes.ok,
    diagnostics: ofManifest,
    listed,
    text: lines([formatDiagnostics(listed, format), ...summaries]),
    closing: lines([...remarks, failed ? error : '']),
    facts: Object.assign({ remarks }, ...parts.map(({ facts }) => facts)),
  };
}

function hasFailed({ diagnostics }: CheckPart): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

function lines(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n');
}

/** `2 errors, 1 warning`. */
function counts(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: Diagnostic['severity']) =>
    diagnostics.filter((found) => found.severity === severity).length;
  const warnings = of('warning') > 0 ? [count(of('warning'), 'warning')] : [];
  return [count(of('error'), 'error'), ...warnings].join(', ');
}
