import { readBaseline } from '../../generator/baseline.js';
import { asDiagnostic } from '../../generator/compare/as-diagnostic.js';
import { compare } from '../../generator/compare/compare.js';
import type { Finding } from '../../generator/compare/finding.js';
import { type Diagnostic, wholeFile } from '../../generator/diagnostic.js';
import type { Generated } from '../../generator/generate.js';
import type { Contract } from '../../runtime/contract/types.js';
import { count } from '../output.js';
import { type CheckLevel, failsAt } from './level.js';
import type { CheckPart } from './part.js';

export interface ReleasedOptions {
  /** A branch, tag, commit or contract.json instead of the project's baseline. */
  readonly against?: string | undefined;
  readonly level: CheckLevel;
}

/** What the manifest's contract does to what was released. @throws BaselineUnreadable */
export async function checkReleased(
  { project, contract, places }: Generated & { readonly contract: Contract },
  { against, level }: ReleasedOptions,
): Promise<CheckPart> {
  const baseline = await readBaseline(project, against);
  if (baseline.contract === null) {
    const remark = `Breaks are not looked for. ${baseline.reason}`;
    return {
      diagnostics: [],
      summary: '',
      remarks: [remark],
      facts: { against: null, findings: [] },
    };
  }
  const { contract: base, source } = baseline;
  const manifest = wholeFile(project.manifest);
  const findings = compare(base, contract);
  return {
    diagnostics: findings.map((finding) => {
      const place = places.get(finding.task ?? '') ?? manifest;
      return asDiagnostic(finding, place, severityOf(finding, failsAt(level, finding)));
    }),
    summary: `Nothing that was released breaks, compared with ${source}.${unseen(base, contract)}`,
    remarks: isAssumed(source, against ?? project.baseline) ? [assumption] : [],
    facts: {
      against: source,
      level,
      findings: findings.map((finding) => ({ ...finding, fails: failsAt(level, finding) })),
    },
  };
}

/** A finding that does not fail the command is a warning, or, where nothing is to be done, a note. */
function severityOf({ severity }: Finding, fails: boolean): Diagnostic['severity'] {
  if (fails) return 'error';
  return severity === 'info' ? 'info' : 'warning';
}

/** A comparison says nothing about what a schema's own code refuses. */
function unseen(base: Contract, head: Contract): string {
  const tasks = Object.entries(head.tasks).filter(
    ([name, { schemas }]) => schemas.args && Object.hasOwn(base.tasks, name),
  );
  if (tasks.length === 0) return '';
  const have = tasks.length === 1 ? 'has a schema' : 'have schemas';
  return ` ${count(tasks.length, 'task')} ${have} whose own code cannot be compared.`;
}

function isAssumed(source: string, asked: string | undefined): boolean {
  return asked === undefined && source.startsWith('HEAD,');
}

const assumption =
  'There is no origin/HEAD here, so what is committed counts as released. To compare with a branch, pass `--against`, or set `baseline` in the config.';
