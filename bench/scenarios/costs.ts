import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { Mode } from '../systems/system.js';
import { enqueueAll, type Figures, figure, type Scenario } from './scenario.js';

/** What one job costs from its enqueue to its end, in bulk: of the log, the disk, the processors. */
export function costs(count: number, mode: Mode): Scenario {
  return {
    name: `a job's cost, ${mode === 'history' ? 'with history' : 'deleting'}`,
    mode,
    // A count, not a time.
    rounds: 1,
    async measure(system): Promise<Figures> {
      const client = new pg.Client({ connectionString: system.url });
      await client.connect();
      await client.query('create extension if not exists pg_stat_statements').catch(() => {});
      const before = await spent(client);
      await enqueueAll(system, count, 1_000);
      const working = await system.work(() => {});
      await working.settled(count);
      // While the connections are there that have used it.
      const used = { server: await serverSeconds(client), client: clientSeconds() };
      await working.stop();
      const after = { ...(await spent(client)), ...used };
      await client.end();
      const each = (name: keyof Spent): number => (after[name] - before[name]) / count;
      return {
        'bytes of the log': figure(each('wal'), 'bytes'),
        'dead rows': figure(each('dead'), 'a job'),
        statements: figure(each('statements'), 'a job'),
        commits: figure(each('commits'), 'a job'),
        flushes: figure(each('flushes'), 'a job'),
        'time of the server': figure(each('server') * 1e6, 'µs'),
        'time of the client': figure(each('client') * 1e6, 'µs'),
      };
    },
  };
}

interface Spent {
  readonly wal: number;
  readonly dead: number;
  readonly statements: number;
  readonly commits: number;
  readonly flushes: number;
  /** Seconds of processors. */
  readonly server: number;
  readonly client: number;
}

async function spent(client: pg.Client): Promise<Spent> {
  // A connection tells what it has counted when it has rested for ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  const one = async (text: string): Promise<number> =>
    Number((await client.query(text)).rows[0]?.n ?? 0);
  const version = await one(`select current_setting('server_version_num')::int as n`);
  return {
    wal: await one('select wal_bytes as n from pg_stat_wal'),
    dead: await one('select sum(n_tup_upd + n_tup_del) as n from pg_stat_user_tables'),
    statements: await one(
      `select sum(calls) as n from pg_stat_statements
        where toplevel and dbid = (select oid from pg_database where datname = current_database())`,
    ).catch(() => Number.NaN),
    commits: await one(
      'select xact_commit as n from pg_stat_database where datname = current_database()',
    ),
    flushes: await one(
      version >= 180_000
        ? `select sum(fsyncs) as n from pg_stat_io where object = 'wal'`
        : 'select wal_sync as n from pg_stat_wal',
    ),
    server: await serverSeconds(client),
    client: clientSeconds(),
  };
}

function clientSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Of all processes that serve this database, where they are on this machine. */
async function serverSeconds(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    'select pid from pg_stat_activity where datname = current_database()',
  );
  let ticks = 0;
  for (const { pid } of rows) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / 100;
}
