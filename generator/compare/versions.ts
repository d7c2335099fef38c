import type { ArgsVersion } from '../../runtime/contract/types.js';
import type { Finding } from './finding.js';
import { sameArgs } from './payloads.js';
import type { TaskPair } from './tasks.js';

/** Released versions are frozen: they are there, with the args that they had, for as long as rows may be of them. */
export function compareVersions(pair: TaskPair): Finding[] {
  const { name, base, head } = pair;
  if (head.version < base.version) {
    const message = `The version was ${base.version}, is ${head.version}: jobs of version ${base.version} wait for a worker that knows it. Say \`version: ${base.version}\` again.`;
    return [
      {
        rule: 'VERSION_NO_LOWER',
        audience: 'rows',
        severity: 'break',
        task: name,
        path: 'version',
        message,
      },
    ];
  }
  const released: [version: string, args: ArgsVersion][] = Object.entries(base.history ?? {});
  const raised: [version: string, args: ArgsVersion][] =
    head.version > base.version ? [[String(base.version), base]] : [];
  return [...released, ...raised].flatMap(([version, args]) => frozen(version, args, pair));
}

function frozen(version: string, args: ArgsVersion, { name, base, head }: TaskPair): Finding[] {
  const now = head.history?.[version];
  if (now !== undefined && sameArgs(args, now)) return [];
  const finding = (severity: Finding['severity'], message: string): Finding[] => [
    {
      rule: 'VERSION_FROZEN',
      audience: 'rows',
      severity,
      task: name,
      path: `version ${version}`,
      message,
    },
  ];
  if (now !== undefined) {
    return finding(
      'break',
      `The contract has other args of version ${version} than were released: upcasters start from what no row holds. Run \`npx pgsched generate\`.`,
    );
  }
  return Number(version) === base.version
    ? finding(
        'break',
        `The contract has no args of the released version ${version}: jobs of it cannot be brought up to version ${head.version}. Run \`npx pgsched generate\`, and write the upcaster that starts from ${version}.`,
      )
    : finding(
        'warn',
        `The contract has no args of version ${version} any more: jobs of it that still wait cannot be brought up to version ${head.version}. Keep the upcaster that starts from ${version} until there are none.`,
      );
}
