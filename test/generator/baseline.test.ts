import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { readBaseline } from '../../generator/baseline.js';
import type { Project } from '../../generator/index.js';
import { temporaryFolder, write } from '../support/project.js';

const contract = (version: number) =>
  JSON.stringify({ format: 1, schema: 'pgsched', tasks: { ping: { version } } });

function projectIn(root: string, more: Partial<Project> = {}): Project {
  const jobs = join(root, 'src/jobs');
  return {
    root,
    manifest: join(jobs, 'tasks.ts'),
    out: join(jobs, 'generated'),
    workers: [{ handlers: join(jobs, 'handlers'), out: join(jobs, 'generated') }],
    schema: 'pgsched',
    ...more,
  };
}

const place = 'src/jobs/generated/contract.json';

/** Runs git with nobody's configuration but ours. */
function git(folder: string, ...args: string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function commit(folder: string, text: string): void {
  write(folder, { [place]: text });
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'A contract');
}

/** A repository whose `main` has gone on to version 2 since `mine` left it at version 1; `mine` drafts version 9. */
function repository(): string {
  const folder = temporaryFolder();
  git(folder, 'init', '-q', '-b', 'main');
  commit(folder, contract(1));
  git(folder, 'checkout', '-qb', 'mine');
  commit(folder, contract(9));
  git(folder, 'checkout', '-q', 'main');
  commit(folder, contract(2));
  git(folder, 'checkout', '-q', 'mine');
  return folder;
}

async function versionOf(project: Project, against?: string): Promise<number | undefined> {
  return (await readBaseline(project, against)).contract?.tasks['ping']?.version;
}

const unreadable = (message: RegExp) => ({ name: 'BaselineUnreadable', message });

test('a branch: the contract where HEAD left it, not what the branch has become since', async (t) => {
  const root = repository();
  t.is(await versionOf(projectIn(root), 'main'), 1);
  t.is(await versionOf(projectIn(root, { baseline: 'main' })), 1);
  git(root, 'tag', 'v1', 'HEAD~1');
  const { contract: found, ...rest } = await readBaseline(projectIn(root), 'v1');
  t.is(found?.tasks['ping']?.version, 1);
  t.deepEqual(rest, { source: `v1, ${git(root, 'rev-parse', '--short=7', 'v1')}` } as never);
});

test('without a name: HEAD, or the remote’s HEAD where there is one', async (t) => {
  const origin = repository();
  t.is(await versionOf(projectIn(origin)), 9);
  git(origin, 'checkout', '-q', 'main');
  const clone = join(temporaryFolder(), 'clone');
  git(origin, 'clone', '-q', origin, clone);
  git(clone, 'checkout', '-q', 'mine');
  t.is(await versionOf(projectIn(clone)), 1);
});

test('what is in the folder and not committed is not released', async (t) => {
  const root = repository();
  write(root, { [place]: contract(10) });
  t.is(await versionOf(projectIn(root)), 9);
});

test('a project in a folder of its repository, and generated files outside of the project', async (t) => {
  const root = repository();
  t.is(
    await versionOf(projectIn(join(root, 'src/jobs'), { out: join(root, 'src/jobs/generated') })),
    9,
  );
  t.is(await versionOf(projectIn(join(root, 'src'), { out: join(root, 'src/jobs/generated') })), 9);
  write(root, { 'app/package.json': '{}' });
  t.is(await versionOf(projectIn(join(root, 'app'), { out: join(root, 'src/jobs/generated') })), 9);
});

test('a file: from the current folder when it is typed, from the config’s when that names it', async (t) => {
  const root = temporaryFolder();
  write(root, { 'released.json': contract(3) });
  t.is(await versionOf(projectIn(root), join(root, 'released.json')), 3);
  t.is(await versionOf(projectIn(root, { baseline: 'released.json' })), 3);
  await t.throwsAsync(readBaseline(projectIn(root), 'released.json'), unreadable(/no file here/));
});

test('where nothing is released yet it says why', async (t) => {
  const root = temporaryFolder();
  const reason = async () => {
    const found = await readBaseline(projectIn(root));
    return found.contract === null ? found.reason : '';
  };
  t.is(await reason(), 'This folder is in no git repository.');
  git(root, 'init', '-q', '-b', 'main');
  t.is(await reason(), 'Nothing is committed here yet.');
  write(root, { 'README.md': '' });
  git(root, 'add', '.');
  git(root, 'commit', '-qm', 'Nothing');
  t.regex(
    await reason(),
    /^Nothing is released yet: HEAD, \w{7} has no src\/jobs\/generated\/contract\.json\.$/,
  );
});

test('a base that was asked for by name and is not there is an error, with the fetch that may help', async (t) => {
  const root = repository();
  await t.throwsAsync(
    readBaseline(projectIn(root), 'origin/man'),
    unreadable(
      /no file, branch, tag or commit `origin\/man` here\. If .+: git fetch origin man:refs\/remotes\/origin\/man$/,
    ),
  );
  await t.throwsAsync(
    readBaseline(projectIn(root, { baseline: 'release' })),
    unreadable(/`release`/),
  );
  await t.throwsAsync(
    readBaseline(projectIn(temporaryFolder()), 'main'),
    unreadable(
      /^Cannot read `main`: it is no file here, and this folder is in no git repository\.$/,
    ),
  );
});

test('a shallow clone knows its own commit, and says of what it lacks how to fetch it', async (t) => {
  const origin = repository();
  git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  const clone = join(temporaryFolder(), 'clone');
  git(origin, 'clone', '-q', '--depth', '1', `file://${origin}`, clone);
  t.is(await versionOf(projectIn(clone)), 9);
  await t.throwsAsync(
    readBaseline(projectIn(clone), 'origin/main'),
    unreadable(
      /shallow clone.+git fetch --unshallow && git fetch origin main:refs\/remotes\/origin\/main/,
    ),
  );

  git(clone, 'fetch', '-q', '--depth', '1', 'origin', 'main:refs/remotes/origin/main');
  await t.throwsAsync(
    readBaseline(projectIn(clone), 'origin/main'),
    unreadable(/does not reach back to where HEAD left origin\/main.+git fetch --unshallow/),
  );
  git(clone, 'fetch', '-q', '--unshallow', 'origin', 'mine');
  t.is(await versionOf(projectIn(clone), 'origin/main'), 1);
});

test('histories that have nothing in common are no base', async (t) => {
  const root = repository();
  git(root, 'checkout', '-q', '--orphan', 'other');
  commit(root, contract(5));
  await t.throwsAsync(readBaseline(projectIn(root), 'main'), unreadable(/no commit in common/));
});

test('a base that is no contract, or of a format of another time, is named for what it is', async (t) => {
  const root = repository();
  const cases: [text: string, message: RegExp][] = [
    ['<<<<<<< HEAD', /contract\.json of HEAD, \w{7} is no JSON/],
    ['{ "name": "shop" }', /is no contract: it has no tasks/],
    ['{ "format": 2, "tasks": {} }', /has format 2; this pgsched knows format 1/],
  ];
  for (const [text, message] of cases) {
    commit(root, text);
    await t.throwsAsync(readBaseline(projectIn(root)), unreadable(message));
  }
});
