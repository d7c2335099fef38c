import { setTimeout as delay } from 'node:timers/promises';
import { bindSchema } from '../runtime/database/bind-schema.js';
import { isPgschedError, PgschedError } from '../runtime/errors.js';
import {
  checkUnchanged,
  createHistory,
  type MigrationClient,
  missing,
  readApplied,
  recordApplied,
} from './migration-history.js';
import type { Migration } from './migrations.js';

/**
 * How long to wait while another process migrates, in ms. Waiting is polling: a session that waits inside `pg_advisory_lock`
 * holds a snapshot, which a `create index concurrently` of the lock's holder would wait for in turn.
 */
const patience = { total: 10 * 60_000, poll: 50 };

/** A change that waits for a lock blocks all who come behind it: it gives way after 3 s, lets them pass, and tries again. */
const locks = { timeout: '3s', tries: 10, pause: 500 };

/**
 * Applies one migration under the lock of its schema: true if this call did it, false if another process had.
 *
 * @throws MigrationFailed
 */
export async function applyOnce(
  client: MigrationClient,
  schema: string,
  migration: Migration,
): Promise<boolean> {
  const attempt = migration.transaction ? inTransaction : outsideTransaction;
  const deadline = Date.now() + patience.total;
  for (let failures = 0; ; ) {
    try {
      const outcome = await attempt(client, schema, migration);
      if (outcome !== 'busy') return outcome === 'applied';
      if (Date.now() > deadline) throw new Error('another process has been migrating all the time');
      await delay(patience.poll);
    } catch (error) {
      failures += 1;
      if (!gaveWay(migration, error) || failures === locks.tries) {
        throw failed(migration, schema, error);
      }
      await delay(locks.pause);
    }
  }
}

type Outcome = 'applied' | 'there' | 'busy';

const lockKey = `hashtextextended('pgsched:migrate:' || $1, 0)`;

async function inTransaction(
  client: MigrationClient,
  schema: string,
  migration: Migration,
): Promise<Outcome> {
  await client.query('begin transaction isolation level read committed, read write');
  try {
    const lock = await client.query(`select pg_try_advisory_xact_lock(${lockKey}) as mine`, [
      schema,
    ]);
    const outcome = lock.rows[0].mine ? await lookAgain(client, schema, migration) : 'busy';
    if (outcome === 'missing') {
      await client.query(
        `set local lock_timeout = '${locks.timeout}'; set local statement_timeout = 0; set local search_path = ''`,
      );
      await createHistory(client, schema);
      await client.query(bindSchema(migration.sql, schema));
      await recordApplied(client, schema, migration);
    }
    await client.query('commit');
    return outcome === 'missing' ? 'applied' : outcome;
  } catch (error) {
    // A connection that is gone cannot roll back, and need not.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

async function outsideTransaction(
  client: MigrationClient,
  schema: string,
  migration: Migration,
): Promise<Outcome> {
  const lock = await client.query(`select pg_try_advisory_lock(${lockKey}) as mine`, [schema]);
  if (!lock.rows[0].mine) return 'busy';
  try {
    const outcome = await lookAgain(client, schema, migration);
    if (outcome !== 'missing') return outcome;
    await createHistory(client, schema);
    await client.query(bindSchema(migration.sql, schema));
    await recordApplied(client, schema, migration);
    return 'applied';
  } finally {
    await client.query(`select pg_advisory_unlock(${lockKey})`, [schema]).catch(() => {});
  }
}

/** Under the lock: what another process applied since we looked first is visible now. */
async function lookAgain(
  client: MigrationClient,
  schema: string,
  migration: Migration,
): Promise<'missing' | 'there'> {
  const applied = await readApplied(client, schema);
  checkUnchanged([migration], applied);
  return missing([migration], applied).length > 0 ? 'missing' : 'there';
}

/** Lock timeout or deadlock: worth another try. Outside a transaction a try may have left a half-made index. */
function gaveWay(migration: Migration, error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return migration.transaction && (code === '55P03' || code === '40P01');
}

function failed(migration: Migration, schema: string, error: unknown): unknown {
  if (isPgschedError(error)) return error;
  const { code, message, position } = error as {
    code?: string;
    message: string;
    position?: string;
  };
  const line = position ? lineAt(bindSchema(migration.sql, schema), Number(position)) : undefined;
  const place = line === undefined ? migration.name : `${migration.name}, line ${line}`;
  const after = migration.transaction
    ? 'Nothing of it was applied.'
    : 'It runs outside a transaction: look for an invalid index that it left.';
  return new PgschedError('MigrationFailed', {
    message: `Migration ${place}, failed in schema "${schema}": ${message}${code ? ` (SQLSTATE ${code})` : ''}. ${after}`,
    details: { file: migration.name, line, sqlstate: code },
    cause: error,
  });
}

/** PostgreSQL counts characters, from 1. */
function lineAt(sql: string, position: number): number {
  return [...sql].slice(0, position - 1).filter((character) => character === '\n').length + 1;
}
