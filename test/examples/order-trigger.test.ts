import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched, repository, startPgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { rows } from '../support/sql.js';

const database = await testDatabase({ migrated: false });
const { pool } = database;
const cwd = join(repository, 'examples/order-trigger');
const options = { cwd, env: { PGSCHED_DATABASE_URL: database.url } };

test('a trigger enqueues with the typed function what a worker runs, if its transaction commits', async (t) => {
  const migrated = await pgsched(['migrate'], options);
  t.regex(migrated.stdout, /^created enqueue_mail_send_receipt$/m);
  await pool.query(readFileSync(join(cwd, 'orders.sql'), 'utf8'));
  await pool.query(
    `insert into orders values (1, 'ada@example.org', 'es'), (2, 'bob@example.org', null), (3, 'eve@example.org', 'de')`,
  );

  const pay = 'update orders set paid_at = $2 where id = $1';
  const at = '2030-01-31T09:00:00.123456Z';
  const undone = await database.connect();
  await undone.query('begin');
  await undone.query(pay, [2, at]);
  await undone.query('rollback');
  await pool.query(pay, [1, at]);
  await t.throwsAsync(pool.query(pay, [3, at]), {
    message: "language of mail.sendReceipt must be 'en' or 'es'; got 'de'.",
  });

  const worker = startPgsched(['worker'], options);
  await worker.prints(/Su recibo, order 1 of 2030-01-31T09:00:00\.123Z, to ada@example\.org/);
  worker.child.kill('SIGTERM');
  t.is((await worker.ended).code, 0);
  t.deepEqual(await rows(pool, 'select id from orders where receipt_sent'), [{ id: 1 }]);
  t.deepEqual(await rows(pool, 'select key, status from pgsched.all_jobs'), [
    { key: 'receipt:1', status: 'completed' },
  ]);
});
