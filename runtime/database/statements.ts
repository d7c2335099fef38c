import { createHash } from 'node:crypto';
import type { IDatabaseConnection, PreparedQuery } from '@pgtyped/runtime';
import { bindSchema } from './bind-schema.js';
import { textParameter, withTextParameters } from './text-parameters.js';

/** What runs SQL: a pg client or pool. */
export interface Executor {
  query(statement: {
    name?: string;
    text: string;
    values: unknown[];
  }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** Runs a checked statement. */
export type Run = <P, R>(statement: PreparedQuery<P, R>, params: P) => Promise<R[]>;

interface Bound {
  readonly text: string;
  name: string | undefined;
}

/**
 * The one place where checked statements meet pg: binds the schema's name, and names each statement so that the server
 * prepares it once per connection. `prepare: false` sends them unnamed, for transaction-mode poolers.
 */
export class Statements {
  readonly schema: string;
  readonly #prepare: boolean;
  readonly #bound = new Map<string, Bound>();

  constructor(schema: string, prepare = true) {
    this.schema = schema;
    this.#prepare = prepare;
  }

  /** Runs statements on this client or pool. */
  on(executor: Executor): Run {
    const connection: IDatabaseConnection = {
      query: (text, values) => this.#send(executor, this.#bind(text), values),
    };
    return (statement, params) => statement.run(params, connection);
  }

  /**
   * Runs a statement in a caller's transaction, whatever library sends it: unnamed, because the connection is not ours,
   * and with texts alone. Its columns should be texts too, or integers, and named in lower-case single words.
   */
  async render<P, R>(
    statement: PreparedQuery<P, R>,
    params: P,
    send: (text: string, values: (string | null)[]) => Promise<unknown[]>,
  ): Promise<R[]> {
    return statement.run(params, {
      query: async (text, values) => {
        const rows = await send(
          withTextParameters(this.#bind(text).text),
          values.map(textParameter),
        );
        return { rows, rowCount: rows.length };
      },
    });
  }

  /** A statement's bound text, with `$1`, `$2`, … in the order of its parameters: for a connection in another thread. */
  async textOf<P, R>(statement: PreparedQuery<P, R>): Promise<string> {
    let bound = '';
    await statement.run({} as P, {
      query: async (text) => {
        bound = this.#bind(text).text;
        return { rows: [], rowCount: 0 };
      },
    });
    return bound;
  }

  #bind(text: string): Bound {
    let bound = this.#bound.get(text);
    if (bound === undefined) {
      // The nullability marks of the columns' names are for the checker alone.
      const plain = bindSchema(text, this.schema).replace(/ as "(\w+)!"/g, ' as "$1"');
      bound = { text: plain, name: this.#prepare ? statementName(plain) : undefined };
      this.#bound.set(text, bound);
    }
    return bound;
  }

  async #send(
    executor: Executor,
    bound: Bound,
    values: unknown[],
  ): ReturnType<IDatabaseConnection['query']> {
    const named = bound.name === undefined ? {} : { name: bound.name };
    try {
      return toResult(await executor.query({ ...named, text: bound.text, values }));
    } catch (error) {
      // The prepared statement is gone or outdated (a migration, a pooler): prepare it anew, once.
      const code = (error as { code?: unknown }).code;
      if (bound.name === undefined || (code !== '26000' && code !== '0A000')) throw error;
      bound.name = statementName(bound.text + bound.name);
      return toResult(await executor.query({ name: bound.name, text: bound.text, values }));
    }
  }
}

function toResult(result: { rows: unknown[]; rowCount: number | null }): {
  rows: unknown[];
  rowCount: number;
} {
  return { rows: result.rows, rowCount: result.rowCount ?? 0 };
}

function statementName(text: string): string {
  return `pgsched_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
