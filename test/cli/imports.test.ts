import { join } from 'node:path';
import test from 'ava';
import { binary, repository, start } from '../support/cli.js';
import { userProject } from '../support/project.js';

const folder = userProject();

/** Writes the address of every module that is resolved on stdout, a line each; what was required at the end. */
const spy = `
import { register, createRequire } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
  import { writeSync } from 'node:fs';
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context);
    if (context.parentURL && !context.parentURL.startsWith('data:')) writeSync(2, 'loaded ' + found.url + '\\\\n');
    return found;
  }\`));
const require = createRequire('/');
process.on('exit', () => { for (const file of Object.keys(require.cache)) process.stderr.write('loaded ' + file + '\\n'); });
`;

/** What a program of the user's loads: what it imports, and what that requires. */
async function loadedBy(...args: string[]): Promise<string[]> {
  const hook = `data:text/javascript,${encodeURIComponent(spy)}`;
  const { code, stderr } = await start([process.execPath, '--import', hook, ...args], {
    cwd: folder,
  }).ended;
  if (code !== 0) throw new Error(stderr);
  return [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, url]) =>
    (url as string).replace('file://', ''),
  );
}

function importing(specifier: string): Promise<string[]> {
  return loadedBy('--input-type=module', '--eval', `import '${specifier}';`);
}

const ofPackage = (name: string) => (url: string) => url.includes(`/node_modules/${name}/`);
const dist = join(repository, 'dist/');

test('the vocabulary loads nothing but itself: neither pg nor a module of node', async (t) => {
  for (const entry of ['pgsched', 'pgsched/config']) {
    const loaded = await importing(entry);
    t.true(loaded.length > 0);
    t.deepEqual(
      loaded.filter((url) => !url.startsWith(`${dist}runtime/`)),
      [],
      entry,
    );
  }
});

test('the standalone client loads no package and no module of node', async (t) => {
  const loaded = await importing('pgsched/standalone');
  t.true(loaded.some((url) => url.endsWith('/standalone.queries.js')));
  t.deepEqual(
    loaded.filter((url) => !url.startsWith(dist)),
    [],
  );
});

test('client and worker load pg, and no compiler', async (t) => {
  for (const entry of ['pgsched/client', 'pgsched/worker', 'pgsched/testing']) {
    const loaded = await importing(entry);
    t.true(loaded.some(ofPackage('pg')), entry);
    for (const name of [
      'ts-morph',
      'tsx',
      'esbuild',
      'typescript',
      'commander',
      'chokidar',
      'valibot',
    ]) {
      t.false(loaded.some(ofPackage(name)), `${entry} loads ${name}`);
    }
    t.false(
      loaded.some((url) => url.startsWith(`${dist}generator/`)),
      entry,
    );
  }
});

test('the spy sees what is loaded', async (t) => {
  t.true((await importing('valibot')).some((url) => url.includes('valibot')));
  t.true((await importing('node:fs')).includes('node:fs'));
});

test('help loads neither pg, ts-morph nor tsx', async (t) => {
  const loaded = await loadedBy(binary, '--help');
  t.true(loaded.some(ofPackage('commander')));
  const packages = loaded
    .filter((url) => url.includes('/node_modules/'))
    .filter((url) => !ofPackage('commander')(url));
  t.deepEqual(packages, []);
  t.false(loaded.some((url) => url.startsWith(`${dist}generator/`)));
});
