import test from 'ava';
import postgres from 'postgres';
import { clientFor } from '../support/client.js';
import { applicationDatabase, testTransactions } from './support/transactions.js';

const database = await applicationDatabase();
const sql = postgres(database.url, { onnotice: () => {}, transform: postgres.camel });

type Work<R> = (tx: postgres.TransactionSql) => Promise<R>;

testTransactions<postgres.TransactionSql>(database, {
  // Its type unwraps arrays of promises, which the works here do not return.
  transaction: <R>(work: Work<R>) => sql.begin(work) as Promise<R>,
  insertReceipt: (tx, orderId) => tx`insert into receipt (order_id) values (${orderId})`,
  close: () => sql.end(),
});

test('a savepoint is a transaction, and rolls back by itself', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const [kept, dropped] = await sql.begin(async (tx) => {
    const first = await enqueue.double({ n: 1 }, { tx });
    let second = first;
    const savepoint = tx.savepoint(async (inner) => {
      second = await enqueue.double({ n: 1 }, { tx: inner });
      throw new Error('no');
    });
    await t.throwsAsync(savepoint, { message: 'no' });
    return [first, second];
  });
  t.true(await kept?.cancel());
  t.false(await dropped?.cancel());
});

test('a client that fetches no types, and one without prepared statements, will do', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const plain = postgres(database.url, { fetch_types: false, prepare: false });
  t.teardown(() => plain.end());
  const job = await plain.begin((tx) => enqueue.double({ n: 1 }, { tx }));
  t.true(await job.cancel());
});

test('`sql` itself is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- a pool
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: sql }), {
    code: 'PGS2005',
    message: /the `sql` of postgres\.js that holds the pool; pass the `tx` of sql\.begin/,
  });
});
