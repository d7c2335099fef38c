import test, { type ExecutionContext } from 'ava';
import { testDatabase } from '../support/database.js';
import { type Explained, explain } from '../support/explain.js';
import { claims, fill, giveBack, type Mine } from './strangers.js';

const alone = await testDatabase();
const crowded = await testDatabase();

/** The dearest of several claims, because a session's first plans are not its later ones. */
async function dearest(
  t: ExecutionContext,
  { pool, connect }: typeof alone,
  mine: Mine,
  claim: (mine: Mine) => [string, unknown[]],
): Promise<Explained> {
  const client = await connect();
  let worst: Explained | undefined;
  for (let i = 0; i < 7; i++) {
    const explained = await explain(client, ...claim(mine));
    const { rowCount } = await pool.query(
      'select from pgsched.job where task = $1 and fence is not null',
      [mine.task],
    );
    t.is(rowCount, 20, 'it took what it asked for');
    await giveBack(client, mine);
    if (worst === undefined || explained.buffers > worst.buffers) worst = explained;
  }
  return worst as Explained;
}

const mine = [await fill(alone.pool, 0, 1_000), await fill(crowded.pool, 200_000, 1_000)] as const;

for (const [title, claim] of Object.entries(claims)) {
  test.serial(
    `${title} costs the same with 200,000 jobs of other topics, paused tasks and unknown versions in front, and 20,000 held by others`,
    async (t) => {
      // Of other topics of the same task a caller of claim takes also these.
      if (title === 'claim by SQL')
        await crowded.pool.query(
          `select pgsched._pause('{}', 'mine.other' || i, true) from generate_series(0, 9) i`,
        );
      const few = await dearest(t, alone, mine[0], claim);
      const many = await dearest(t, crowded, mine[1], claim);
      for (const node of many.nodes.filter((node) => node['Relation Name'] === 'job')) {
        t.true(
          node['Actual Rows'] <= 20,
          `${node['Node Type']} ${node['Index Name'] ?? ''}: ${node['Actual Rows']} rows`,
        );
      }
      t.log(`${few.buffers} pages alone, ${many.buffers} in the crowd`);
      t.true(
        many.buffers < few.buffers * 1.5 + 500,
        `${few.buffers} pages alone, ${many.buffers} in the crowd`,
      );
    },
  );
}
