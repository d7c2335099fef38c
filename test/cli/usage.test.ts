import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched, repository } from '../support/cli.js';
import { userProject } from '../support/project.js';

const commands = ['init', 'generate', 'check', 'migrate', 'worker', 'enqueue', 'dev'];

test('help that was asked for goes to stdout, and nothing failed', async (t) => {
  const { code, stdout, stderr } = await pgsched(['--help']);
  t.is(code, 0);
  t.is(stderr, '');
  for (const command of commands) t.regex(stdout, new RegExp(`^  ${command}\\b`, 'm'));
  t.regex(stdout, /Exit codes:\n {2}0 {2}done/);
});

for (const command of commands) {
  test(`${command} has help of its own`, async (t) => {
    const { code, stdout, stderr } = await pgsched([command, '--help']);
    t.is(code, 0);
    t.is(stderr, '');
    t.regex(stdout, new RegExp(`^Usage: pgsched ${command}`));
  });
}

test('the version is the package’s', async (t) => {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  t.like(await pgsched(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('without a command the help goes to stderr', async (t) => {
  const { code, stdout, stderr } = await pgsched([]);
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /^Usage: pgsched/);
});

test('an unknown command is answered with the one that was meant', async (t) => {
  const { code, stdout, stderr } = await pgsched(['generat']);
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /unknown command 'generat'\n\(Did you mean generate\?\)/);
});

test('an unknown flag is answered with the one that was meant, and with the command’s help', async (t) => {
  const { code, stdout, stderr } = await pgsched(['generate', '--chek']);
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /unknown option '--chek'\n\(Did you mean --check\?\)/);
  t.regex(stderr, /Usage: pgsched generate/);
});

test('an unknown task is answered with the one that was meant, also where its group is left out', async (t) => {
  const cwd = userProject({
    'src/jobs/generated/contract.json': '{ "tasks": { "mail.sendReceipt": {} } }',
  });
  for (const name of ['mail.sendReciept', 'sendReceipt']) {
    t.like(await pgsched(['enqueue', name], { cwd }), {
      code: 2,
      stdout: '',
      stderr: `error PGS2003: There is no task "${name}". Did you mean "mail.sendReceipt"?\n`,
    });
  }
  const { stderr } = await pgsched(['enqueue', 'quite.another'], { cwd });
  t.regex(stderr, /There is no task "quite\.another"\. The tasks: mail\.sendReceipt\.\n$/);
});

test('flags of generate that exclude each other, or a format that is none, are usage errors', async (t) => {
  for (const args of [
    ['--check', '--explain', 'greet'],
    ['--watch', '--explain', 'greet'],
    ['--watch', '--json'],
    ['--json', '--format', 'github'],
  ]) {
    const { code, stderr } = await pgsched(['generate', ...args]);
    t.is(code, 2);
    t.regex(stderr, /cannot be used with option/, args.join(' '));
  }
  const { code, stderr } = await pgsched(['generate', '--format', 'xml']);
  t.is(code, 2);
  t.regex(stderr, /Allowed choices are text, json, github/);
});

test('a password in a flag that does not exist is not repeated', async (t) => {
  const { code, stderr } = await pgsched(['migrate', '--databse-url=postgres://me:hush@db/shop']);
  t.is(code, 2);
  t.regex(stderr, /unknown option '--databse-url=postgres:\/\/me:\*\*\*@db/);
  t.notRegex(stderr, /hush/);
});

test('a flag without its value, or with a wrong one, is a usage error', async (t) => {
  for (const args of [
    ['worker', '--concurrency', 'many'],
    ['worker', '--handlers'],
  ]) {
    t.is((await pgsched(args)).code, 2);
  }
});

test('in a pipe there is no colour unless FORCE_COLOR asks for it, and NO_COLOR refuses it', async (t) => {
  const csi = '\u001b[';
  const red = `${csi}31merror`;
  const run = async (env: Record<string, string>) => (await pgsched(['nonsense'], { env })).stderr;
  t.false((await run({})).includes(csi));
  t.true((await run({ FORCE_COLOR: '1' })).startsWith(red));
  t.false((await run({ NO_COLOR: '1' })).includes(csi));
});
