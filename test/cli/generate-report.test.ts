import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type Ended, pgsched } from '../support/cli.js';
import { outputSchema, parsedOutput } from '../support/output-schema.js';
import { tsconfig, userProject, write } from '../support/project.js';

const manifest = `import { defineTasks, task } from 'pgsched';
import { slow } from './values.js';
export default defineTasks({
  mail: {
    /** Mails one letter. */
    send: task<{ to: string }, { id: string }>({
      timeout: slow,
      maxAttempts: 5,
      key: (a) => \`to:\${a.to}\`,
    }),
  },
  ping: task(),
});
`;

function project(text: string = manifest): string {
  return userProject({
    'src/jobs/tasks.ts': text,
    'src/jobs/values.ts': "export const slow = '2m';\n",
    'tsconfig.json': tsconfig,
  });
}

const schema = outputSchema('generate');

function valid({ stdout }: Ended) {
  return parsedOutput('generate', stdout);
}

test('--json is one object: what was written, by paths from the current folder', async (t) => {
  const cwd = project();
  const first = await pgsched(['generate', '--json'], { cwd });
  t.like(first, { code: 0, stderr: '' });
  const written = [
    ...['client.ts', 'contract.json', 'contract.ts', 'handlers.ts', 'testing.ts'].map(
      (name) => `src/jobs/generated/${name}`,
    ),
    'src/jobs/handlers/index.ts',
  ];
  const stubs = ['src/jobs/handlers/mail/send.ts', 'src/jobs/handlers/ping.ts'];
  t.deepEqual(valid(first), {
    ok: true,
    diagnostics: [],
    files: { written, removed: [], unchanged: [], stubs },
  });

  write(cwd, { 'src/jobs/tasks.ts': manifest.replace('ping: task(),', '') });
  const { files } = valid(await pgsched(['generate', '--json'], { cwd }));
  t.deepEqual(files.removed, ['src/jobs/handlers/ping.ts']);
});

test('errors have a place, a code and a page in JSON, and exit code 2', async (t) => {
  const ended = await pgsched(['generate', '--format', 'json'], {
    cwd: project(manifest.replace('maxAttempts: 5', 'maxAttempt: 5').replace('ping', "'p-q'")),
  });
  t.like(ended, { code: 2, stderr: '' });
  const { ok, diagnostics, ...rest } = valid(ended);
  t.false(ok);
  t.deepEqual(rest, {});
  t.like(diagnostics[0], {
    severity: 'error',
    name: 'InvalidTaskOption',
    code: 'PGS1007',
    place: { file: 'src/jobs/tasks.ts', line: 8, column: 7, length: 10 },
  });
  t.is(readFileSync(diagnostics[0].help, 'utf8').split('\n')[0], '# PGS1007 InvalidTaskOption');
  t.is(diagnostics[1].code, 'PGS1004');
});

test('also what keeps the command from beginning is said in JSON, and as an annotation', async (t) => {
  const noConfig = ['generate', '--config', 'none.ts'];
  const cwd = project();
  const failed = await pgsched([...noConfig, '--json'], { cwd });
  t.is(failed.code, 2);
  t.like(valid(failed).diagnostics[0], { code: 'PGS1012', name: 'InvalidConfig', place: null });
  const annotated = await pgsched([...noConfig, '--format', 'github'], { cwd });
  t.regex(annotated.stdout, /^::error title=PGS1012::There is no config at none\.ts\.\n$/);

  const noManifest = await pgsched(['generate', '--json', '--check'], { cwd: userProject() });
  t.is(noManifest.code, 2);
  t.like(valid(noManifest), { ok: false, diagnostics: [{ code: 'PGS1002' }] });
});

test('a failure that is nobody’s finding is JSON too, and said on stderr', async (t) => {
  const cwd = project();
  write(cwd, { 'src/jobs/generated': 'a file where the folder should be' });
  const ended = await pgsched(['generate', '--json'], { cwd });
  t.is(ended.code, 2);
  t.like(valid(ended), { ok: false, diagnostics: [] });
  t.regex(valid(ended).failure, /^E\w+: /);
  t.regex(ended.stderr, /^error: E\w+: /);
});

test('--check says for each stale file why, and where it differs, in every format', async (t) => {
  const cwd = project();
  await pgsched(['generate'], { cwd });
  t.deepEqual(valid(await pgsched(['generate', '--check', '--json'], { cwd })), {
    ok: true,
    diagnostics: [],
    stale: [],
  });

  const [client, contract] = ['src/jobs/generated/client.ts', 'src/jobs/generated/contract.json'];
  const read = (file: string) => readFileSync(join(cwd, file), 'utf8');
  write(cwd, {
    [client]: read(client).replace('  to: string;', '  to: number;'),
    [contract]: read(contract)
      .replace('"maxAttempts": 5', '"maxAttempts": 9')
      .replaceAll('  ', '\t'),
    'src/jobs/generated/handlers.ts': 'mine',
    'src/jobs/generated/old.ts': read(client),
  });
  rmSync(join(cwd, 'src/jobs/handlers/ping.ts'));

  const json = await pgsched(['generate', '--check', '--json'], { cwd });
  t.is(json.code, 4);
  const { ok, stale, diagnostics } = valid(json);
  t.false(ok);
  t.deepEqual(
    stale.map(({ file, reason }: { file: string; reason: string }) => `${file} ${reason}`),
    [
      `${client} changed`,
      `${contract} changed`,
      'src/jobs/generated/handlers.ts edited',
      'src/jobs/generated/old.ts orphan',
      'src/jobs/handlers/ping.ts missing',
    ],
  );
  t.regex(
    stale[0].diff,
    /^@@ -(\d+),3 \+\1,3 @@\n export interface MailSendArgs \{\n- {2}to: number;\n\+ {2}to: string;\n \}$/,
  );
  // Laid out by a formatter, it differs by what it says alone.
  t.regex(stale[1].diff, /\n- {6}"maxAttempts": 9,\n\+ {6}"maxAttempts": 5,\n/);
  t.is(diagnostics.length, 5);
  t.like(diagnostics[0], { code: 'PGS1011', place: { file: client } });

  const text = await pgsched(['generate', '--check'], { cwd });
  t.is(text.code, 4);
  t.regex(
    text.stdout,
    /^src\/jobs\/generated\/client\.ts: differs from what the manifest gives\n {2}@@/,
  );
  t.regex(text.stdout, /\n {2}- {2}to: number;\n {2}\+ {2}to: string;\n/);
  t.regex(
    text.stdout,
    /\nsrc\/jobs\/generated\/handlers\.ts: edited by hand: its header is gone\n/,
  );
  t.regex(text.stdout, /\nsrc\/jobs\/generated\/old\.ts: left over, made no more\n/);
  t.regex(text.stdout, /\nsrc\/jobs\/handlers\/ping\.ts: missing\n$/);
  t.regex(text.stderr, /^error PGS1011: 5 files are stale\./);

  const github = await pgsched(['generate', '--check', '--format', 'github'], {
    cwd,
    env: { GITHUB_WORKSPACE: join(cwd, '..') },
  });
  t.is(github.code, 4);
  const line = diagnostics[0].place.line;
  t.regex(
    github.stdout,
    new RegExp(`^::error file=[^/]+/${client},line=${line},col=1,title=PGS1011::`),
  );
});

test('--explain says of each part of a task where it is written, or that it is the default', async (t) => {
  const cwd = project();
  const text = await pgsched(['generate', '--explain', 'mail.send'], { cwd });
  t.like(text, { code: 0, stderr: '' });
  const [head, ...lines] = text.stdout.trimEnd().split('\n');
  t.is(head, 'mail.send, durations in milliseconds:');
  const parts = new Map(
    lines.map((line): [string, string[]] => {
      const [name = '', ...rest] = line.trim().split(/ {2,}/);
      return [name, rest];
    }),
  );
  t.deepEqual(parts.get('name'), ['src/jobs/tasks.ts:6:5', 'mail.send']);
  t.deepEqual(parts.get('doc'), ['src/jobs/tasks.ts:5:5', 'Mails one letter.']);
  t.deepEqual(parts.get('args'), ['src/jobs/tasks.ts:6:16', '{ to: string; }']);
  t.deepEqual(parts.get('result'), ['src/jobs/tasks.ts:6:32', '{ id: string; }']);
  t.deepEqual(parts.get('timeout'), [
    'src/jobs/tasks.ts:7:16',
    '120000, from src/jobs/values.ts:1:21',
  ]);
  t.deepEqual(parts.get('maxAttempts'), ['src/jobs/tasks.ts:8:20', '5']);
  t.deepEqual(parts.get('key'), ['src/jobs/tasks.ts:9:12', "'to:{to}'"]);
  t.deepEqual(parts.get('priority'), ['default', '0']);
  t.deepEqual(parts.get('topic'), ['default', "'mail.send'"]);

  const json = valid(await pgsched(['generate', '--explain', 'mail.send', '--json'], { cwd }));
  t.like(json, { ok: true, task: 'mail.send' });
  t.deepEqual(
    json.parts.map(({ name }: { name: string }) => name),
    [...parts.keys()],
  );
  t.deepEqual(
    json.parts.find(({ name }: { name: string }) => name === 'timeout'),
    {
      name: 'timeout',
      value: 120_000,
      place: { file: 'src/jobs/tasks.ts', line: 7, column: 16, length: 4 },
      source: { file: 'src/jobs/values.ts', line: 1, column: 21, length: 4 },
    },
  );
});

test('--explain of a task that is not there says which one was meant', async (t) => {
  const cwd = project();
  for (const name of ['mail.sned', 'send']) {
    const { code, stderr } = await pgsched(['generate', '--explain', name], { cwd });
    t.is(code, 2);
    t.is(stderr, `error PGS2003: There is no task "${name}". Did you mean "mail.send"?\n`);
  }
});

test('the schema refuses what the command does not print', (t) => {
  t.true(schema.safeParse({ ok: true, diagnostics: [] }).success);
  t.false(schema.safeParse({ ok: true }).success);
  t.false(schema.safeParse({ ok: true, diagnostics: [], more: 1 }).success);
  t.false(schema.safeParse({ ok: false, diagnostics: [{ code: 'PGS1007' }] }).success);
});
