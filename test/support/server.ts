import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../cli/embedded.js';

export interface TestServer {
  /** What it is, for the first line of a run. */
  readonly name: string;
  /** A superuser's connection. */
  readonly url: string;
  stop(): Promise<void>;
  stopSync(): void;
}

/**
 * The server for a run of tests: `PGSCHED_TEST_URL`; else a container (of `PGSCHED_TEST_IMAGE`, default `postgres:15`) where
 * a Docker engine answers; else an embedded one. `PGSCHED_TEST_SERVER=container` or `embedded` leaves no choice.
 */
export async function testServer(): Promise<TestServer> {
  const { PGSCHED_TEST_URL: url, PGSCHED_TEST_SERVER: wanted } = process.env;
  if (url) return { name: 'PGSCHED_TEST_URL', url, stop: async () => {}, stopSync: () => {} };
  if (wanted !== undefined && wanted !== 'container' && wanted !== 'embedded') {
    throw new Error(`PGSCHED_TEST_SERVER must be container or embedded, got ${wanted}`);
  }
  const container = wanted === undefined ? await dockerAnswers() : wanted === 'container';
  return container ? startContainer() : startTemporary();
}

async function startTemporary(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'pgsched-test-'));
  const server = await startEmbedded({ directory, persistent: false });
  await makeForgetful(server.url);
  return { name: 'embedded PostgreSQL', ...server };
}

/** A server that goes with its run need not survive a crash of the machine: it writes less, and waits for no disk. */
async function makeForgetful(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const setting of [
    'fsync = off',
    'full_page_writes = off',
    `max_wal_size = '4GB'`,
    `checkpoint_timeout = '1h'`,
  ]) {
    await client.query(`alter system set ${setting}`);
  }
  await client.query('select pg_reload_conf()');
  await client.end();
}

async function startContainer(): Promise<TestServer> {
  if (!(await dockerAnswers())) {
    throw new Error('PGSCHED_TEST_SERVER=container, but no Docker engine answers on this machine');
  }
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const { Wait } = await import('testcontainers');
  const image = process.env['PGSCHED_TEST_IMAGE'] ?? 'postgres:15';
  const container = await new PostgreSqlContainer(image)
    .withCommand(['postgres', '-c', 'max_connections=200'])
    .withWaitStrategy(Wait.forSuccessfulCommand('pg_isready --host localhost --username test'))
    // The default one goes on four times a second. What it leaves behind when it takes too long falls to the server, which is the
    // container's first process, and takes its death for that of a backend of its own: it restarts in the middle of a test.
    .withHealthCheck({ test: ['NONE'] as never })
    .start();
  await makeForgetful(container.getConnectionUri());
  return {
    name: `container of ${image}`,
    url: container.getConnectionUri(),
    stop: async () => {
      await container.stop();
    },
    stopSync: () => {
      spawnSync('docker', ['rm', '--force', '--volumes', container.getId()]);
    },
  };
}

/** Asks the engine that Testcontainers would use first, and waits no longer than a second for its answer. */
function dockerAnswers(): Promise<boolean> {
  const host = new URL(process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock');
  const target =
    host.protocol === 'unix:'
      ? { socketPath: host.pathname }
      : { host: host.hostname, port: host.port };
  return new Promise((settle) => {
    const ping = request({ ...target, path: '/_ping', timeout: 1_000 }, (answer) => {
      answer.resume();
      settle(answer.statusCode === 200);
    });
    ping.once('timeout', () => ping.destroy());
    ping.once('error', () => settle(false));
    ping.end();
  });
}
