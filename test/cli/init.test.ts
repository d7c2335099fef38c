import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched } from '../support/cli.js';
import { temporaryFolder, userProject, write } from '../support/project.js';

/** What `npm init -y` writes. */
const fresh = '{\n    "name": "shop",\n    "type": "commonjs"\n}\n';

test('a new project gets a manifest, a config, a tsconfig, and becomes a module', async (t) => {
  const cwd = userProject({ 'package.json': fresh });
  const { code, stdout, stderr } = await pgsched(['init'], { cwd });
  t.is(code, 0);
  t.is(stderr, '');
  const read = (path: string) => readFileSync(join(cwd, path), 'utf8');
  t.regex(read('src/jobs/tasks.ts'), /greet: task</);
  t.regex(read('pgsched.config.ts'), /manifest: '\.\/src\/jobs\/tasks\.ts'/);
  t.is(JSON.parse(read('tsconfig.json')).compilerOptions.strict, true);
  t.regex(read('.gitattributes'), /^src\/jobs\/generated\/\*\* linguist-generated$/m);
  const json = JSON.parse(read('package.json'));
  t.like(json, { name: 'shop', type: 'module' });
  t.is(json.scripts['pgsched:generate'], 'pgsched generate');
  t.regex(read('package.json'), /^ {4}"name"/m, 'its indentation stays');
  t.regex(stdout, /created {2}src\/jobs\/tasks\.ts/);
  t.regex(stdout, /Next:\n.*\n.*npx pgsched generate/);
});

test('once more changes nothing, and says what is kept', async (t) => {
  const cwd = userProject({ 'package.json': fresh });
  await pgsched(['init'], { cwd });
  const files = [
    'package.json',
    'tsconfig.json',
    '.gitattributes',
    'src/jobs/tasks.ts',
    'pgsched.config.ts',
  ];
  write(cwd, { 'src/jobs/tasks.ts': '// mine\n' });
  const texts = () => files.map((file) => readFileSync(join(cwd, file), 'utf8'));
  const before = texts();
  const { code, stdout } = await pgsched(['init'], { cwd });
  t.is(code, 0);
  t.deepEqual(texts(), before);
  for (const file of files) t.true(stdout.includes(`kept     ${file}`), file);
});

test('--dry-run says the same and writes nothing', async (t) => {
  const cwd = userProject({ 'package.json': fresh });
  const { code, stdout } = await pgsched(['init', '--dry-run'], { cwd });
  t.is(code, 0);
  t.regex(stdout, /created {2}src\/jobs\/tasks\.ts/);
  t.deepEqual(readdirSync(cwd).sort(), ['node_modules', 'package.json']);
  t.is(readFileSync(join(cwd, 'package.json'), 'utf8'), fresh);
});

test('a package with code keeps its module type and its own lines', async (t) => {
  const cwd = userProject({
    'package.json': '{ "type": "commonjs", "scripts": { "pgsched:worker": "mine" } }',
    'index.js': 'require("fs")',
    '.gitattributes': '*.png binary',
  });
  const { stdout } = await pgsched(['init'], { cwd });
  const json = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
  t.like(json, { type: 'commonjs', scripts: { 'pgsched:worker': 'mine' } });
  t.regex(stdout, /stays commonjs/);
  t.true(readFileSync(join(cwd, '.gitattributes'), 'utf8').startsWith('*.png binary\nsrc/jobs/'));
});

test('a manifest that is elsewhere is found, not doubled', async (t) => {
  const cwd = userProject({ 'jobs/tasks.ts': '// mine\n' });
  await pgsched(['init'], { cwd });
  t.false(existsSync(join(cwd, 'src')));
  t.regex(readFileSync(join(cwd, 'pgsched.config.ts'), 'utf8'), /'\.\/jobs\/tasks\.ts'/);
});

test('outside of a package it says what to do', async (t) => {
  const cwd = temporaryFolder();
  const { code, stdout, stderr } = await pgsched(['init'], { cwd });
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /^error PGS6003: There is no package\.json in .*npm init -y/);
  t.deepEqual(readdirSync(cwd), []);
});
