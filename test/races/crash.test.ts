import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import pg from 'pg';
import { startEmbedded } from '../../cli/embedded.js';
import { newFence } from '../../runtime/worker/dispatcher.js';
import { migrate } from '../../schema/migrate.js';
import { until } from '../support/until.js';

test('a server that crashes forgets a claim: its run cannot settle what another has claimed since', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'pgsched-crash-'));
  t.teardown(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const server = await startEmbedded({ directory });
  t.teardown(() => server.stop());
  const before = await connect(server.url);
  await migrate(before);
  const { rows } = await before.query(
    `select task from pgsched._declare('{crashed}', '{1}', '{crashed}', '{0}', '{null}')`,
  );
  const claim = (client: pg.Client): Promise<pg.QueryResult> =>
    client.query(
      `select c.id, c.attempt from pgsched._claim(7, $1, array[$2::int], '{1}', null, '{}', 1, 1, false) c where c.id is not null`,
      [newFence(), rows[0].task],
    );
  const settle = (client: pg.Client, holding: unknown[]): Promise<pg.QueryResult> =>
    client.query(
      `select exception from pgsched._settle(array[$1::bigint], array[$2::bigint], '{completed}', '{1}', '{null}', '{null}', '{1000}')`,
      holding,
    );
  await before.query(`insert into pgsched.worker (instance, host, pid) values (7, 'here', 1)`);
  await before.query(`select pgsched.enqueue('crashed')`);
  // What a claim writes stays in memory for long, so that the crash comes before the disk.
  await before.query(`alter system set wal_writer_delay = '10s'`);
  await before.query('select pg_reload_conf()');
  await before.query('checkpoint');

  t.is((await claim(before)).rowCount, 1);
  const forgotten = await holdingOf(before);
  const [pid] = (await readFile(join(directory, 'data/postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGQUIT');
  await until(() => !isAlive(Number(pid)), 'the end of the server');
  const again = await startEmbedded({ directory });
  t.teardown(() => again.stop());

  const after = await connect(again.url);
  t.teardown(() => after.end());
  t.is(await holdingOf(after), undefined, 'the claim is forgotten');
  t.like((await claim(after)).rows, [{ attempt: 1 }], 'as if it had never been');
  const current = await holdingOf(after);
  t.is(current?.[0], forgotten?.[0]);
  t.deepEqual((await settle(after, forgotten ?? [])).rows, [{ exception: 'lost' }]);
  t.deepEqual(await holdingOf(after), current, 'the run that holds it goes on');
  t.deepEqual((await settle(after, current ?? [])).rows, []);
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** The job and the fence that are held, if any is. */
async function holdingOf(client: pg.Client): Promise<unknown[] | undefined> {
  const { rows } = await client.query({
    text: 'select id, fence from pgsched.job where fence is not null',
    rowMode: 'array',
  });
  return rows[0];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
