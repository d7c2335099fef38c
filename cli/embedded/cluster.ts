import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { appendFile, chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PgschedError } from '../../runtime/errors.js';
import type { Account } from './account.js';
import type { Binaries } from './binaries.js';
import { answers, freePort } from './ports.js';
import { isAlive } from './process.js';

export interface ClusterOptions {
  readonly binaries: Binaries;
  readonly account: Account | null;
  readonly home: string;
  readonly persistent: boolean;
}

export interface Started {
  readonly port: number;
  readonly password: string;
  /** The server was running already. */
  readonly reused: boolean;
  /** Ours to stop. */
  readonly mine: boolean;
}

/** What the next start must know, kept inside the data directory so that the two cannot part. */
interface Settings {
  readonly password: string;
  readonly port?: number | undefined;
  /** The process that stops the server when it ends. */
  readonly owner?: number | undefined;
}

/** 127.0.0.1 only, and no socket file: a path may be too long for one. */
const configuration = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
`;

const discard = { recursive: true, force: true, maxRetries: 5 };

/** One data directory and the server on it. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #data: string;
  readonly #log: string;
  readonly #settings: string;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#data = join(options.home, 'data');
    this.#log = join(options.home, 'server.log');
    this.#settings = join(this.#data, 'pgsched.json');
  }

  /** Makes the data directory if it is not there: beside its place, then moved in, so that a half-made one is never used. */
  async initialise(): Promise<void> {
    if (existsSync(this.#data)) return;
    const { home, persistent, binaries } = this.#options;
    const draft = join(home, `data.${process.pid}`);
    const passwordFile = join(home, `password.${process.pid}`);
    const password = randomBytes(12).toString('hex');
    await rm(draft, discard);
    try {
      await this.#own(passwordFile, password);
      await this.#run(binaries.initdb, [
        ...['-D', draft, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', ...(persistent ? [] : ['--no-sync'])],
      ]);
      await appendFile(join(draft, 'postgresql.conf'), configuration);
      await writeSettings(join(draft, 'pgsched.json'), { password });
      await rename(draft, this.#data);
    } finally {
      await rm(passwordFile, discard);
      await rm(draft, discard);
    }
  }

  async start(wantedPort: number | undefined): Promise<Started> {
    const settings = await this.#readSettings();
    const running = await this.#runningPort();
    const mine = running === null || !livesElsewhere(settings.owner);
    const port = running ?? (await this.#launch(wantedPort, settings.port));
    if (mine) await writeSettings(this.#settings, { ...settings, port, owner: process.pid });
    return { port, password: settings.password, reused: running !== null, mine };
  }

  async stop(): Promise<void> {
    const { home, persistent, binaries } = this.#options;
    if (existsSync(this.#pidFile)) await this.#run(binaries.pg_ctl, this.#stopArguments('fast'));
    if (!persistent) await rm(home, discard);
  }

  stopSync(): void {
    const { home, persistent, binaries } = this.#options;
    if (existsSync(this.#pidFile)) {
      const mode = persistent ? 'fast' : 'immediate';
      spawnSync(binaries.pg_ctl, this.#stopArguments(mode), this.#spawnOptions());
    }
    if (!persistent) rmSync(home, discard);
  }

  #stopArguments(mode: 'fast' | 'immediate'): string[] {
    return ['stop', '-D', this.#data, '-m', mode, '-w'];
  }

  get #pidFile(): string {
    return join(this.#data, 'postmaster.pid');
  }

  /** The port that it had last, or that was free a moment ago, may be another program's by now: then once more. */
  async #launch(wanted: number | undefined, last: number | undefined): Promise<number> {
    for (let tries = 1; ; tries++) {
      const port = wanted ?? (tries === 1 && last ? last : await freePort());
      await this.#own(this.#log, '');
      try {
        await this.#run(this.#options.binaries.pg_ctl, [
          ...['start', '-D', this.#data, '-l', this.#log, '-w', '-t', '60', '-o', `-p ${port}`],
        ]);
        return port;
      } catch (error) {
        const log = await readFile(this.#log, 'utf8');
        if (wanted === undefined && tries < 3 && log.includes('Address already in use')) continue;
        throw failed(`did not start on port ${port}`, log || (error as Error).message, error);
      }
    }
  }

  /** The port of the server that runs on this data now, waiting while it starts or stops; null when none does. */
  async #runningPort(): Promise<number | null> {
    for (let waited = 0; waited < 60_000; waited += 100) {
      const found = await readPidFile(this.#pidFile);
      if (found === null || !isAlive(found.pid)) return null;
      if (found.status === 'ready') {
        if (await answers(found.port)) return found.port;
        // The number belongs to another program by now, and would keep a server from starting.
        await rm(this.#pidFile, discard);
        return null;
      }
      await delay(100);
    }
    throw failed('neither started nor stopped within 60 s', await readFile(this.#log, 'utf8'));
  }

  async #readSettings(): Promise<Settings> {
    try {
      return JSON.parse(await readFile(this.#settings, 'utf8'));
    } catch (error) {
      throw failed(
        `has a data directory without its settings, ${this.#settings}. Remove ${this.#data} to start anew`,
        '',
        error,
      );
    }
  }

  /** Writes a file that the server's account may read and write. */
  async #own(file: string, text: string): Promise<void> {
    await writeFile(file, text, { mode: 0o600 });
    const { account } = this.#options;
    if (account) await chown(file, account.uid, account.gid);
  }

  async #run(program: string, args: string[]): Promise<void> {
    try {
      await promisify(execFile)(program, args, this.#spawnOptions());
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw failed(
        `failed in ${args[0] === '-D' ? 'initdb' : `pg_ctl ${args[0]}`}`,
        `${stdout}${stderr}`,
        error,
      );
    }
  }

  /** Without the caller's PG* variables, some of which the server's programs read. */
  #spawnOptions(): object {
    const env = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
    return {
      cwd: this.#options.home,
      env: { ...Object.fromEntries(env), LC_ALL: 'C' },
      ...this.#options.account,
    };
  }
}

async function writeSettings(file: string, settings: Settings): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(settings), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Line by line: process, data directory, start, port, socket directory, address, shared memory, status. */
async function readPidFile(
  file: string,
): Promise<{ pid: number; port: number; status: string } | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n').map((line) => line.trim());
  return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7] ?? '' };
}

function livesElsewhere(owner: number | undefined): boolean {
  return owner !== undefined && owner !== process.pid && isAlive(owner);
}

function failed(what: string, log: string, cause?: unknown): PgschedError {
  const tail = log.trim().split('\n').slice(-10).join('\n');
  return new PgschedError('EmbeddedFailed', {
    message: `The embedded PostgreSQL ${what}.${tail ? `\n${tail}` : ''}`,
    cause,
  });
}
