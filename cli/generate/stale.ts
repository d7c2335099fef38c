import { type Diagnostic, diagnostic, wholeFile } from '../../generator/diagnostic.js';
import type { StaleFile } from '../../generator/write/check-files.js';
import { shown } from '../output.js';

/** Why a file is stale, behind its name. */
export const reasons: Readonly<Record<StaleFile['reason'], string>> = {
  missing: 'missing',
  changed: 'differs from what the manifest gives',
  edited: 'edited by hand: its header is gone',
  orphan: 'left over, made no more',
};

export const advice = 'Run `npx pgsched generate` and commit what it writes.';

/** A stale file as a finding, at the first line that differs. */
export function staleFinding({ path, reason, difference }: StaleFile): Diagnostic {
  const place = { ...wholeFile(path), line: difference?.line ?? 1 };
  return diagnostic('StaleFiles', place, `The file is stale: ${reasons[reason]}. ${advice}`);
}

export function staleJson({ path, reason, difference }: StaleFile): object {
  return { file: shown(path), reason, diff: difference?.hunk ?? null };
}
