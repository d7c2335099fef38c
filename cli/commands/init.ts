import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renderTemplate } from '../../generator/emit/template.js';
import { PgschedError } from '../../runtime/errors.js';
import { findConfig, loadConfig } from '../config.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { paint, print, shown } from '../output.js';
import { editPackage } from '../package-edits.js';
import { placesOf } from '../project.js';

export interface InitOptions {
  config?: string | undefined;
  dryRun?: boolean | undefined;
}

/** A file of the user's, as init would leave it; `before` is null where there is none. */
interface Edit {
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
  /** What was done, beside the path. */
  readonly what: string;
}

/** `pgsched init`: what a project needs to begin. Never overwrites: what is there is kept, and said. */
export async function init(options: InitOptions): Promise<ExitCode> {
  const folder = process.cwd();
  const { manifest, out, workers } = placesOf(folder, await loadConfig(folder, options.config));
  const config = findConfig(folder, options.config);
  const edits = [
    await packageEdit(folder),
    await created(join(folder, 'tsconfig.json'), await template('project-tsconfig.json')),
    config === null
      ? await created(
          join(folder, 'pgsched.config.ts'),
          renderTemplate(await template('pgsched.config.ts'), { __manifest__: shown(manifest) }),
        )
      : await kept(config),
    await created(manifest, await template('tasks.ts')),
    await attributesEdit(folder, [
      ...new Set([out, ...workers.map((worker) => worker.out)].map((path) => `${shown(path)}/**`)),
      ...workers.map(({ handlers }) => `${shown(handlers)}/index.ts`),
    ]),
  ];
  for (const edit of edits) {
    const changed = edit.after !== edit.before;
    if (changed && !options.dryRun) await write(edit);
    const word = !changed ? 'kept' : edit.before === null ? 'created' : 'changed';
    const verb = paint(changed ? 'green' : 'gray', word.padEnd(7), process.stdout);
    print(`${verb}  ${shown(edit.path)}${edit.what && `  (${edit.what})`}`);
  }
  print(
    options.dryRun
      ? '\nNothing was written: --dry-run.'
      : nextSteps(
          shown(manifest),
          workers.map(({ handlers }) => `${shown(handlers)}/`),
        ),
  );
  return exitCodes.ok;
}

function nextSteps(manifest: string, handlers: readonly string[]): string {
  return `
Next:
  1. Declare your tasks in ${manifest}
  2. npx pgsched generate
  3. Write the handlers in ${handlers.join(' and ')}
  4. npx pgsched dev      a database, a worker, and generate after every change;
     or, with a server of your own in DATABASE_URL:
     npx pgsched migrate && npx pgsched worker
  5. npx pgsched enqueue greet '{"name": "Ada"}' --wait`;
}

async function packageEdit(folder: string): Promise<Edit> {
  const path = join(folder, 'package.json');
  const before = await textOf(path);
  if (before === null) {
    throw new PgschedError('PackageNotFound', {
      message: `There is no package.json in ${folder}. Run \`npm init -y\` here first, or start the command in your project's folder.`,
    });
  }
  const { text, what } = editPackage(before, { path, hasSource: await hasSource(folder) });
  return { path, before, after: text, what };
}

/** Whether the package has code already, which a change of its module type could break. */
async function hasSource(folder: string): Promise<boolean> {
  const skipped = new Set(['node_modules', 'dist']);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || skipped.has(entry.name)) continue;
    if (entry.isDirectory()) {
      if (await hasSource(join(folder, entry.name))) return true;
    } else if (/\.[cm]?[jt]sx?$/.test(entry.name) && !/^pgsched\.config\./.test(entry.name)) {
      return true;
    }
  }
  return false;
}

/** Generated code is folded away in reviews. */
async function attributesEdit(folder: string, patterns: readonly string[]): Promise<Edit> {
  const path = join(folder, '.gitattributes');
  const before = await textOf(path);
  const lines = patterns
    .map((pattern) => `${pattern} linguist-generated`)
    .filter((line) => !before?.split(/\r?\n/).includes(line));
  const gap = before === null || before === '' || before.endsWith('\n') ? '' : '\n';
  const after = lines.length === 0 ? (before ?? '') : `${before ?? ''}${gap}${lines.join('\n')}\n`;
  return { path, before, after, what: '' };
}

async function created(path: string, text: string): Promise<Edit> {
  const before = await textOf(path);
  return { path, before, after: before ?? text, what: '' };
}

async function kept(path: string): Promise<Edit> {
  const before = await readFile(path, 'utf8');
  return { path, before, after: before, what: '' };
}

async function write({ path, before, after }: Edit): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, after, before === null ? { flag: 'wx' } : {});
}

async function textOf(path: string): Promise<string | null> {
  return existsSync(path) ? readFile(path, 'utf8') : null;
}

function template(name: string): Promise<string> {
  return readFile(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
}
