import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PgschedError } from '../../runtime/errors.js';
import { isOurs, noteOrigin, standIn, sweepStandIns } from './stand-in.js';

/** The operating system's user that the server runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root: there, the user `postgres` if the machine has one, else `nobody`.
 * Null: the user of this process.
 */
export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user.
    }
  }
  throw new PgschedError('EmbeddedFailed', {
    message:
      'PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody to run it as. ' +
      'Run this command as another user, or set DATABASE_URL to a server of your own.',
  });
}

/** The directory, ready for the account; or its stand-in, where the account cannot get to it (root's own home is closed). */
export async function makeHome(directory: string, account: Account | null): Promise<string> {
  await mkdir(dirname(directory), { recursive: true });
  const open = account === null || (await reachable(dirname(directory), account));
  const home = open ? directory : standIn(directory);
  await mkdir(home, { recursive: true });
  if (account === null) return home;
  if (!(await isOurs(home, account))) {
    throw new PgschedError('EmbeddedFailed', {
      message: `${home} should hold the embedded PostgreSQL's data, but belongs to somebody else. Remove it.`,
      details: { directory: home },
    });
  }
  await chown(home, account.uid, account.gid);
  await chmod(home, 0o700);
  if (!open) {
    await noteOrigin(home, directory);
    await sweepStandIns(account);
  }
  return home;
}

/** Whether the account can read what is in this directory: it may pass every directory on the way. */
export async function reachable(directory: string, account: Account): Promise<boolean> {
  for (let at = directory; ; at = dirname(at)) {
    const { mode, uid } = await stat(at);
    if (!(mode & (uid === account.uid ? 0o100 : 0o001))) return false;
    if (at === dirname(at)) return true;
  }
}
