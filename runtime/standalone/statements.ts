import type { LightQuery } from '../../queries/light-query.js';
import { bindSchema } from '../database/bind-schema.js';
import { textParameter, withTextParameters } from '../database/text-parameters.js';
import { PgschedError } from '../errors.js';
import type { StandaloneOptions } from './types.js';

export type Run = <P, R>(statement: LightQuery<P, R>, params: P) => Promise<R[]>;

/** Runs statements by the caller's function: unnamed, and with texts alone, which every library writes alike. */
export function runBy(options: StandaloneOptions, schema: string): Run {
  return async (statement, params) => {
    const values = statement.parameters.map((name) => textParameter(params[name]));
    try {
      const answer = await options.query(textOf(statement.text, schema), values);
      return Array.isArray(answer) ? answer : (answer as { rows: [] }).rows;
    } catch (error) {
      throw outOfDate(error, schema) ?? error;
    }
  };
}

const texts = new Map<string, string>();

/** The statement as it is sent. Made once: there may be a client for every transaction. */
function textOf(statement: string, schema: string): string {
  const name = `${schema}/${statement}`;
  const text = texts.get(name) ?? withTextParameters(bindSchema(statement, schema));
  texts.set(name, text);
  return text;
}

/** What the server lacks is a schema, a table or a function of ours: the migration has not run. */
function outOfDate(error: unknown, schema: string): PgschedError | null {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code !== 'string' || !['3F000', '42P01', '42883'].includes(code)) return null;
  return new PgschedError('SchemaOutOfDate', {
    message: `The schema "${schema}" is missing, or not the one that this pgsched needs. Run \`npx pgsched migrate\`, then try again.`,
    details: { schema },
    cause: error,
  });
}
