import type { Finding } from '../../generator/compare/finding.js';

/** What `pgsched check` fails for: breaks of rows; those of callers too; or everything but what is only worth knowing. */
export const checkLevels = ['rows', 'source', 'all'] as const;

export type CheckLevel = (typeof checkLevels)[number];

export function failsAt(level: CheckLevel, { severity, audience }: Finding): boolean {
  if (level === 'all') return severity !== 'info';
  return severity === 'break' && (level === 'source' || audience === 'rows');
}
