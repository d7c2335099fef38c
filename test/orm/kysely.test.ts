import test from 'ava';
import {
  CamelCasePlugin,
  Kysely,
  ParseJSONResultsPlugin,
  PostgresDialect,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { clientFor } from '../support/client.js';
import { applicationDatabase, testTransactions } from './support/transactions.js';

interface Tables {
  receipt: { orderId: number };
}

const database = await applicationDatabase();
const db = new Kysely<Tables>({
  dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
  // Plugins that change what comes back.
  plugins: [new CamelCasePlugin(), new ParseJSONResultsPlugin()],
});

testTransactions<Transaction<Tables>>(database, {
  transaction: (work) => db.transaction().execute(work),
  insertReceipt: (tx, orderId) => tx.insertInto('receipt').values({ orderId }).execute(),
  close: () => db.destroy(),
});

test('a transaction that is controlled by hand will do', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = await db.startTransaction().execute();
  const job = await enqueue.double({ n: 1 }, { tx });
  await tx.commit().execute();
  t.true(await job.cancel());
});

test('Kysely itself is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- no transaction
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: db }), {
    code: 'PGS2005',
    message: /a Kysely that is no transaction; pass the `tx` of db\.transaction\(\)\.execute/,
  });
  // One connection is no transaction yet.
  await db.connection().execute(async (connection) => {
    // @ts-expect-error -- as above
    await t.throwsAsync(enqueue.double({ n: 1 }, { tx: connection }), { code: 'PGS2005' });
  });
});
