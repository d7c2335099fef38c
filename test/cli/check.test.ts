import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { rules } from '../../generator/compare/rules.js';
import { pgsched, repository } from '../support/cli.js';
import { parsedOutput } from '../support/output-schema.js';
import { copyOf, tsconfig, userProject, write } from '../support/project.js';

const manifest = (task: string) => `import { defineTasks, task } from 'pgsched';
export default defineTasks({
  ${task}
});
`;
const released = manifest("greet: task<{ name: string }>({ timeout: '5s' }),");

/** A project whose contract was generated, and lies beside it as the one that is released. */
const base = userProject({
  'src/jobs/tasks.ts': released,
  'tsconfig.json': tsconfig,
});

test.before(async () => {
  const { code, stderr } = await pgsched(['generate'], { cwd: base });
  if (code !== 0) throw new Error(stderr);
  cpSync(join(base, 'src/jobs/generated/contract.json'), join(base, 'released.json'));
});

/** What `check` says of the released project with another manifest, of which nothing was generated yet. */
async function checkWith(task: string, ...args: string[]) {
  const cwd = copyOf(base);
  write(cwd, { 'src/jobs/tasks.ts': manifest(task) });
  return pgsched(['check', '--against', 'released.json', ...args], { cwd });
}

function git(folder: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
}

test('in a repository: a break since the branch was left, at its task, and what is stale; nothing is written', async (t) => {
  const cwd = copyOf(base);
  write(cwd, { '.gitignore': 'node_modules\n' });
  git(cwd, 'init', '-q', '-b', 'main');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '-qm', 'Released');
  git(cwd, 'checkout', '-qb', 'mine');
  const changed = manifest('greet: task<{ name: string; title: string }>(),');
  write(cwd, { 'src/jobs/tasks.ts': changed });
  const before = readFileSync(join(cwd, 'src/jobs/generated/contract.json'), 'utf8');

  const { code, stdout, stderr } = await pgsched(['check', '--against', 'main'], { cwd });
  t.is(code, 4);
  t.regex(
    stdout,
    /^src\/jobs\/tasks\.ts:3:3 - error PGS1031: greet: `args\.title` is new and required: .+add `version: 2` and an upcaster\. \[FIELD_NO_NEW_REQUIRED\]\n3 {2}greet: task/m,
  );
  t.regex(stdout, /^src\/jobs\/tasks\.ts:3:3 - info PGS1033: greet: `timeout` was 5000, is 60000/m);
  t.regex(
    stdout,
    /^src\/jobs\/generated\/contract\.json:\d+:1 - error PGS1011: The file is stale/m,
  );
  t.regex(stderr, /^error: \d errors\.\n$/);
  t.is(readFileSync(join(cwd, 'src/jobs/generated/contract.json'), 'utf8'), before);
});

test('where nothing is released it says so once, and everything is fresh', async (t) => {
  const { code, stdout, stderr } = await pgsched(['check'], { cwd: base });
  t.is(code, 0);
  t.is(stdout, 'Everything generated is fresh.\n');
  t.is(stderr, 'Breaks are not looked for. This folder is in no git repository.\n');
});

test('a base that was asked for and cannot be read: 2, in every format, and nothing is said to be whole', async (t) => {
  const args = ['check', '--against', 'main'];
  const { code, stdout, stderr } = await pgsched(args, { cwd: base });
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /^error PGS1030: Cannot read `main`: it is no file here/);

  const json = await pgsched([...args, '--json'], { cwd: base });
  t.is(json.code, 2);
  t.like(parsedOutput('check', json.stdout), { ok: false, diagnostics: [{ code: 'PGS1030' }] });
});

test('a manifest with an error: 2, as from generate', async (t) => {
  const { code, stdout } = await checkWith("greet: task({ timeout: 'soon' }),", '--json');
  t.is(code, 2);
  const { ok, diagnostics } = parsedOutput('check', stdout);
  t.false(ok);
  t.like(diagnostics[0], { code: 'PGS1007' });
});

test('the schema of its JSON knows every rule', (t) => {
  const schema = readFileSync(join(repository, 'docs/schemas/check.json'), 'utf8');
  t.deepEqual(JSON.parse(schema).$defs.finding.properties.rule.enum, Object.keys(rules));
});

test('--level source fails for callers too; JSON has every finding, with what it fails for', async (t) => {
  const { code, stdout, stderr } = await checkWith('greet: task(),', '--level', 'source', '--json');
  t.is(code, 4);
  t.is(stderr, '');
  const { ok, against, level, findings, stale, diagnostics } = parsedOutput('check', stdout);
  t.false(ok);
  t.is(against, 'released.json');
  t.is(level, 'source');
  t.true(stale.length > 0);
  t.like(findings, [
    { rule: 'FIELD_NO_DELETE', audience: 'callers', severity: 'break', fails: true },
    { rule: 'POLICY_SAME', audience: 'behaviour', severity: 'info', fails: false },
  ]);
  t.is(findings[0].task, 'greet');
  t.is(findings[0].path, 'args.name');
  t.deepEqual(
    diagnostics.slice(-2).map(({ severity, code }: Record<string, string>) => [severity, code]),
    [
      ['error', 'PGS1032'],
      ['info', 'PGS1033'],
    ],
  );
});

test('--level rows lets them pass, as annotations that do not fail the step', async (t) => {
  const cwd = copyOf(base);
  write(cwd, { 'src/jobs/tasks.ts': manifest('greet: task(),') });
  await pgsched(['generate'], { cwd });
  const args = ['check', '--against', 'released.json', '--format', 'github'];
  const { code, stdout } = await pgsched(args, { cwd });
  t.is(code, 0);
  const annotations = stdout.split('\n').filter((line) => line.startsWith('::'));
  const [first, second, ...rest] = annotations;
  t.regex(first ?? '', /^::warning file=src\/jobs\/tasks\.ts,line=3,col=3,title=PGS1032::greet: /);
  t.regex(second ?? '', /^::notice file=src\/jobs\/tasks\.ts,line=3,col=3,title=PGS1033::greet: /);
  t.deepEqual(rest, []);
});

test('a level that does not exist is a usage error', async (t) => {
  const { code, stderr } = await pgsched(['check', '--level', 'strict'], { cwd: base });
  t.is(code, 2);
  t.regex(stderr, /Allowed choices are rows, source, all/);
});
