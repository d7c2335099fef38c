import type { Shape } from '../../runtime/contract/types.js';
import type { Finding } from './finding.js';
import { apart, narrowed, placeText, widened } from './fit/change-text.js';
import { misfitsOf } from './fit/fit.js';
import type { Misfit } from './fit/misfit.js';
import { shapeText } from './fit/shape-text.js';
import { passedArgs, storedArgs, takenArgs } from './payloads.js';
import type { Rule } from './rules.js';
import type { TaskPair } from './tasks.js';

/**
 * What became of a task's args. Rows of before must be taken now, unless an upcaster of a new version changes them; what
 * callers of before pass must be taken; and workers of before get rows that are written now.
 */
export function compareArgs(pair: TaskPair): Finding[] {
  const { base, head } = pair;
  const same = head.version === base.version;
  const rows = same ? misfitsOf(storedArgs(base), takenArgs(head), 'stored') : [];
  const passed = apart(misfitsOf(passedArgs(base), takenArgs(head), 'passed'), rows);
  const back = same ? misfitsOf(storedArgs(head), takenArgs(base), 'stored') : [];
  return [
    ...rows.map((misfit) => ofRows(misfit, pair)),
    ...passed.map((misfit) => ofCallers(misfit, pair, back)),
    ...apart(back, [...rows, ...passed]).map((misfit) => ofWorkers(misfit, pair)),
    ...(same ? ofSchema(pair) : []),
  ];
}

const ruleOf: Readonly<Record<Misfit['kind'], Rule>> = {
  missing: 'FIELD_NO_NEW_REQUIRED',
  required: 'FIELD_NO_REQUIRED',
  gone: 'FIELD_NO_DELETE',
  type: 'FIELD_SAME_TYPE',
};

const remedies: Readonly<Record<Misfit['kind'], string>> = {
  missing: 'Make it optional',
  required: 'Leave it optional',
  gone: 'Leave it, as an optional one',
  type: 'Go on taking what it was',
};

function ofRows(misfit: Misfit, pair: TaskPair): Finding {
  const { name, base } = pair;
  const path = placeText('args', misfit.path);
  const lack = misfit.kind === 'missing' || misfit.kind === 'required';
  const effect = lack
    ? 'jobs that wait, and callers, may lack it'
    : 'jobs that wait, and callers, may hold what does not fit';
  return {
    rule: ruleOf[misfit.kind],
    audience: 'rows',
    severity: 'break',
    task: name,
    path,
    message: `\`${path}\` ${change(misfit, pair)}: ${effect}. ${remedies[misfit.kind]}, or add ${newVersion(base.version)}.`,
  };
}

function ofCallers(misfit: Misfit, pair: TaskPair, back: readonly Misfit[]): Finding {
  const path = placeText('args', misfit.path);
  const needed = misfit.kind === 'gone' && apart([misfit], back).length === 0;
  const effect = {
    missing: 'callers do not pass it',
    required: 'callers may not pass it',
    gone: 'code that passes it does not compile, what rows hold of it is dropped',
    type: 'callers pass what is not taken',
  }[misfit.kind];
  const workers = needed ? ', and workers of before fail jobs without it' : '';
  return {
    rule: ruleOf[misfit.kind],
    audience: 'callers',
    severity: 'break',
    task: pair.name,
    path,
    message: `\`${path}\` ${change(misfit, pair)}: ${effect}${workers}. ${remedies[misfit.kind]}, or change every caller with it.`,
  };
}

function ofWorkers(misfit: Misfit, { name, base }: TaskPair): Finding {
  const path = placeText('args', misfit.path);
  return {
    rule: 'FIELD_TYPE_WIDENED',
    audience: 'behaviour',
    severity: 'warn',
    task: name,
    path,
    message: `\`${path}\` ${widened(misfit)}: workers of before fail such jobs for good. Replace all workers before the first caller, or add ${newVersion(base.version)}, which they leave alone.`,
  };
}

function ofSchema({ name, base, head }: TaskPair): Finding[] {
  if (base.schemas.args || !head.schemas.args || base.args === null) return [];
  const message = `\`args\` have a schema now, whose own code is not compared: it may refuse jobs that wait. See that it takes them, or add ${newVersion(base.version)}.`;
  return [
    {
      rule: 'SCHEMA_OPAQUE',
      audience: 'rows',
      severity: 'warn',
      task: name,
      path: 'args',
      message,
    },
  ];
}

function change(misfit: Misfit, { base, head }: TaskPair): string {
  if (misfit.path.length > 0) return narrowed(misfit);
  if (base.args === null) return `were none, are ${shapeText(head.args as Shape)}`;
  return head.args === null ? `were ${shapeText(base.args)}, are none` : narrowed(misfit);
}

function newVersion(version: number): string {
  return `\`version: ${version + 1}\` and an upcaster`;
}
