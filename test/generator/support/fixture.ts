import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Project } from '../../../generator/index.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

export interface Fixture extends Project {
  /** Absolute path of a file. */
  path(file: string): string;
  read(file: string): string;
  write(file: string, text: string): void;
}

/** The flags of tsconfig.json, which generated code must pass whoever compiles it. */
export const strictest = {
  target: 'ES2023',
  // The default has the DOM's types, too, which take half of the compiler's time.
  lib: ['ES2023', 'ESNext.Disposable'],
  module: 'NodeNext',
  strict: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
};

/** A user's project in a folder of its own, with this pgsched installed. It is removed when the test ends. */
export function project(
  t: { teardown(remove: () => void): void },
  files: Readonly<Record<string, string>>,
  compilerOptions: object | null = strictest,
): Fixture {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pgsched-generator-')));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const path = (file: string) => join(root, file);
  const write = (file: string, text: string) => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  };
  mkdirSync(path('node_modules/@types'), { recursive: true });
  for (const [file, text] of installed()) write(`node_modules/pgsched/${file}`, text);
  for (const name of ['valibot', 'zod', '@types/node', '@types/pg']) {
    symlinkSync(join(repository, 'node_modules', name), path(`node_modules/${name}`));
  }
  write('package.json', JSON.stringify({ name: 'fixture', type: 'module' }));
  if (compilerOptions) {
    write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }));
  }
  for (const [file, text] of Object.entries(files)) write(file, text);
  return {
    root,
    manifest: path('src/jobs/tasks.ts'),
    out: path('src/jobs/generated'),
    workers: [
      {
        handlers: path('src/jobs/handlers'),
        out: path('src/jobs/generated'),
        setup: path('src/jobs/worker.ts'),
      },
    ],
    schema: 'pgsched',
    path,
    write,
    read: (file) => readFileSync(path(file), 'utf8'),
  };
}

let declarations: ReadonlyMap<string, string> | undefined;

/** What a compiler sees of the installed package, made from the sources, so that no build need stand by. */
function installed(): ReadonlyMap<string, string> {
  if (declarations) return declarations;
  const manifest = readFileSync(join(repository, 'package.json'), 'utf8');
  const found = new Map([['package.json', manifest]]);
  for (const [, entry = ''] of manifest.matchAll(/"types": "\.\/(.+)"/g))
    addDeclarations(found, entry);
  declarations = found;
  return found;
}

/** Adds a declaration file, and those that it imports. */
function addDeclarations(found: Map<string, string>, file: string): void {
  if (found.has(file)) return;
  const source = file.replace(/^dist\//, '').replace(/d\.ts$/, 'ts');
  const text = readFileSync(join(repository, source), 'utf8');
  const { outputText } = ts.transpileDeclaration(text, { fileName: source });
  found.set(file, outputText);
  for (const [, path = ''] of outputText.matchAll(/(?:from|import)[ (]'(\.{1,2}\/.+?)\.js'/g)) {
    addDeclarations(found, join(dirname(file), `${path}.d.ts`));
  }
}

/** A project whose manifest has these tasks. */
export function manifest(
  t: { teardown(remove: () => void): void },
  tasks: string,
  { before = '', ...files }: Readonly<Record<string, string>> = {},
): Fixture {
  return project(t, { ...files, 'src/jobs/tasks.ts': manifestText(tasks, before) });
}

/** The text of a manifest with these tasks. Its first task stands in line 5. */
export function manifestText(tasks: string, before = ''): string {
  return `import { defineTasks, task, type Json } from 'pgsched';
import * as v from 'valibot';
${before.trim().replaceAll('\n', ' ')}
export default defineTasks({
${tasks.trim()}
});

export type Uses = Json | typeof v;
`;
}
