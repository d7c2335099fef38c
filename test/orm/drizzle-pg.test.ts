import test from 'ava';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import type { Job } from '../../runtime/worker/types.js';
import { clientFor } from '../support/client.js';
import { startWorker } from '../support/worker.js';
import { applicationDatabase, testTransactions } from './support/transactions.js';

const receipt = pgTable('receipt', { orderId: integer('order_id').primaryKey() });

const database = await applicationDatabase();
const pool = new pg.Pool({ connectionString: database.url });
const db = drizzle(pool, { schema: { receipt } });

type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0];

testTransactions<Transaction>(database, {
  transaction: (work) => db.transaction(work),
  insertReceipt: (tx, orderId) => tx.insert(receipt).values({ orderId }),
  close: () => pool.end(),
});

test('a transaction within one rolls back by itself', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const [kept, dropped] = await db.transaction(async (tx) => {
    const first = await enqueue.double({ n: 1 }, { tx });
    let second = first;
    const nested = tx.transaction(async (inner) => {
      second = await enqueue.double({ n: 1 }, { tx: inner });
      throw new Error('no');
    });
    await t.throwsAsync(nested, { message: 'no' });
    return [first, second];
  });
  t.true(await kept?.cancel());
  t.false(await dropped?.cancel());
});

test('Drizzle works on the connection that `job.transaction` hands out', async (t) => {
  const { enqueue, ended } = await startWorker(t, database, {
    store: {
      run: (orderId: number, job: Job) =>
        job.transaction(async (tx) => {
          await drizzle(tx).insert(receipt).values({ orderId });
          return { orderId };
        }),
    },
  });
  const { id } = await enqueue('store', 20);
  t.like(await ended(id), { status: 'completed', result: { orderId: 20 } });
  const stored = await db.select().from(receipt).where(eq(receipt.orderId, 20));
  t.deepEqual(stored, [{ orderId: 20 }]);
});

test('a Drizzle database is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- no transaction
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: db }), {
    code: 'PGS2005',
    message: /a Drizzle database; pass the `tx` of db\.transaction/,
  });
});

test('a pool of pg is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- each statement on another connection
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: pool }), {
    code: 'PGS2005',
    message: /a pool, which runs each statement on another connection/,
  });
});
