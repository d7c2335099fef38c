import type pg from 'pg';
import { bindWorker } from '../../runtime/worker/bind-worker.js';
import { contractFor, type Tasks } from '../support/worker.js';

/** Makes tasks known to the database, with their defaults, by the start of a worker that has no handler for them. */
export async function declare({ url }: { url: string }, tasks: Tasks): Promise<void> {
  const worker = bindWorker(contractFor(tasks), null, {}, { connectionString: url, onEvent() {} });
  await worker.start();
  await worker.stop();
}

export interface Claimed {
  readonly id: string;
  readonly fence: string;
  readonly task: string;
  readonly topic: string;
  readonly args: unknown;
  readonly attempt: number;
  readonly priority: number;
  readonly deadline: Date;
}

/** The functions of the SQL layer, called as psql would. */
export function sqlLayer(connection: Pick<pg.Pool, 'query'>): SqlLayer {
  const rows = async (text: string, values: unknown[]): Promise<never[]> =>
    (await connection.query(text, values)).rows as never[];
  const value = async (text: string, values: unknown[]): Promise<never> => {
    const { rows } = await connection.query(text, values);
    return rows[0].v as never;
  };
  return {
    enqueue: async (args, ...values) =>
      (await rows(`select * from pgsched.enqueue(${args})`, values))[0] as never,
    claim: (n, ...tasks) => rows('select * from pgsched.claim($1, $2)', [n, tasks]),
    claimTopic: (pattern, n) => rows('select * from pgsched.claim_topic($1, $2)', [pattern, n]),
    ack: ({ id, fence }, result = null) =>
      value('select pgsched.ack($1, $2, $3) as v', [id, fence, JSON.stringify(result)]),
    nack: ({ id, fence }, error = null, runAt = null) =>
      value('select pgsched.nack($1, $2, $3, $4) as v', [id, fence, error, runAt]),
  };
}

export interface SqlLayer {
  /** The arguments as SQL writes them, and their values. */
  enqueue(args: string, ...values: unknown[]): Promise<{ id: string; outcome: string }>;
  claim(n: number, ...tasks: string[]): Promise<Claimed[]>;
  claimTopic(pattern: string, n: number): Promise<Claimed[]>;
  ack(job: { id: string; fence: string }, result?: unknown): Promise<boolean>;
  nack(
    job: { id: string; fence: string },
    error?: string | null,
    runAt?: Date | null,
  ): Promise<'retry' | 'failed' | 'cancelled' | null>;
}
