import type { Contract } from '../../runtime/contract/types.js';
import { compareArgs } from './args.js';
import { type Finding, sortFindings } from './finding.js';
import { comparePolicies } from './policies.js';
import { compareResults } from './results.js';
import { followTasks, type TaskPair } from './tasks.js';
import { compareVersions } from './versions.js';

/**
 * What a change of a contract does: to rows that were written before, to callers, and to how jobs run. Pure, and in an order of
 * its own, by task and path.
 */
export function compare(base: Contract, head: Contract): Finding[] {
  const { pairs, findings } = followTasks(base, head);
  return sortFindings([...findings, ...compareInstances(base, head), ...pairs.flatMap(ofPair)]);
}

function ofPair(pair: TaskPair): Finding[] {
  return [
    ...compareVersions(pair),
    ...compareArgs(pair),
    ...compareResults(pair),
    ...comparePolicies(pair),
  ];
}

function compareInstances(base: Contract, head: Contract): Finding[] {
  if (base.schema === head.schema) return [];
  return [
    {
      rule: 'INSTANCE_SAME',
      audience: 'rows',
      severity: 'warn',
      task: null,
      path: 'schema',
      message: `The database schema was "${base.schema}", is "${head.schema}": jobs in "${base.schema}" are left behind. Run a worker of before until they are done.`,
    },
  ];
}
