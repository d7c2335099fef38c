import pg from 'pg';
import { bindClient } from '../../runtime/client/bind-client.js';
import type { TaskContract } from '../../runtime/contract/types.js';
import type { Client } from '../jobs/generated/client.js';
import { contract } from '../jobs/generated/contract.js';
import { median } from '../measure.js';
import type { PgschedSystem } from '../systems/pgsched.js';
import type { System } from '../systems/system.js';
import {
  type Figure,
  type Figures,
  figure,
  numbers,
  percentiles,
  rate,
  type Scenario,
} from './scenario.js';

const batch = 5_000;
const repetitions = 3;
const only = ['pgsched'];

/** A drain in front of so many jobs that wait, and a claim of 500 of them, for each size in turns. */
export function backlog(drained: number, sizes: readonly number[]): Scenario {
  return {
    name: 'backlog',
    systems: only,
    rounds: 1,
    async measure(first, _, another): Promise<Figures> {
      const all = await several(first, another, sizes.length);
      for (const [i, size] of sizes.entries()) await fill(all[i] as PgschedSystem, size);
      // What has been written is not the first one's to flush, nor is the code its to compile.
      await all[0]?.pool.query('checkpoint');
      await fill(all[0] as PgschedSystem, drained);
      await drainOf(all[0] as PgschedSystem, drained);
      const drains = await inTurns(all, async (system, i) => {
        // A worker that is stopped has done more than was waited for: each time as many again.
        await fill(system, (sizes[i] as number) + drained - (await depth(system)));
        return drainOf(system, drained);
      });
      const claims = await inTurns(all, claimTime);
      const figures: Record<string, Figure> = {};
      for (const [i, size] of sizes.entries()) {
        figures[`drain in front of ${size}`] = figure(drains[i] as number, 'jobs/s');
        figures[`claim of 500 from ${size}`] = figure(claims[i] as number, 'ms');
      }
      return figures;
    },
  };
}

/** A drain where so many jobs of other tasks, topics and payload versions wait in front of, or among, its own; and where none do. */
export function strangers(drained: number, count: number): Scenario {
  return {
    name: `drain of ${drained} jobs among ${count} of others`,
    systems: only,
    async measure(first, _, another): Promise<Figures> {
      const [alone, behind, among] = await several(first, another, 3);
      await fill(alone as PgschedSystem, drained);
      await fillWithStrangers(behind as PgschedSystem, count);
      await fill(behind as PgschedSystem, drained);
      for (let n = 0; n < 20; n++) {
        await fillWithStrangers(among as PgschedSystem, count / 20);
        await fill(among as PgschedSystem, drained / 20);
      }
      const value = async (system: System | undefined): Promise<Figure> =>
        figure(await drainOf(system as PgschedSystem, drained), 'jobs/s');
      return {
        'no others': await value(alone),
        'others in front': await value(behind),
        'others between': await value(among),
      };
    },
  };
}

/** A drain while somebody's transaction keeps its snapshot, and one while nobody's does; and a key that is used again and again. */
export function heldHorizon(drained: number, reuses: number): Scenario {
  return {
    name: 'held horizon',
    systems: only,
    async measure(first, _, another): Promise<Figures> {
      const [free, held] = (await several(first, another, 2)) as [PgschedSystem, PgschedSystem];
      await fill(free, drained);
      await fill(held, drained);
      const holder = new pg.Client({ connectionString: held.url });
      await holder.connect();
      await holder.query(
        'begin isolation level repeatable read; select count(*) from pgsched.lane',
      );
      const figures = {
        [`drain of ${drained}, free`]: figure(await drainOf(free, drained), 'jobs/s'),
        [`drain of ${drained}, held`]: figure(await drainOf(held, drained), 'jobs/s'),
        [`one key ${reuses} times, free`]: figure(await reuseKey(free, reuses), 'jobs/s'),
        [`one key ${reuses} times, held`]: figure(await reuseKey(held, reuses), 'jobs/s'),
      };
      await holder.query('rollback');
      await holder.end();
      return figures;
    },
  };
}

/** How late due jobs start, and what a claim takes, while so many wait for tomorrow; and while none do. */
export function scheduled(count: number, due: number): Scenario {
  return {
    name: 'scheduled',
    systems: only,
    rounds: 1,
    async measure(first, _, another): Promise<Figures> {
      const [none, many] = (await several(first, another, 2)) as [PgschedSystem, PgschedSystem];
      await fill(many, count, { runAt: new Date(Date.now() + 86_400_000) });
      for (const system of [none, many]) await fill(system, 500 * repetitions * 20);
      const [without, withMany] = await inTurns([none, many], claimTime);
      for (const { pool } of [none, many]) {
        await pool.query('delete from pgsched.job where run_at < clock_timestamp()');
      }
      return {
        'claim of 500, none later': figure(without as number, 'ms'),
        [`claim of 500, ${count} later`]: figure(withMany as number, 'ms'),
        ...named('lateness, none later', await lateness(none, due)),
        ...named(`lateness, ${count} later`, await lateness(many, due)),
      };
    },
  };
}

async function several(
  first: System,
  another: () => Promise<System>,
  count: number,
): Promise<PgschedSystem[]> {
  const all = [first];
  while (all.length < count) all.push(await another());
  return all as PgschedSystem[];
}

async function fill(
  { client }: PgschedSystem,
  count: number,
  options: { runAt?: Date; topic?: string } = {},
): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const list = numbers(from, Math.min(batch, count - from)).map((n) => ({ n }));
    await client.enqueue.noop.many(list, options);
  }
}

/** A third of each: another task, another topic, a later payload version. */
async function fillWithStrangers(system: PgschedSystem, count: number): Promise<void> {
  const noop = contract.tasks['noop'] as TaskContract;
  const later = { ...contract, tasks: { noop: { ...noop, version: 2 } } };
  const other = bindClient<Client>(later, null, { connectionString: system.url });
  for (let from = 0; from < count; from += batch) {
    const list = numbers(from, Math.min(batch, count - from)).map((n) => ({ n }));
    const kind = (from / batch) % 3;
    if (kind === 0) await system.client.enqueue.stranger.many(list);
    else if (kind === 1) await system.client.enqueue.noop.many(list, { topic: 'strange.topic' });
    else await other.enqueue.noop.many(list);
  }
  await other.close();
}

/** Each of them a few times, in turns; the median of each. */
async function inTurns(
  systems: readonly PgschedSystem[],
  measure: (system: PgschedSystem, index: number) => Promise<number>,
): Promise<number[]> {
  const taken = systems.map((): number[] => []);
  for (let n = 0; n < repetitions; n++) {
    for (const [i, system] of systems.entries()) taken[i]?.push(await measure(system, i));
  }
  return taken.map(median);
}

async function drainOf({ work }: PgschedSystem, count: number): Promise<number> {
  const working = await work(() => {}, { topics: ['noop'] });
  const value = await rate(count, () => working.settled(count));
  await working.stop();
  return value;
}

async function depth({ pool }: PgschedSystem): Promise<number> {
  const { rows } = await pool.query('select count(*)::int as n from pgsched.job');
  return rows[0].n;
}

/** Milliseconds that a claim of 500 takes in the server, the median of twenty that are rolled back. */
async function claimTime({ pool }: PgschedSystem): Promise<number> {
  const connection = await pool.connect();
  await connection.query(
    `insert into pgsched.worker (instance, host, pid) values (1, 'bench', 1) on conflict do nothing`,
  );
  const times: number[] = [];
  for (let n = 0; n < 20; n++) {
    await connection.query('begin');
    const from = performance.now();
    await connection.query({
      name: 'claim',
      text: `select count(*) from pgsched._claim(1, $1,
               array(select task from pgsched.task where name = 'noop'), '{1}', null, '{}', 500, 500, true, null)`,
      values: [n + 1],
    });
    times.push(performance.now() - from);
    await connection.query('rollback');
  }
  connection.release();
  return median(times);
}

/** Jobs a second of one that is enqueued again under its key as soon as it has ended. */
async function reuseKey({ client, work }: PgschedSystem, count: number): Promise<number> {
  const working = await work(() => {});
  const value = await rate(count, async () => {
    for (let n = 0; n < count; n++) await (await client.enqueue.keyed({ key: 'one' })).result();
  });
  await working.stop();
  return value;
}

/** So many jobs, each for an instant of the next ten seconds: how long after it they start. */
async function lateness({ client, work }: PgschedSystem, count: number): Promise<Figures> {
  const times: number[] = [];
  const working = await work((late) => times.push(Math.max(0, late)));
  const from = Date.now() + 1_000;
  const list = numbers(0, count).map((n) => ({ due: from + Math.round((n * 10_000) / count) }));
  await client.enqueue.timed.many(list, ({ due }) => ({ runAt: new Date(due) }));
  await working.settled(count);
  await working.stop();
  return percentiles(times);
}

function named(name: string, figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [`${name}, ${key}`, value]),
  );
}
