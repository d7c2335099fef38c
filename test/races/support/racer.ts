/** Runs statements in a process of its own, at a word from its parent: url. Answers with all their rows, or with the error. */
import pg from 'pg';

export interface Leg {
  readonly text: string;
  readonly values: unknown[];
}

const client = new pg.Client({ connectionString: process.argv[2] });
await client.connect();
process.on('message', async (legs: readonly Leg[]) => {
  const rows: unknown[] = [];
  try {
    for (const { text, values } of legs) rows.push(...(await client.query(text, values)).rows);
    process.send?.({ rows });
  } catch (error) {
    process.send?.({ rows, error: `${(error as { code?: string }).code} ${String(error)}` });
  }
});
process.once('disconnect', () => client.end());
process.send?.('ready');
