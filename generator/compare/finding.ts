import { byCodePoint } from '../code-points.js';
import type { Rule } from './rules.js';

/** Something that a change of the contract does to jobs, callers or operation. */
export interface Finding {
  readonly rule: Rule;
  /** Whom it reaches first: rows that wait, code that calls, or how jobs are run. What reaches rows mostly reaches callers too. */
  readonly audience: Audience;
  /** `break`: something that works will fail. `warn`: it may. `info`: it is as it was meant, and worth knowing. */
  readonly severity: Severity;
  /** As it is called now, or was if it is gone; null: the contract as a whole. */
  readonly task: string | null;
  /** Where in the task: `args.items[].price`, `key`; empty: the task itself. */
  readonly path: string;
  /** What was, what is, and what to do. */
  readonly message: string;
}

export type Audience = 'rows' | 'callers' | 'behaviour';
export type Severity = 'break' | 'warn' | 'info';

/** By task and path; of one path the worse first. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const weight = (severity: Severity) => ['break', 'warn', 'info'].indexOf(severity);
  return [...findings].sort(
    (a, b) =>
      byCodePoint(a.task ?? '', b.task ?? '') ||
      byCodePoint(a.path, b.path) ||
      weight(a.severity) - weight(b.severity) ||
      byCodePoint(a.rule, b.rule),
  );
}
