import { createHash } from 'node:crypto';
import type { PreparedQuery } from '@pgtyped/runtime';
import { bindSchema } from './bind-schema.js';
import { arrayLiteral, textParameter, withTextParameters } from './text-parameters.js';

/** What runs SQL: a pg client or pool. */
export interface Executor {
  query(statement: {
    name?: string;
    text: string;
    values: unknown[];
  }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** A statement that pgtyped has checked, with its parameters and rows. */
export type Statement<P, R> = PreparedQuery<P, R>;

/** Runs a checked statement. */
export type Run = <P, R>(statement: PreparedQuery<P, R>, params: P) => Promise<R[]>;

// biome-ignore lint/suspicious/noExplicitAny: a statement as such, whatever its parameters are.
type AnyStatement = PreparedQuery<any, any>;

/** A checked statement as it is sent. */
interface Bound {
  readonly text: string;
  /** What to bind to $1, $2, … */
  readonly parameters: readonly string[];
  name: string | undefined;
}

/**
 * The one place where checked statements meet pg: binds the schema's name, and names each statement so that the server
 * prepares it once per connection. `prepare: false` sends them unnamed, for transaction-mode poolers.
 */
export class Statements {
  readonly schema: string;
  readonly #prepare: boolean;
  readonly #bound = new WeakMap<AnyStatement, Bound>();

  constructor(schema: string, prepare = true) {
    this.schema = schema;
    this.#prepare = prepare;
  }

  /** Runs statements on this client or pool. */
  on(executor: Executor): Run {
    return async <P, R>(statement: PreparedQuery<P, R>, params: P) => {
      const bound = this.#bind(statement);
      const values = valuesOf(bound, params).map(withArrayAsText);
      return (await this.#send(executor, bound, values)) as R[];
    };
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
    const bound = this.#bind(statement);
    const values = valuesOf(bound, params).map(textParameter);
    return (await send(withTextParameters(bound.text), values)) as R[];
  }

  /** A statement's bound text, with `$1`, `$2`, … in the order of its parameters: for a connection in another thread. */
  textOf(statement: AnyStatement): string {
    return this.#bind(statement).text;
  }

  #bind(statement: AnyStatement): Bound {
    let bound = this.#bound.get(statement);
    if (bound === undefined) {
      const { text, parameters } = rendered(statement);
      // The nullability marks of the columns' names are for the checker alone.
      const plain = bindSchema(text, this.schema).replace(/ as "(\w+)!"/g, ' as "$1"');
      bound = {
        text: plain,
        parameters,
        name: this.#prepare ? statementName(plain) : undefined,
      };
      this.#bound.set(statement, bound);
    }
    return bound;
  }

  async #send(executor: Executor, bound: Bound, values: unknown[]): Promise<unknown[]> {
    const { name, text } = bound;
    if (name === undefined) return (await executor.query({ text, values })).rows;
    try {
      return (await executor.query({ name, text, values })).rows;
    } catch (error) {
      // The prepared statement is gone or outdated (a migration, a pooler): prepare it anew, once.
      const code = (error as { code?: unknown }).code;
      if (code !== '26000' && code !== '0A000') throw error;
      bound.name = statementName(text + name);
      return (await executor.query({ name: bound.name, text, values })).rows;
    }
  }
}

/** Each parameter's value is its name. */
const names: object = new Proxy({}, { get: (_, name) => name });

/** The statement's text and the order of its parameters. Once for each statement: rendering costs more than many of them do. */
function rendered(statement: AnyStatement): { text: string; parameters: readonly string[] } {
  let result: { text: string; parameters: readonly string[] } | undefined;
  void statement.run(names, {
    query: async (text, parameters) => {
      result = { text, parameters };
      return { rows: [], rowCount: 0 };
    },
  });
  if (result === undefined) throw new Error('pgtyped rendered no statement.');
  return result;
}

function valuesOf(bound: Bound, params: unknown): unknown[] {
  const byName = params as Readonly<Record<string, unknown>> | undefined;
  return bound.parameters.map((name) => byName?.[name]);
}

function withArrayAsText(value: unknown): unknown {
  return Array.isArray(value) ? arrayLiteral(value) : value;
}

function statementName(text: string): string {
  return `pgsched_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
