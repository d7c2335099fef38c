import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import test from 'ava';
import { generate, writeFiles } from '../../generator/index.js';
import { compile } from './support/compile.js';
import { type Fixture, project, strictest } from './support/fixture.js';
import {
  filesIn,
  goldenFolder,
  goldenProject,
  goldenSources,
  readGolden,
} from './support/golden.js';

test('generated code is the golden one, byte for byte', async (t) => {
  const { generated, root } = await goldenProject(t);
  const made = new Map(
    [...generated.files, ...generated.stubs].map(([path, text]) => [
      path.slice(root.length + 1),
      text,
    ]),
  );
  if (process.env['UPDATE_GOLDEN']) {
    for (const [file, text] of made) {
      mkdirSync(dirname(goldenFolder + file), { recursive: true });
      writeFileSync(goldenFolder + file, text);
    }
  }
  const expected = filesIn(goldenFolder.slice(0, -1)).filter((file) => !(file in goldenSources));
  t.deepEqual([...made.keys()].sort(), expected);
  for (const [file, text] of made) t.is(text, readGolden(file), file);
});

test('generated code compiles under every strict flag', async (t) => {
  t.deepEqual(compile(await goldenProject(t)), []);
});

test('generated code has the explicit types that isolatedDeclarations wants', async (t) => {
  const fixture = await goldenProject(t);
  const found = compile(fixture, { isolatedDeclarations: true, declaration: true });
  // A manifest's type is inferred: that is what it is for.
  t.deepEqual(
    found.filter((line) => !/^src\/jobs\/(mail\/)?tasks\.ts/.test(line)),
    [],
  );
  t.true(found.length > 0);
});

test('generated code compiles with the lib check on and without a lib for disposables', async (t) => {
  const options = { ...strictest, lib: ['ES2022'], target: 'ES2022', skipLibCheck: false };
  t.deepEqual(compile(await goldenProject(t, options)), []);
});

for (const [name, options, extension] of [
  ['NodeNext', { module: 'NodeNext' }, '.js'],
  ['NodeNext with .ts imports', { module: 'NodeNext', allowImportingTsExtensions: true }, '.ts'],
  ['a bundler', { module: 'ESNext', moduleResolution: 'Bundler', lib: ['ES2023', 'DOM'] }, ''],
] as const) {
  test(`under ${name} modules import each other with "${extension}"`, async (t) => {
    const manifest = `import { defineTasks, task } from 'pgsched';
export default defineTasks({ mail: { send: task<{ to: string }>() } });`;
    const fixture = project(t, { 'src/jobs/tasks.ts': manifest }, { ...strictest, ...options });
    await writeFiles(await generate(fixture));
    t.true(fixture.read('src/jobs/handlers/index.ts').includes(`'./mail/send${extension}'`));
    t.true(fixture.read('src/jobs/generated/client.ts').includes(`'../tasks${extension}'`));
    t.deepEqual(compile(fixture), []);
  });
}

for (const extension of ['.js', '.ts', ''] as const) {
  test(`told so, every generated module names the others with "${extension}", whatever the tsconfig asks for`, async (t) => {
    const options = {
      ...{ ...strictest, module: 'ESNext', moduleResolution: 'Bundler' },
      allowImportingTsExtensions: true,
    };
    const sources = {
      'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
import * as v from 'valibot';
export default defineTasks({ ping: task(), mail: { send: task({ args: v.object({ to: v.string() }) }) } });`,
      'src/jobs/worker.ts': `import { defineWorker } from 'pgsched';
export default defineWorker({ context: () => ({ id: 1 }) });`,
    };
    const made = project(t, sources, options);
    const fixture: Fixture = {
      ...made,
      client: 'standalone',
      importExtension: extension,
    };
    const generated = await generate(fixture);
    await writeFiles(generated);
    let imports = 0;
    for (const [file, text] of [...generated.files, ...generated.stubs]) {
      for (const [, path = ''] of text.matchAll(/ from '(\.[^']*)'/g)) {
        t.is(/\.\w+$/.exec(path)?.[0] ?? '', extension, `${path} in ${file}`);
        imports += 1;
      }
    }
    t.true(imports > 15);
    t.deepEqual(compile(fixture), []);
  });
}

test('a manifest without tasks makes code that compiles', async (t) => {
  const fixture = project(t, {
    'src/jobs/tasks.ts':
      "import { defineTasks } from 'pgsched';\nexport default defineTasks({});\n",
  });
  await writeFiles(await generate(fixture));
  t.deepEqual(compile(fixture), []);
});

test('without schemas the manifest is not loaded at run time', async (t) => {
  const fixture = project(t, {
    'src/jobs/tasks.ts':
      "import { defineTasks, task } from 'pgsched';\nexport default defineTasks({ a: task<{ n: number }>() });\n",
  });
  await writeFiles(await generate(fixture));
  t.true(
    fixture
      .read('src/jobs/generated/client.ts')
      .includes("import type manifest from '../tasks.js';"),
  );
  t.false(fixture.read('src/jobs/handlers/index.ts').includes('tasks.js'));
});
