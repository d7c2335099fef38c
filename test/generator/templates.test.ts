import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { generate, renderTemplate, writeFiles } from '../../generator/index.js';
import { compile } from './support/compile.js';
import { project } from './support/fixture.js';

const folder = fileURLToPath(new URL('../../templates/', import.meta.url));
const template = (name: string) => readFileSync(folder + name, 'utf8');

test('what init writes generates and compiles under the strict flags', async (t) => {
  const fixture = project(t, {
    'src/jobs/tasks.ts': template('tasks.ts'),
    'src/pgsched.config.ts': renderTemplate(template('pgsched.config.ts'), {
      __manifest__: 'jobs/tasks.ts',
    }),
  });
  const generated = await generate(fixture);
  t.deepEqual(generated.diagnostics, []);
  await writeFiles(generated);
  t.deepEqual(compile(fixture), []);
});

test('the hint in a stub is a handler when it is written', async (t) => {
  const fixture = project(t, { 'src/jobs/tasks.ts': template('tasks.ts') });
  await writeFiles(await generate(fixture));
  const stub = fixture.read('src/jobs/handlers/greet.ts');
  const [head = '', hint = ''] = stub.split(/^\/\/ Until .*\n\/\/\n/m);
  const written = hint
    .replace(/^\/\/ ?/gm, '')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code as text.
    .replace('…', 'return { greeting: `${name} ${job.id}` };');
  fixture.write(
    'src/jobs/handlers/greet.ts',
    head
      .replace(/^import \{ notImplemented.*\n/, '')
      .replace(/^export const handler.*\n/m, written),
  );
  t.deepEqual(compile(fixture), []);
});

test('every template is used by a test here', (t) => {
  t.deepEqual(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .sort(),
    ['__handlers__.ts', 'handler.ts', 'pgsched.config.ts', 'tasks.ts', 'upcast.ts'],
  );
});

test('a template fills its holes in one pass, and refuses one that it does not have', (t) => {
  t.is(
    renderTemplate('__a__ $& __b__ __a__', { __a__: '__b__', __b__: '$1' }),
    '__b__ $& $1 __b__',
  );
  t.throws(() => renderTemplate('text', { __a__: 'x' }), {
    message: 'The template has no hole __a__.',
  });
});

test('a compiler is loaded by generating alone', (t) => {
  const entry = new URL('../../generator/index.ts', import.meta.url).href;
  const script = `await import(${JSON.stringify(entry)});
    const { createRequire } = await import('node:module');
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('ts-morph')).length);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import=tsx', '--input-type=module', '--eval', script],
    { cwd: folder, encoding: 'utf8' },
  );
  t.is(stdout.trim(), '0', stderr);
});
