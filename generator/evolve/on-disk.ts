import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrittenContract } from '../emit/contract.js';
import type { WorkerSide } from '../emit/emit.js';
import { upcastPath } from '../emit/layout.js';
import type { Project } from '../project.js';

/** The contract that the last run has written; null if there is none that can be read. */
export async function readWritten({ out }: Project): Promise<WrittenContract | null> {
  try {
    const text = await readFile(join(out, 'contract.json'), 'utf8');
    const contract = JSON.parse(text) as Partial<WrittenContract> | null;
    return contract?.tasks ? (contract as WrittenContract) : null;
  } catch {
    return null;
  }
}

export interface Upcasts {
  /** Absolute paths of the upcasters that there are. */
  readonly files: readonly string[];
  /** The versions that a task's upcaster has steps from; null where it has none that can be read. */
  steps(task: string): readonly number[] | null;
}

/** What the user's upcasters say, of each worker's tasks. */
export async function readUpcasts(root: string, workers: readonly WorkerSide[]): Promise<Upcasts> {
  const steps = new Map<string, readonly number[] | null>();
  const files: string[] = [];
  const evolved = workers.flatMap(({ layout, model }) =>
    model.tasks
      .filter(({ contract }) => contract.version > 1)
      .map(({ name }) => ({ layout, name })),
  );
  for (const { layout, name } of evolved) {
    const path = join(root, upcastPath(layout, name));
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) continue;
    const { upcastSteps } = await import('../read/upcast-steps.js');
    files.push(path);
    steps.set(name, upcastSteps(text));
  }
  return { files, steps: (task) => steps.get(task) ?? null };
}
