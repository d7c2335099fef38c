import { expiredArchivePartitions } from '../../queries/maintenance.queries.js';
import type { OwnConnection } from '../database/own-connection.js';

/**
 * Drops the archive's partitions whose day is over. Detached concurrently first, so that no settle waits behind a reader;
 * what cannot be had at once is left for the next time.
 */
export async function dropExpiredPartitions(connection: OwnConnection): Promise<number> {
  const rows = await connection.run(expiredArchivePartitions, undefined);
  let dropped = 0;
  for (const { parent, partition, attached } of rows) {
    if (await drop(connection, partition, attached ? parent : null)) dropped += 1;
  }
  return dropped;
}

async function drop(
  connection: OwnConnection,
  partition: string,
  parent: string | null,
): Promise<boolean> {
  await connection.query("set lock_timeout = '200ms'");
  try {
    if (parent !== null) await detach(connection, partition, parent);
    await connection.query(`drop table ${partition}`);
    return true;
  } catch {
    return false;
  } finally {
    await connection.query('reset lock_timeout');
  }
}

async function detach(connection: OwnConnection, partition: string, parent: string): Promise<void> {
  const alter = `alter table ${parent} detach partition ${partition}`;
  try {
    await connection.query(`${alter} concurrently`);
  } catch {
    // An earlier attempt was interrupted in the middle.
    await connection.query(`${alter} finalize`);
  }
}
