import type { Generated } from '../../generator/generate.js';
import { checkFiles } from '../../generator/write/check-files.js';
import { staleFinding, staleJson } from '../generate/stale.js';
import type { CheckPart } from './part.js';

/** Whether the generated files are what the manifest gives. */
export async function checkFresh(generated: Generated): Promise<CheckPart> {
  const stale = await checkFiles(generated);
  return {
    diagnostics: stale.map(staleFinding),
    summary: 'Everything generated is fresh.',
    remarks: [],
    facts: { stale: stale.map(staleJson) },
  };
}
