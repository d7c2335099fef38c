import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { registerCompletionHandler } from 'ava';
import { repository } from './cli.js';

export interface ProjectFiles {
  readonly [path: string]: string;
}

/** What a project here compiles with. Without the DOM's types, which take a third of the time to generate. */
export const tsconfig =
  '{ "compilerOptions": { "module": "NodeNext", "lib": ["ES2023"], "strict": true, "skipLibCheck": true } }';

/** A folder of a user of ours, with this package in its node_modules. Gone after the file's tests. */
export function userProject(files: ProjectFiles = {}): string {
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(repository, join(modules, 'pgsched'));
  symlinkSync(join(repository, 'node_modules/valibot'), join(modules, 'valibot'));
  write(folder, { 'package.json': '{ "name": "shop", "type": "module" }\n', ...files });
  return folder;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pgsched-cli-'));
  registerCompletionHandler(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of a project, to change. */
export function copyOf(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

export function write(folder: string, files: ProjectFiles): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
