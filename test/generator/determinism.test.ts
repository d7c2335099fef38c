import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import ts from 'typescript';
import { emit } from '../../generator/emit/emit.js';
import { header } from '../../generator/emit/header.js';
import { generate, type Memory, writeFiles } from '../../generator/index.js';
import type { ManifestModel } from '../../generator/model.js';
import { taskDefaults } from '../../runtime/contract/defaults.js';
import { pgsched } from '../support/cli.js';
import { type Fixture, project, strictest } from './support/fixture.js';
import { goldenSources } from './support/golden.js';

/** Every file that a project makes, by its path from the root. */
async function made(fixture: Fixture, memory?: Memory): Promise<Record<string, string>> {
  const { files, stubs } = await generate(fixture, memory);
  return Object.fromEntries(
    [...files, ...stubs].map(([path, text]) => [path.slice(fixture.root.length + 1), text]),
  );
}

test('the bytes do not depend on the folder, the locale, the time zone or line ends', async (t) => {
  const here = await made(project(t, goldenSources));
  t.true(Object.keys(here).length > 10);
  const crlf = Object.fromEntries(
    Object.entries(goldenSources).map(([file, text]) => [file, text.replaceAll('\n', '\r\n')]),
  );
  t.deepEqual(await made(project(t, crlf)), here);

  // A process of its own: the locale is asked for once, at its start.
  const elsewhere = project(t, goldenSources);
  const env = { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu' };
  const { code, stderr } = await pgsched(['generate'], { cwd: elsewhere.path('src'), env });
  t.is(code, 0, stderr);
  const files = Object.keys(here).map((file) => [file, elsewhere.read(file)]);
  t.deepEqual(Object.fromEntries(files), here);
});

test('nor on the order in which files are found, on files that have no part in it, or on what was generated before', async (t) => {
  const kinds = { one: ['b', 'a', 'd'], two: ['d', 'c', 'a'], three: ['c', 'd', 'b'] };
  const sources = (order: readonly string[]) => ({
    ...Object.fromEntries(
      Object.entries(kinds).map(([name, letters]) => [
        `src/jobs/${name}.ts`,
        `export type ${name} = ${letters.map((letter) => `'${letter}'`).join(' | ')};\n`,
      ]),
    ),
    'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
${order.map((name) => `import type { ${name} } from './${name}.js';\n`).join('')}
export default defineTasks({ a: task<{ one: one; two: two | one }, Record<three, two>>() });
`,
  });
  const names = Object.keys(kinds);
  const here = await made(project(t, sources(names)));
  const reversed = project(t, {
    ...sources(names.toReversed()),
    'src/stranger.d.ts': "declare const stranger: 'd' | 'c' | 'b' | 'a';\n",
  });
  const memory: Memory = {};
  t.deepEqual(await made(reversed, memory), here);
  await writeFiles(await generate(reversed, memory));
  t.deepEqual(await made(reversed, memory), here);
});

test('a task is read alike whatever else is in the program, and whatever optional means there', async (t) => {
  const union = (letters: string) => [...letters].map((letter) => `'${letter}'`).join(' | ');
  const task = `a: task<{ kind: ${union('zaqxswc')}; y?: number }>(),`;
  const read = async (before: string, exactOptionalPropertyTypes: boolean) => {
    const source = `import { defineTasks, task } from 'pgsched';\nexport default defineTasks({\n${before}\n${task}\n});\n`;
    const files = await made(
      project(t, { 'src/jobs/tasks.ts': source }, { ...strictest, exactOptionalPropertyTypes }),
    );
    const types = /interface AArgs \{.*?\n\}/s.exec(
      files['src/jobs/generated/client.ts'] ?? '',
    )?.[0];
    return { types, contract: JSON.parse(files['src/jobs/generated/contract.json'] ?? '').tasks.a };
  };
  const alone = await read('', true);
  t.true(alone.types?.includes('kind:'));
  t.deepEqual(await read(`first: task<{ kind: ${union('cqwxaszp')} }>(),`, false), alone);
});

test('emitting needs a model alone: no file system, process, clock or chance', (t) => {
  const folder = fileURLToPath(new URL('../../generator/emit/', import.meta.url));
  // Also of the files in folders of its own.
  const allowed =
    /^(node:path|node:crypto|(\.\/|\.\.\/)[a-z-]+\.js|(\.\.\/){1,2}(model|names|sql-arguments)\.js|(\.\.\/){2,3}runtime\/contract\/(types|sql-text|shape\/members)\.js)$/;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  t.true(files.length > 10);
  for (const file of files) {
    const text = readFileSync(folder + file, 'utf8');
    const imported = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
    t.deepEqual(
      imported.filter((path) => !allowed.test(path)),
      [],
      file,
    );
    t.notRegex(
      text.replace(/^ \*.*|\/\/.*/gm, ''),
      /\bprocess\.|\bnew Date\b|Date\.now|Math\.random|randomUUID|randomBytes|import\(/,
      file,
    );
  }
});

test('a model by hand is emitted without a compiler', (t) => {
  const model: ManifestModel = {
    groups: [],
    retired: [],
    extension: '.js',
    tasks: [
      {
        name: 'ping',
        doc: 'Pings.',
        deprecated: null,
        tags: [],
        contract: {
          version: 1,
          topic: 'ping',
          ...taskDefaults,
          key: null,
          keyScope: 'active',
          onConflict: null,
          args: null,
          result: null,
          schemas: { args: false, result: false },
        },
        documented: { args: null, result: null, definitions: {} },
        types: {
          args: { kind: 'void' },
          parsedArgs: null,
          result: { kind: 'void' },
          returned: null,
        },
        definitions: [],
      },
    ],
  };
  const layout = {
    manifest: 'tasks.ts',
    out: 'generated',
    handlers: 'handlers',
    worker: null,
    handlersOut: 'generated',
    contract: null,
  };
  const templates = {
    handler: "/** __doc__ */\n__Task__ './__handlers__.js' (__args__)",
    upcast: '',
  };
  const { files, stubs, contract } = emit(model, {
    layout,
    workers: [{ layout, model }],
    schema: 'other',
    templates,
    jsonSchema: false,
    standalone: false,
  });
  t.is(contract.schema, 'other');
  t.deepEqual([...files.keys()].sort(), [
    'generated/client.ts',
    'generated/contract.json',
    'generated/contract.ts',
    'generated/handlers.ts',
    'generated/testing.ts',
    'handlers/index.ts',
  ]);
  t.is(stubs.get('handlers/ping.ts'), "/** Pings. */\nPing '../generated/handlers.js' (_args)");
});

test('the header has neither a version nor a date', (t) => {
  t.notRegex(header('src/generated/client.ts', 'src/tasks.ts'), /\d\.\d|\d{4}/);
});

test('a hash changes with what a task does, not with its docs', async (t) => {
  const hash = async (task: string): Promise<string> => {
    const files = await made(
      project(t, {
        'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';\nexport default defineTasks({\n${task}\n});\n`,
      }),
    );
    return JSON.parse(files['src/jobs/generated/contract.json'] ?? '').tasks.a.hash;
  };
  const plain = await hash('a: task<{ n: number }>(),');
  t.regex(plain, /^[0-9a-f]{64}$/);
  t.is(await hash('/** Documented. */\na: task<{\n/** So is this. */\nn: number }>(),'), plain);
  t.not(await hash('a: task<{ n: string }>(),'), plain);
  t.not(await hash('a: task<{ n: number }>({ maxAttempts: 4 }),'), plain);
});
