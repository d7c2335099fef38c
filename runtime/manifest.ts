import type { AnyTask, Group } from './task.js';

/** The declared task at a dotted name, where the manifest is loaded. */
export function declaredTask(manifest: Group | null, name: string): AnyTask | undefined {
  let found: AnyTask | Group | undefined = manifest ?? undefined;
  for (const segment of name.split('.')) {
    found = isTask(found) ? undefined : found?.[segment];
  }
  return isTask(found) ? found : undefined;
}

function isTask(value: AnyTask | Group | undefined): value is AnyTask {
  return value?.['~pgsched'] === 'task';
}
