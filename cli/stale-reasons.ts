import type { StaleFile } from '../generator/write/check-files.js';

/** Why a file is stale, behind its name. */
export const staleReasons: Readonly<Record<StaleFile['reason'], string>> = {
  missing: 'missing',
  changed: 'differs from what the manifest gives',
  orphan: 'left over, made no more',
};
