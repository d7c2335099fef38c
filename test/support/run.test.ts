import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const runner = fileURLToPath(new URL('run.ts', import.meta.url));
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Runs these test files in a project of their own, as `npm test` does; gives the exit code and the last line. */
function run(
  t: ExecutionContext,
  files: Record<string, string>,
): Promise<{ code: number; last: string | undefined }> {
  const cwd = mkdtempSync(join(tmpdir(), 'pgsched-run-'));
  t.teardown(() => rmSync(cwd, { recursive: true }));
  symlinkSync(modules, join(cwd, 'node_modules'));
  writeFileSync(join(cwd, 'package.json'), '{"type":"module","ava":{"files":["*.test.js"]}}');
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(join(cwd, name), `import test from 'ava';\n${body}\n`);
  }
  const env = {
    ...process.env,
    PGSCHED_TEST_URL: 'postgres://unused.invalid/none',
    PGSCHED_TEST_TEMPLATE: 'unused',
  };
  const args = ['--import', import.meta.resolve('tsx'), runner];
  return new Promise((settle) => {
    execFile(process.execPath, args, { cwd, env }, (error, stdout) => {
      settle({ code: Number(error?.code ?? 0), last: stdout.trimEnd().split('\n').at(-1) });
    });
  });
}

const pass = `test('passes', (t) => t.pass());`;

test.serial('a run in which all passes is a success', async (t) => {
  const files = { 'a.test.js': `${pass} test('too', (t) => t.pass());`, 'b.test.js': pass };
  t.deepEqual(await run(t, files), { code: 0, last: '3 passed, 0 failed' });
});

test.serial('a failing test is counted', async (t) => {
  const files = { 'a.test.js': `${pass} test('fails', (t) => t.fail());` };
  t.deepEqual(await run(t, files), { code: 1, last: '1 passed, 1 failed' });
});

test.serial('a file that crashes is a failure', async (t) => {
  const files = { 'a.test.js': pass, 'b.test.js': `throw new Error('at import');` };
  const { code, last } = await run(t, files);
  t.is(code, 1);
  t.regex(last ?? '', /^1 passed, [1-9]\d* failed$/);
});

test.serial('a file without tests is a failure', async (t) => {
  const { code, last } = await run(t, { 'a.test.js': pass, 'b.test.js': 'void test;' });
  t.is(code, 1);
  t.regex(last ?? '', /^1 passed, [1-9]\d* failed$/);
});

test.serial('a hook that fails is a failure', async (t) => {
  const files = { 'a.test.js': `${pass} test.after(() => { throw new Error('in hook'); });` };
  t.deepEqual(await run(t, files), { code: 1, last: '1 passed, 1 failed' });
});

test.serial('a test that ends the process is a failure', async (t) => {
  const { code, last } = await run(t, { 'a.test.js': `test('ends', () => process.exit(0));` });
  t.is(code, 1);
  t.regex(last ?? '', /^0 passed, [1-9]\d* failed$/);
});

test.serial('a run without any test is a failure', async (t) => {
  t.deepEqual(await run(t, {}), { code: 1, last: '0 passed, 1 failed' });
});

test.serial('tests that are all skipped are no success', async (t) => {
  t.deepEqual(await run(t, { 'a.test.js': `test.skip('later', (t) => t.pass());` }), {
    code: 1,
    last: '0 passed, 1 failed',
  });
});
