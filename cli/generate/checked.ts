import type { Generated } from '../../generator/generate.js';
import { checkFiles, type StaleFile } from '../../generator/write/check-files.js';
import { errorCodes } from '../../runtime/errors.js';
import { exitCodes } from '../exit-codes.js';
import type { Outcome } from '../format/outcome.js';
import { count, paint, shown } from '../output.js';
import { advice, reasons, staleFinding, staleJson } from './stale.js';

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
    listed: stale.map(staleFinding),
    facts,
    text: stale.map(paragraph).join('\n'),
    closing: closing(stale.length),
  };
}

function paragraph({ path, reason, difference }: StaleFile): string {
  const hunk = difference === null ? '' : difference.hunk.replaceAll(/^/gm, '  ');
  return [`${shown(path)}: ${reasons[reason]}`, hunk].filter((part) => part !== '').join('\n');
}

function closing(files: number): string {
  const error = paint('red', 'error', process.stderr);
  const are = files === 1 ? 'is' : 'are';
  return `${error} ${errorCodes.StaleFiles}: ${count(files, 'file')} ${are} stale. ${advice}`;
}
