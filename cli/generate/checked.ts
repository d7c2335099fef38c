import { type Diagnostic, diagnostic } from '../../generator/diagnostic.js';
import type { Generated } from '../../generator/generate.js';
import { checkFiles, type StaleFile } from '../../generator/write/check-files.js';
import { errorCodes } from '../../runtime/errors.js';
import { exitCodes } from '../exit-codes.js';
import type { Outcome } from '../format/outcome.js';
import { count, paint, shown } from '../output.js';

/** `generate --check`: which files are stale, why, and where they differ. */
export async function checked(generated: Generated): Promise<Outcome> {
  const { diagnostics } = generated;
  const stale = await checkFiles(generated);
  const facts = { stale: stale.map(staleJson) };
  if (stale.length === 0) {
    return { code: exitCodes.ok, diagnostics, facts, text: 'Everything generated is fresh.' };
  }
  return {
    code: exitCodes.found,
    diagnostics,
    listed: stale.map(finding),
    facts,
    text: stale.map(paragraph).join('\n'),
    closing: closing(stale.length),
  };
}

const reasons: Readonly<Record<StaleFile['reason'], string>> = {
  missing: 'missing',
  changed: 'differs from what the manifest gives',
  edited: 'edited by hand: its header is gone',
  orphan: 'left over, made no more',
};

function paragraph({ path, reason, difference }: StaleFile): string {
  const hunk = difference === null ? '' : difference.hunk.replaceAll(/^/gm, '  ');
  return [`${shown(path)}: ${reasons[reason]}`, hunk].filter((part) => part !== '').join('\n');
}

function closing(files: number): string {
  const error = paint('red', 'error', process.stderr);
  const are = files === 1 ? 'is' : 'are';
  return `${error} ${errorCodes.StaleFiles}: ${count(files, 'file')} ${are} stale. ${advice}`;
}

const advice = 'Run `npx pgsched generate` and commit what it writes.';

function finding({ path, reason, difference }: StaleFile): Diagnostic {
  const place = { file: path, line: difference?.line ?? 1, column: 1, length: 1, text: '' };
  return diagnostic('StaleFiles', place, `The file is stale: ${reasons[reason]}. ${advice}`);
}

function staleJson({ path, reason, difference }: StaleFile): object {
  return { file: shown(path), reason, diff: difference?.hunk ?? null };
}
