import test from 'ava';
import { integer, pgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { clientFor } from '../support/client.js';
import { applicationDatabase, testTransactions } from './support/transactions.js';

const receipt = pgTable('receipt', { orderId: integer('order_id').primaryKey() });

const database = await applicationDatabase();
const sql = postgres(database.url, { onnotice: () => {} });
const db = drizzle(sql, { schema: { receipt } });

type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0];

testTransactions<Transaction>(database, {
  transaction: (work) => db.transaction(work),
  insertReceipt: (tx, orderId) => tx.insert(receipt).values({ orderId }),
  close: () => sql.end(),
});

test('a Drizzle database on postgres.js is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- no transaction
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: db }), {
    code: 'PGS2005',
    message: /a Drizzle database; pass the `tx` of db\.transaction/,
  });
});
