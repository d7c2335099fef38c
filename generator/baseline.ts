import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { PgschedError } from '../runtime/errors.js';
import type { WrittenContract } from './emit/contract.js';
import { git } from './git.js';
import type { Project } from './project.js';

/**
 * The contract that is released: what stands in it may be in rows and in deployed callers. `source` says in a few words where
 * it was read; without a contract `reason` is a sentence that says why nothing counts as released.
 */
export type Baseline =
  | { readonly contract: WrittenContract; readonly source: string }
  | { readonly contract: null; readonly reason: string };

/**
 * Reads the released contract: from the file `against`, or from git, as it was where `HEAD` left the branch or tag `against`.
 * Without one that is the project's `baseline`, else `origin/HEAD`, else `HEAD`.
 *
 * @throws BaselineUnreadable when there is a base and it cannot be read, and also when there is none but one was asked for
 */
export async function readBaseline(project: Project, against?: string): Promise<Baseline> {
  const asked = against ?? project.baseline;
  if (asked !== undefined) {
    // What is typed is meant from here, what the config says from where the config is.
    const file = resolve(against === undefined ? project.root : process.cwd(), asked);
    if (isFile(file)) return readFromFile(file, asked);
  }
  const problem = await repositoryProblem(project.root);
  if (problem === null) return readFromGit(project, asked);
  if (asked === undefined) return { contract: null, reason: problem };
  throw unreadable(`Cannot read ${quote(asked)}: it is no file here, and ${lowerFirst(problem)}`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function readFromFile(file: string, asked: string): Promise<Baseline> {
  return { contract: parseContract(await readFile(file, 'utf8'), asked), source: asked };
}

/** Why git cannot be asked here; null if it can. @throws BaselineUnreadable when git refuses */
async function repositoryProblem(folder: string): Promise<string | null> {
  const found = await git(folder, ['rev-parse', '--git-dir']);
  if (found === null) return 'There is no git on this machine.';
  if (found.ok) return null;
  if (/not a git repository/i.test(found.stderr)) return 'This folder is in no git repository.';
  throw unreadable(`git refuses to read this repository: ${found.stderr}`);
}

async function readFromGit({ root, out }: Project, asked: string | undefined): Promise<Baseline> {
  const path = pathInside(root, join(out, 'contract.json'));
  const ref = asked ?? ((await commitOf(root, 'origin/HEAD')) ? 'origin/HEAD' : 'HEAD');
  const base = await commitOf(root, ref);
  if (base === null) {
    if (asked === undefined) return { contract: null, reason: 'Nothing is committed here yet.' };
    throw unreadable(await missingRef(root, asked));
  }
  const released = await mergeBase(root, ref, base);
  const source = `${ref}, ${released.slice(0, 7)}`;
  const blob = await revision(root, `${released}:${path}`);
  if (blob === null) {
    return {
      contract: null,
      reason: `Nothing is released yet: ${source} has no ${shortPath(path)}.`,
    };
  }
  const text = await git(root, ['cat-file', 'blob', blob]);
  if (!text?.ok)
    throw unreadable(`git cannot read ${shortPath(path)} of ${source}: ${text?.stderr}`);
  return { contract: parseContract(text.stdout, `${shortPath(path)} of ${source}`), source };
}

/** A path as git takes it behind a commit: from the folder where git runs. */
function pathInside(folder: string, path: string): string {
  const short = relative(folder, path).split(sep).join('/');
  return short.startsWith('../') ? short : `./${short}`;
}

function shortPath(path: string): string {
  return path.replace(/^\.\//, '');
}

function commitOf(root: string, ref: string): Promise<string | null> {
  return revision(root, `${ref}^{commit}`);
}

/** The object that an expression of git's names; null if there is none. */
async function revision(root: string, expression: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', expression];
  const found = await git(root, args);
  return found?.ok ? found.stdout.trim() : null;
}

async function mergeBase(root: string, ref: string, commit: string): Promise<string> {
  const found = await git(root, ['merge-base', 'HEAD', commit]);
  if (found?.ok) return found.stdout.trim();
  throw unreadable(
    (await isShallow(root))
      ? `The history of this shallow clone does not reach back to where HEAD left ${ref}. Fetch all of it: git fetch --unshallow (in GitHub Actions: \`fetch-depth: 0\` of actions/checkout).`
      : `HEAD and ${ref} have no commit in common: pass another ref, or a contract.json.`,
  );
}

async function missingRef(root: string, ref: string): Promise<string> {
  const what = `There is no file, branch, tag or commit ${quote(ref)} here.`;
  const [, remote = 'origin', branch = ref] = /^(origin)\/(.+)$/.exec(ref) ?? [];
  const fetch = `git fetch ${remote} ${branch}:refs/remotes/${remote}/${branch}`;
  return (await isShallow(root))
    ? `${what} This is a shallow clone, which has only what it was made of. Fetch the rest: git fetch --unshallow && ${fetch} (in GitHub Actions: \`fetch-depth: 0\` of actions/checkout).`
    : `${what} If it is a branch that was not fetched: ${fetch}`;
}

async function isShallow(root: string): Promise<boolean> {
  return (await git(root, ['rev-parse', '--is-shallow-repository']))?.stdout.trim() === 'true';
}

/** A contract that is of a format we know, whatever else another version of pgsched has left out. */
function parseContract(text: string, where: string): WrittenContract {
  let contract: Partial<WrittenContract> | null;
  try {
    contract = JSON.parse(text) as Partial<WrittenContract> | null;
  } catch (cause) {
    throw unreadable(`${where} is no JSON: ${(cause as Error).message}.`, cause);
  }
  if (typeof contract?.tasks !== 'object' || contract.tasks === null) {
    throw unreadable(
      `${where} is no contract: it has no tasks. Pass a contract.json that \`npx pgsched generate\` wrote.`,
    );
  }
  if (contract.format !== 1) {
    throw unreadable(
      `${where} has format ${JSON.stringify(contract.format)}; this pgsched knows format 1. Use the version of pgsched that wrote it, or a later one.`,
    );
  }
  return contract as WrittenContract;
}

function quote(text: string): string {
  return `\`${text}\``;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function unreadable(message: string, cause?: unknown): PgschedError {
  return new PgschedError('BaselineUnreadable', { message, cause });
}
