import type { LightQuery } from '../../queries/light-query.js';
import { bindSchema } from '../database/bind-schema.js';
import { textParameter, withTextParameters } from '../database/text-parameters.js';
import { PgschedError } from '../errors.js';
import type { StandaloneOptions } from './types.js';

export type Run = <P, R>(statement: LightQuery<P, R>, params: P) => Promise<R[]>;

/** Runs statements by the caller's function: unnamed, and with texts alone, which every library writes alike. */
export function runBy(options: StandaloneOptions, schema: string): Run {
  const texts = new Map<string, string>();
  const textOf = (text: string): string => {
    const bound = texts.get(text) ?? withTextParameters(bindSchema(text, schema));
    texts.set(text, bound);
    return bound;
  };
  return async (statement, params) => {
    const values = statement.parameters.map((name) => textParameter(params[name]));
    try {
      const answer = await options.query(textOf(statement.text), values);
      return Array.isArray(answer) ? answer : (answer as { rows: [] }).rows;
    } catch (error) {
      throw outOfDate(error, schema) ?? error;
    }
  };
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
