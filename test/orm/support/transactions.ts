import test from 'ava';
import type { AnyTx } from '../../../runtime/client/transaction.js';
import type { EnqueueOptions } from '../../../runtime/client/types.js';
import type { Job } from '../../../runtime/worker/types.js';
import { clientFor } from '../../support/client.js';
import { type TestDatabase, testDatabase } from '../../support/database.js';
import { startWorker } from '../../support/worker.js';

/** How an application uses a library. */
export interface Library<T extends AnyTx> {
  /** Does the work in a transaction: commits it, or rolls back when it throws. */
  transaction<R>(work: (tx: T) => Promise<R>): Promise<R>;
  /** The application's own write. */
  insertReceipt(tx: T, orderId: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** A database with pgsched and the application's table. */
export async function applicationDatabase(): Promise<TestDatabase> {
  const database = await testDatabase();
  await database.pool.query('create table receipt (order_id integer primary key)');
  return database;
}

/** What holds in the transactions of every library. */
export function testTransactions<T extends AnyTx>(
  database: TestDatabase,
  { transaction, insertReceipt, close }: Library<T>,
): void {
  const connection = { connectionString: database.url };

  async function count(query: string, value: unknown): Promise<number> {
    const { rows } = await database.pool.query(`select count(*)::int as n ${query}`, [value]);
    return rows[0].n;
  }
  const receipts = (orderId: number) => count('from receipt where order_id = $1', orderId);
  const jobs = (ids: string[]) => count('from pgsched.job where id = any($1::bigint[])', ids);

  test.after.always('the library closes', () => close());

  test('jobs come with the commit, together with the application’s rows', async (t) => {
    const { enqueue } = clientFor(t, connection);
    const ids = await transaction(async (tx) => {
      await insertReceipt(tx, 1);
      const one = await enqueue.mail.send({ to: 'a@example.com' }, { tx });
      const two = await enqueue.mail.send.many([{ to: 'b' }, { to: 'c' }], { tx });
      const made = [one, ...two].map(({ id }) => id);
      t.is(await jobs(made), 0, 'nobody else sees them before');
      return made;
    });
    t.is(new Set(ids).size, 3);
    t.is(await jobs(ids), 3);
    t.is(await receipts(1), 1);
  });

  test('jobs never were when the transaction is rolled back', async (t) => {
    const { enqueue } = clientFor(t, connection);
    let ids: string[] = [];
    const rolledBack = transaction(async (tx) => {
      await insertReceipt(tx, 2);
      const one = await enqueue.mail.send({ to: 'a' }, { tx, key: 'rolled back' });
      const two = await enqueue.mail.send.many([{ to: 'b' }, { to: 'c' }], { tx });
      ids = [one, ...two].map(({ id }) => id);
      throw new Error('no');
    });
    await t.throwsAsync(rolledBack, { message: 'no' });
    t.is(ids.length, 3);
    t.is(await jobs(ids), 0);
    t.is(await receipts(2), 0);
    const again = await enqueue.mail.send({ to: 'a' }, { key: 'rolled back' });
    t.is(again.outcome, 'created', 'nor is the key held');
  });

  test('a key that is held leaves the transaction open', async (t) => {
    const { enqueue } = clientFor(t, connection);
    const holder = await enqueue.receipt({ orderId: 3 });
    const next = await transaction(async (tx) => {
      await t.throwsAsync(enqueue.receipt({ orderId: 3 }, { tx }), {
        name: 'DuplicateJob',
        message: new RegExp(`job ${holder.id} \\(pending\\)`),
      });
      await insertReceipt(tx, 3);
      t.like(await enqueue.receipt({ orderId: 3 }, { tx, onConflict: 'ignore' }), {
        id: holder.id,
        outcome: 'existing',
      });
      t.like(await enqueue.receipt({ orderId: 3 }, { tx, onConflict: 'replace' }), {
        outcome: 'replaced',
      });
      return enqueue.receipt({ orderId: 4 }, { tx });
    });
    t.is(next.outcome, 'created');
    t.is(await jobs([next.id]), 1);
    t.is(await receipts(3), 1);
  });

  test('args and options arrive as from a connection of our own', async (t) => {
    const { enqueue } = clientFor(t, connection);
    const list = ['', 'null', 'NULL', '{}', '{"a",b}', `it's "so" \\ $1 ?`, 'ñ\n\t日本 🚲', ' '];
    const options = (args: { to: string }, i: number): EnqueueOptions => ({
      priority: i,
      headers: i % 2 === 0 ? { 'x-trace': args.to } : undefined,
      runAt: i % 3 === 0 ? new Date('2031-02-03T04:05:06.789Z') : undefined,
      topic: i % 4 === 0 ? 'mail.other' : undefined,
      startWithin: i % 5 === 0 ? '1h' : undefined,
    });
    const args = list.map((to) => ({ to }));
    const stored = async (ids: string[]): Promise<unknown[]> => {
      const { rows } = await database.pool.query(
        `select args, priority, headers, due_at, topic, start_within, task, version, lane
           from pgsched.job where id = any($1::bigint[]) order by id`,
        [ids],
      );
      return rows;
    };
    const expected = (await enqueue.mail.send.many(args, options)).map(({ id }) => id);
    const inTransaction = await transaction((tx) =>
      enqueue.mail.send.many(args, (one, i) => ({ ...options(one, i), tx })),
    );
    t.is(inTransaction.length, list.length);
    t.deepEqual(await stored(inTransaction.map(({ id }) => id)), await stored(expected));
  });

  test('a handler completes its job in a transaction of the library', async (t) => {
    const { enqueue, ended } = await startWorker(t, database, {
      complete: {
        run: (orderId: number, job: Job) =>
          transaction(async (tx) => {
            await insertReceipt(tx, orderId);
            return job.complete(tx, { orderId });
          }),
      },
    });
    const { id } = await enqueue('complete', 10);
    t.like(await ended(id), { status: 'completed', attempt: 1, result: { orderId: 10 } });
    t.is(await receipts(10), 1);
  });

  test('a completion that is rolled back never was: the job runs again', async (t) => {
    const { enqueue, ended } = await startWorker(t, database, {
      completeLater: {
        maxAttempts: 2,
        backoff: { kind: 'list', delays: [10], jitter: 0 },
        run: (orderId: number, job: Job) =>
          transaction(async (tx) => {
            await insertReceipt(tx, orderId);
            await job.complete(tx, { attempt: job.attempt });
            if (job.attempt === 1) throw new Error('after the completion');
            return { attempt: job.attempt };
          }),
      },
    });
    const { id } = await enqueue('completeLater', 11);
    const row = await ended(id);
    t.like(row, { status: 'completed', attempt: 2, result: { attempt: 2 } });
    t.like(row.failures?.[0], { message: 'after the completion' });
    t.is(await receipts(11), 1);
  });

  test('a job that is no longer the run’s is not completed, and its effects are rolled back', async (t) => {
    const stolen = 'update pgsched.job set fence = fence - 1 where id = $1';
    const thrown = new Promise<unknown>((resolve, reject) => {
      const run = async (orderId: number, job: Job) => {
        await database.pool.query(stolen, [job.id]);
        const completed = transaction(async (tx) => {
          await insertReceipt(tx, orderId);
          await job.complete(tx, null);
        });
        await completed.then(() => reject(new Error('The job was completed.')), resolve);
      };
      startWorker(t, database, { lose: { run } })
        .then(({ enqueue }) => enqueue('lose', 12))
        .catch(reject);
    });
    t.like(await thrown, { name: 'LeaseLost' });
    t.is(await receipts(12), 0);
  });
}
