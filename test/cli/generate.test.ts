import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched, startPgsched } from '../support/cli.js';
import { userProject, write } from '../support/project.js';

const manifest = `import { defineTasks, task } from 'pgsched';
export default defineTasks({
  /** Greets. */
  greet: task<{ name: string }, { greeting: string }>(),
});
`;

function project(text: string = manifest): string {
  return userProject({
    'src/jobs/tasks.ts': text,
    'tsconfig.json':
      '{ "compilerOptions": { "module": "NodeNext", "strict": true, "skipLibCheck": true } }',
  });
}

test('it writes what the manifest gives, and says how much', async (t) => {
  const cwd = project();
  t.like(await pgsched(['generate'], { cwd }), {
    code: 0,
    stdout: 'New stub: src/jobs/handlers/greet.ts\n6 files written, 1 stub, 0 unchanged\n',
    stderr: '',
  });
  t.deepEqual(readdirSync(join(cwd, 'src/jobs/generated')).sort(), [
    'client.ts',
    'contract.json',
    'contract.ts',
    'handlers.ts',
    'testing.ts',
  ]);
  const again = await pgsched(['generate'], { cwd });
  t.is(again.stdout, '0 files written, 0 stubs, 6 unchanged\n');
});

test('--check finds what is stale, each file with its reason, and writes nothing', async (t) => {
  const cwd = project();
  await pgsched(['generate'], { cwd });
  t.like(await pgsched(['generate', '--check'], { cwd }), { code: 0, stderr: '' });

  rmSync(join(cwd, 'src/jobs/generated/contract.json'));
  write(cwd, { 'src/jobs/generated/client.ts': '// edited' });
  const { code, stdout, stderr } = await pgsched(['generate', '--check'], { cwd });
  t.is(code, 4);
  t.regex(stdout, /^src\/jobs\/generated\/client\.ts: edited by hand/);
  t.regex(stdout, /^src\/jobs\/generated\/contract\.json: missing$/m);
  t.regex(stderr, /^error PGS1011: 2 files are stale\. Run `npx pgsched generate`/);
  t.is(readFileSync(join(cwd, 'src/jobs/generated/client.ts'), 'utf8'), '// edited');
});

test('a manifest with a syntax error: its place, exit code 2, and nothing is written', async (t) => {
  const cwd = project(manifest.replace('greet:', 'greet'));
  const { code, stdout, stderr } = await pgsched(['generate'], { cwd });
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /^src\/jobs\/tasks\.ts:4:\d+ - error PGS1001: /);
  t.regex(
    stderr,
    /\d errors? in src\/jobs\/tasks\.ts; nothing was written\. Each code has a page in .+\/docs\/errors\.\n$/,
  );
  t.deepEqual(readdirSync(join(cwd, 'src/jobs')), ['tasks.ts']);
});

test('errors are not stale files: --check says 2 as well', async (t) => {
  t.is((await pgsched(['generate', '--check'], { cwd: project('export default 1;') })).code, 2);
});

test('without a manifest it says how to get one', async (t) => {
  const { code, stderr } = await pgsched(['generate'], { cwd: userProject() });
  t.is(code, 2);
  t.regex(stderr, /^error PGS1002: .*src\/jobs\/tasks\.ts.*npx pgsched init/);
});

test('--check and --watch exclude each other', async (t) => {
  t.is((await pgsched(['generate', '--check', '--watch'], { cwd: project() })).code, 2);
});

test('--watch generates again after a change, survives errors, and ends by Ctrl-C', async (t) => {
  const cwd = project();
  const watch = startPgsched(['generate', '--watch'], { cwd });
  await watch.prints(/6 files written, 1 stub/);
  await watch.prints(/Watching src\/jobs\/tasks\.ts/);

  write(cwd, { 'src/jobs/tasks.ts': manifest.replace('greet:', 'greet') });
  await watch.prints(/error PGS1001/);
  write(cwd, { 'src/jobs/tasks.ts': manifest.replace('greet:', 'salute:') });
  await watch.prints(/New stub: src\/jobs\/handlers\/salute\.ts/);
  t.true(existsSync(join(cwd, 'src/jobs/handlers/salute.ts')));

  watch.child.kill('SIGINT');
  t.is((await watch.ended).code, 130);
});
