import { cancel, findProgress, reschedule } from '../../queries/job.queries.js';
import type { Reach } from './handle.js';
import type { JobId } from './inserted.js';
import type { Results } from './results.js';
import type { Session } from './session.js';

/** How handles reach their jobs over a client's own connections. */
export function reachOver(session: Session, results: Results): Reach {
  return {
    wait: (job, signal) => results.wait(job, false, signal),
    cancel: (job) => cancelJob(session, job),
    async reschedule(job, place) {
      const rows = await session.run(reschedule, {
        ids: [job.id],
        nonces: [job.nonce],
        ...place,
      });
      return rows.length > 0;
    },
    async progress({ id, nonce }) {
      const [row] = await session.run(findProgress, { id, nonce });
      return row === undefined ? null : { fraction: row.fraction, data: row.data, at: row.at };
    },
  };
}

export async function cancelJob(session: Session, job: JobId): Promise<boolean> {
  const rows = await session.run(cancel, {
    ids: [job.id],
    nonces: [job.nonce],
  });
  return rows.length > 0;
}
