import { enqueuedJobs } from '../../queries/testing.queries.js';
import type { Session } from '../client/session.js';
import { type AnyTx, queryIn } from '../client/transaction.js';
import { taskCodec } from '../contract/codec.js';
import type { AnyUpcast } from '../contract/upcast.js';
import type { ServedTask } from '../worker/claimed-job.js';
import { badRow } from '../worker/run-errors.js';
import type { EnqueuedJob } from './types.js';

/** The waiting jobs of a task, as the transaction sees them. */
export async function enqueued(
  session: Session,
  task: Pick<ServedTask, 'name' | 'contract'>,
  upcast: AnyUpcast | undefined,
  tx: AnyTx | undefined,
): Promise<EnqueuedJob<unknown>[]> {
  const { name, contract } = task;
  const rows =
    tx === undefined
      ? await session.run(enqueuedJobs, { name })
      : await session.statements.render(enqueuedJobs, { name }, (text, values) =>
          queryIn(tx, text, values),
        );
  // Of what was passed, not of what the handler will make of it: the schema is left out.
  const plain = { ...contract, schemas: { args: false, result: false } };
  const codec = taskCodec(name, plain, undefined, upcast);
  return rows.map((row) => {
    const args = codec.decodeArgs(
      row.args === null ? null : JSON.parse(row.args),
      Number(row.version),
    );
    if (!args.ok) throw badRow({ task }, args.issues);
    return {
      id: row.id,
      args: args.value,
      topic: row.topic,
      priority: Number(row.priority),
      key: row.key,
      headers: row.headers === null ? {} : JSON.parse(row.headers),
      runAt: new Date(row.runat),
      attempt: Number(row.attempt),
    };
  });
}
