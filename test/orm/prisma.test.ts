import { PrismaPg } from '@prisma/adapter-pg';
import test from 'ava';
import { clientFor } from '../support/client.js';
import { type Prisma, PrismaClient } from './prisma/generated/client.js';
import { applicationDatabase, testTransactions } from './support/transactions.js';

const database = await applicationDatabase();
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) });

testTransactions<Prisma.TransactionClient>(database, {
  transaction: (work) => prisma.$transaction(work),
  insertReceipt: (tx, orderId) => tx.receipt.create({ data: { orderId } }),
  close: () => prisma.$disconnect(),
});

test('a client with extensions has transactions too', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const extended = prisma.$extends({ model: { receipt: { twice: (n: number) => 2 * n } } });
  const job = await extended.$transaction((tx) => enqueue.double({ n: 1 }, { tx }));
  t.true(await job.cancel());
  // @ts-expect-error -- no transaction
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: extended }), { code: 'PGS2005' });
});

test('a Prisma client is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  // @ts-expect-error -- no transaction
  await t.throwsAsync(enqueue.double({ n: 1 }, { tx: prisma }), {
    code: 'PGS2005',
    message: /a Prisma client; pass the `tx` of prisma\.\$transaction/,
  });
});
