import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import test from 'ava';
import { type Ended, repository, start } from '../support/cli.js';
import { temporaryFolder } from '../support/project.js';

interface Target {
  readonly types: string;
  readonly default: string;
}

const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  version: string;
  bin: Record<string, string>;
  exports: Record<string, Target | string>;
};
const packing = pack();

/** What `npm publish` would send: the archive, and the files in it. */
async function pack(): Promise<{ archive: string; files: string[] }> {
  const folder = temporaryFolder();
  const { stdout } = await run('npm', 'pack', '--json', '--pack-destination', folder);
  const [{ filename, files }] = JSON.parse(stdout) as [
    { filename: string; files: { path: string }[] },
  ];
  return { archive: join(folder, filename), files: files.map(({ path }) => path) };
}

function run(...command: string[]): Promise<Ended> {
  return start(command, { cwd: repository }).ended;
}

test('the package holds everything that its manifest points at', async (t) => {
  const { files } = await packing;
  const targets = [
    ...Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : [target.types, target.default],
    ),
    ...Object.values(manifest.bin),
  ].map((path) => path.replace('./', ''));
  t.deepEqual(
    targets.filter((path) => !files.includes(path)),
    [],
  );
});

test('it holds what is read at run time: migrations, templates, the thread of the heartbeat', async (t) => {
  const { files } = await packing;
  const copied = ['schema/migrations', 'templates'].flatMap((folder) =>
    readdirSync(join(repository, folder)).map((file) => `dist/${folder}/${file}`),
  );
  const needed = [...copied, 'dist/runtime/worker/beat-thread.js', 'README.md', 'LICENSE'];
  t.deepEqual(
    needed.filter((path) => !files.includes(path)),
    [],
  );
});

test('it holds no tests, no examples, no scripts of the repository', async (t) => {
  const { files } = await packing;
  const roots = new Set(files.map((path) => path.split('/')[0] as string));
  t.deepEqual([...roots].sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    ...['cli', 'dist', 'docs', 'generator'],
    ...['package.json', 'queries', 'runtime', 'schema', 'templates'],
  ]);
  t.deepEqual(
    files.filter((path) => /\.test\.|\.tsbuildinfo$|^queries\/tool\//.test(path)),
    [],
  );
});

test('types come first in every entry', (t) => {
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (entry === './package.json') t.is(target, './package.json');
    else t.is(Object.keys(target)[0], 'types', entry);
  }
});

test('maps of sources and declarations point at files that ship', async (t) => {
  const { files } = await packing;
  const shipped = new Set(files);
  const maps = files.filter((path) => path.endsWith('.map'));
  t.true(maps.length > 100);
  for (const map of maps) {
    const { sources } = JSON.parse(readFileSync(join(repository, map), 'utf8')) as {
      sources: string[];
    };
    t.deepEqual(
      sources.filter((source) => !shipped.has(join(dirname(map), source))),
      [],
      map,
    );
  }
});

test('publint finds nothing', async (t) => {
  const { archive } = await packing;
  const { code, stdout } = await run('npx', 'publint', archive, '--strict');
  t.is(code, 0, stdout);
});

test('the types resolve for every importer of ES modules', async (t) => {
  const { archive } = await packing;
  const { code, stdout } = await run('npx', 'attw', archive, '--profile', 'esm-only');
  t.is(code, 0, stdout);
});
