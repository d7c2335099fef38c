import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched } from '../support/cli.js';
import { tsconfig, userProject } from '../support/project.js';

const manifest = `import { defineTasks, task } from 'pgsched';
export default defineTasks({ greet: task<{ name: string }>() });
`;

/** What `generate` says in a project with this config, and whether it wrote to `made/`. */
async function generateWith(config: Record<string, string>, args: string[] = []) {
  const cwd = userProject({ 'work/tasks.ts': manifest, 'tsconfig.json': tsconfig, ...config });
  const ended = await pgsched(['generate', ...args], { cwd });
  return { ...ended, made: existsSync(join(cwd, 'made/client.ts')) };
}

const kinds: Record<string, Record<string, string>> = {
  typescript: {
    'pgsched.config.ts': `import { defineConfig } from 'pgsched/config';
export default defineConfig({ manifest: 'work/tasks.ts', out: './made' satisfies string });`,
  },
  javascript: {
    'pgsched.config.js': `export default { manifest: 'work/tasks.ts', out: 'made' };`,
  },
  json: { 'pgsched.config.json': '{ "manifest": "work/tasks.ts", "out": "made" }' },
  'typescript in a commonjs package': {
    'package.json': '{ "type": "commonjs" }',
    'pgsched.config.ts': `import { defineConfig } from 'pgsched/config';
export default defineConfig({ manifest: 'work/tasks.ts', out: 'made' });`,
  },
};

for (const [kind, files] of Object.entries(kinds)) {
  test(`a config may be ${kind}`, async (t) => {
    const { code, stderr, made } = await generateWith(files);
    t.is(code, 0, stderr);
    t.true(made);
  });
}

test('another config can be named, and its paths are relative to it', async (t) => {
  const config = { 'conf/mine.json': '{ "manifest": "../work/tasks.ts", "out": "../made" }' };
  const { code, stderr, made } = await generateWith(config, ['--config', 'conf/mine.json']);
  t.is(code, 0, stderr);
  t.true(made);
});

const bad: [name: string, config: string, message: RegExp][] = [
  [
    'an unknown option',
    '{ "manifets": "x" }',
    /pgsched\.config\.json: `manifets` is no option\. Did you mean `manifest`\?/,
  ],
  ['a value of another type', '{ "out": 7 }', /`out` must be a string, got 7/],
  ['a text for a switch', '{ "jsonSchema": "yes" }', /`jsonSchema` must be a boolean, got "yes"/],
  [
    'a client that there is not',
    '{ "client": "alone" }',
    /`client` must be "standalone", got "alone"/,
  ],
  [
    'an import extension that there is not',
    '{ "importExtension": ".js" }',
    /`importExtension` must be one of "js", "ts", "none", got "\.js"/,
  ],
  [
    'a path for the name of a package',
    '{ "contract": "../jobs" }',
    /`contract` must be what the handlers' package imports .* got '\.\.\/jobs'/,
  ],
  [
    'generated code that the package cannot give away',
    '{ "manifest": "work/tasks.ts", "contract": "@acme/jobs", "out": "made" }',
    /With `contract`, `out` must be in the manifest's folder/,
  ],
  ['no object', '[]', /must be an object/],
  ['no JSON', '{ manifest: 1 }', /pgsched\.config\.json is no JSON/],
];

for (const [name, config, message] of bad) {
  test(`a config with ${name} is refused`, async (t) => {
    const { code, stdout, stderr } = await generateWith({ 'pgsched.config.json': config });
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, /^error PGS1012: /);
    t.regex(stderr, message);
  });
}

test('a config that throws is refused with its own message and place', async (t) => {
  const { code, stderr } = await generateWith({
    'pgsched.config.ts': `const name: string = 'x';\nthrow new Error('not today');\nexport default {};`,
  });
  t.is(code, 2);
  t.regex(
    stderr,
    /^error PGS1012: pgsched\.config\.ts does not load: not today\n.*pgsched\.config\.ts:2:/,
  );
});

test('a config without a default export, or that is not there, is refused', async (t) => {
  t.regex(
    (await generateWith({ 'pgsched.config.js': 'export const x = 1;' })).stderr,
    /no default export/,
  );
  const missing = await generateWith({}, ['--config', 'other.ts']);
  t.is(missing.code, 2);
  t.regex(missing.stderr, /^error PGS1012: There is no config at other\.ts/);
});

test('a schema that is no plain identifier is refused', async (t) => {
  const { code, stderr } = await generateWith({ 'pgsched.config.json': '{ "schema": "my jobs" }' });
  t.is(code, 2);
  t.regex(stderr, /^error PGS5003: /);
});

const workerFile = `import { defineWorker } from 'pgsched';
export default defineWorker({ context: () => ({ region: 'eu' }) });
`;

test('the worker file beside the manifest counts by itself, another one if the config names it', async (t) => {
  for (const [file, config] of [
    ['work/worker.ts', '{ "manifest": "work/tasks.ts", "out": "made" }'],
    ['setup/eu.ts', '{ "manifest": "work/tasks.ts", "out": "made", "worker": "setup/eu.ts" }'],
  ] as const) {
    const files = { 'work/tasks.ts': manifest, 'tsconfig.json': tsconfig, [file]: workerFile };
    const cwd = userProject({ ...files, 'pgsched.config.json': config });
    t.like(await pgsched(['generate'], { cwd }), { code: 0 });
    const handlers = readFileSync(join(cwd, 'made/handlers.ts'), 'utf8');
    t.true(handlers.includes(`import type setup from '../${file.replace('.ts', '.js')}';`));
    t.like(await pgsched(['generate', '--check'], { cwd }), { code: 0 });
    rmSync(join(cwd, file));
    t.is((await pgsched(['generate', '--check'], { cwd })).code, config.includes('eu') ? 2 : 4);
  }
});

test('a worker file that is named and sets up nothing is an error that says so', async (t) => {
  const config = '{ "manifest": "work/tasks.ts", "worker": "setup.ts" }';
  for (const files of [{}, { 'setup.ts': 'export default {};\n' }]) {
    const { code, stderr } = await generateWith({ ...files, 'pgsched.config.json': config });
    t.is(code, 2);
    t.regex(
      stderr,
      /PGS1012: `worker` names setup\.ts, which is not there or has no `export default defineWorker/,
    );
  }
});
