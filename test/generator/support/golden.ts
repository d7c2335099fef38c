import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Generated, generate, writeFiles } from '../../../generator/index.js';
import { type Fixture, project } from './fixture.js';

export const goldenFolder: string = fileURLToPath(
  new URL('../../fixtures/generator/', import.meta.url),
);

/** The sources of the golden project: a manifest with some of everything. */
export const goldenSources: Readonly<Record<string, string>> = Object.fromEntries(
  ['src/jobs/tasks.ts', 'src/jobs/mail/tasks.ts'].map((file) => [file, readGolden(file)]),
);

export function readGolden(file: string): string {
  return readFileSync(`${goldenFolder}${file}`, 'utf8');
}

/** The golden project with its generated files, in a folder of its own. */
export async function goldenProject(
  t: { teardown(remove: () => void): void },
  compilerOptions?: object,
): Promise<Fixture & { generated: Generated }> {
  const fixture: Fixture = {
    ...project(t, goldenSources, compilerOptions),
    client: 'standalone',
    jsonSchema: true,
  };
  const generated = await generate(fixture);
  await writeFiles(generated);
  return { ...fixture, generated };
}

/** Every file below a folder, relative to it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}
