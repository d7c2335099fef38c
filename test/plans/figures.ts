/**
 * Prints what a claim costs with nobody and with a million strangers in front, and how the server finds the jobs:
 *     node --import=tsx test/plans/figures.ts [strangers]
 */
import pg from 'pg';
import { migrate } from '../../schema/migrate.js';
import { createDatabase } from '../support/create-database.js';
import { explain } from '../support/explain.js';
import { claims, fill, giveBack, type Mine } from './strangers.js';

const crowd = Number(process.argv[2] ?? 1_000_000);
const rounds = 60;

for (const strangers of [0, crowd]) {
  const { url, drop } = await createDatabase();
  const pool = new pg.Pool({ connectionString: url });
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await migrate(client);
    const mine = await fill(pool, strangers, 1_000);
    await pool.query(
      `select pgsched._pause('{}', 'mine.other' || i, true) from generate_series(0, 9) i`,
    );
    console.log(`\n${strangers.toLocaleString('en')} strangers in front`);
    for (const [title, claim] of Object.entries(claims)) {
      const times = await timed(client, pool, claim(mine));
      const { buffers } = await explain(client, ...claim(mine));
      await giveBack(pool, mine);
      const at = (share: number): string =>
        (times[Math.floor(share * (rounds - 1))] as number).toFixed(2);
      console.log(
        `${title}: median ${at(0.5)} ms, 90 % ${at(0.9)} ms, ${buffers} pages in all nested statements`,
      );
    }
    if (strangers > 0) await printPlan(client, mine);
  } finally {
    await client.end();
    await pool.end();
    await drop();
  }
}
process.exit();

/** Milliseconds of each claim, the shortest first. */
async function timed(
  client: pg.Client,
  pool: pg.Pool,
  [text, values]: [string, unknown[]],
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    // Rolled back: how long a commit waits for its disk has nothing to do with who else waits.
    await client.query('begin');
    const start = performance.now();
    await client.query(text, values);
    times.push(performance.now() - start);
    await client.query('rollback');
    await pool.query('vacuum pgsched.job');
  }
  return times.sort((a, b) => a - b);
}

/** The statement that picks and takes the jobs. */
async function printPlan(client: pg.Client, mine: Mine): Promise<void> {
  await client.query(
    `set auto_explain.log_format = text; set auto_explain.log_min_duration = 0; set auto_explain.log_timing = off`,
  );
  client.on('notice', ({ message }) => {
    if (message !== undefined && /Update on .*job/i.test(message)) console.log(`\n${message}`);
  });
  const [text, values] = (claims['a worker of the task'] as (mine: Mine) => [string, unknown[]])(
    mine,
  );
  await client.query(text, values);
}
