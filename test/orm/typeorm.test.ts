import 'reflect-metadata';
import test from 'ava';
import { DataSource, type EntityManager, EntitySchema } from 'typeorm';
import { clientFor } from '../support/client.js';
import { applicationDatabase, testTransactions } from './support/transactions.js';

const Receipt = new EntitySchema<{ orderId: number }>({
  name: 'receipt',
  columns: { orderId: { type: 'integer', name: 'order_id', primary: true } },
});

const database = await applicationDatabase();
const dataSource = new DataSource({ type: 'postgres', url: database.url, entities: [Receipt] });
await dataSource.initialize();

testTransactions<EntityManager>(database, {
  transaction: (work) => dataSource.transaction(work),
  insertReceipt: (manager, orderId) => manager.insert(Receipt, { orderId }),
  close: () => dataSource.destroy(),
});

test('a QueryRunner will do while its transaction is open, and a repository in one', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const tx = dataSource.createQueryRunner();
  t.teardown(() => tx.release());
  const refused = { code: 'PGS2005', message: /no transaction of TypeORM is open on it/ };
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx }), refused);
  await tx.startTransaction();
  const kept = await enqueue.double({ n: 1 }, { tx });
  const byRepository = await enqueue.double({ n: 1 }, { tx: tx.manager.getRepository(Receipt) });
  await tx.commitTransaction();
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx }), refused);
  t.true(await kept.cancel());
  t.true(await byRepository.cancel());
});

test('a DataSource, its manager and its repositories are refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const refused = {
    code: 'PGS2005',
    message:
      /no transaction of TypeORM is open on it; pass the `manager` of dataSource\.transaction/,
  };
  // @ts-expect-error -- no transaction
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: dataSource }), refused);
  // TypeORM has one type for a manager within a transaction and outside one.
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: dataSource.manager }), refused);
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: dataSource.getRepository(Receipt) }), refused);
});
