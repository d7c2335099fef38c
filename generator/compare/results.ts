import type { Finding } from './finding.js';
import { apart, narrowed, placeText, widened } from './fit/change-text.js';
import { misfitsOf } from './fit/fit.js';
import type { Misfit } from './fit/misfit.js';
import { resultOf } from './payloads.js';
import type { TaskPair } from './tasks.js';

/** What became of a task's result. Callers of before get what is stored now; callers of now get what was stored before. */
export function compareResults({ name, base, head }: TaskPair): Finding[] {
  // Where there was no result nobody reads one, and where there is none nobody will.
  const given = base.result && misfitsOf(resultOf(head), resultOf(base), 'given');
  const kept = base.result && head.result && misfitsOf(resultOf(base), resultOf(head), 'stored');
  const finding = (
    misfit: Misfit,
    finding: Pick<Finding, 'rule' | 'severity'>,
    message: string,
  ): Finding => {
    const path = placeText('result', misfit.path);
    return { ...finding, audience: 'callers', task: name, path, message: `\`${path}\` ${message}` };
  };
  return [
    ...(given ?? []).map((misfit) =>
      finding(
        misfit,
        { rule: 'RESULT_SAME_TYPE', severity: 'break' },
        `${widened(misfit)}: callers do not know that. Keep it as it was beside what is new, or change every caller with it.`,
      ),
    ),
    ...apart(kept ?? [], given ?? []).map((misfit) =>
      finding(
        misfit,
        { rule: 'RESULT_READABLE', severity: 'warn' },
        `${narrowed(misfit)}: results of jobs that ended before, while they are kept, are \`InvalidResult\` to who reads them. Make it optional until they are gone.`,
      ),
    ),
  ];
}
