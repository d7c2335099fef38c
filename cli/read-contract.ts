import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrittenContract } from '../generator/emit/contract.js';
import type { Project } from '../generator/project.js';
import { PgschedError } from '../runtime/errors.js';
import { shown } from './output.js';

/** The contract as `generate` wrote it. @throws StaleContract when it is not there or cannot be read */
export async function readContract({ out }: Project): Promise<WrittenContract> {
  const path = join(out, 'contract.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as WrittenContract;
  } catch (cause) {
    throw new PgschedError('StaleContract', {
      message: `Cannot read the contract at ${shown(path)}: ${(cause as Error).message}. Run \`npx pgsched generate\`.`,
      cause,
    });
  }
}

/** The same; null where none was generated yet. */
export async function generatedContract(project: Project): Promise<WrittenContract | null> {
  return existsSync(join(project.out, 'contract.json')) ? await readContract(project) : null;
}
