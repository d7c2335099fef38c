import { diagnostic } from '../../generator/diagnostic.js';
import type { Generated } from '../../generator/generate.js';
import { checkFiles, type StaleFile } from '../../generator/write/check-files.js';
import { shown } from '../output.js';
import type { CheckPart } from './part.js';

/** Whether the generated files are what the manifest gives. */
export async function checkFresh(generated: Generated): Promise<CheckPart> {
  const stale = await checkFiles(generated);
  return {
    diagnostics: stale.map(({ path, reason }) => {
      const place = { file: path, line: 1, column: 1, length: 1, text: '' };
      const message = `The file is stale: ${reasons[reason]}. Run \`npx pgsched generate\` and commit what it writes.`;
      return diagnostic('StaleFiles', place, message);
    }),
    summary: 'Everything generated is fresh.',
    remarks: [],
    facts: { stale: stale.map(({ path, reason }) => ({ file: shown(path), reason })) },
  };
}

const reasons: Readonly<Record<StaleFile['reason'], string>> = {
  missing: 'it is missing',
  changed: 'it differs from what the manifest gives',
  orphan: 'it is left over, made no more',
};
