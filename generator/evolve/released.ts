import { isPgschedError } from '../../runtime/errors.js';
import { type Baseline, readBaseline } from '../baseline.js';
import { type Diagnostic, diagnostic } from '../diagnostic.js';
import type { Project } from '../project.js';

/** The contract that is released, as far as it can be told; what stood in the way is a warning. */
export interface Released {
  readonly contract: Baseline['contract'];
  readonly warnings: readonly Diagnostic[];
}

/** Asks git, or the file that the config names. A base that cannot be read keeps nobody from generating. */
export async function readReleased(project: Project): Promise<Released> {
  try {
    return { contract: (await readBaseline(project)).contract, warnings: [] };
  } catch (error) {
    if (!isPgschedError(error)) throw error;
    const warning = diagnostic(error.name, null, error.message, { severity: 'warning' });
    return { contract: null, warnings: [warning] };
  }
}
