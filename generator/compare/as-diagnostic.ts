import type { ErrorName } from '../../runtime/errors.js';
import { type Diagnostic, diagnostic } from '../diagnostic.js';
import type { Audience, Finding } from './finding.js';

const nameOf: Readonly<Record<Audience, ErrorName>> = {
  rows: 'RowsBreak',
  callers: 'CallersBreak',
  behaviour: 'BehaviourChanged',
};

/** A finding as it is printed, with the task in front where the message is about a part of it, and the rule behind. */
export function asDiagnostic(
  { rule, audience, task, path, message }: Finding,
  place: Diagnostic['place'],
  severity: Diagnostic['severity'],
): Diagnostic {
  const whose = task === null || path === '' ? '' : `${task}: `;
  return diagnostic(nameOf[audience], place, `${whose}${message} [${rule}]`, { severity });
}
