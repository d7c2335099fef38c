import { defaultSchema } from '../contract/defaults.js';
import { PgschedError } from '../errors.js';

/**
 * The SQL text for another schema: every bare identifier `pgsched` becomes the name, and `:'schema'` becomes it as a
 * string. Function bodies between dollar quotes are bound too; literals, quoted identifiers and comments stay as they are.
 *
 * @throws InvalidSchemaName when the name is no plain identifier.
 */
export function bindSchema(sql: string, schema: string): string {
  checkSchemaName(schema);
  return bind(sql, schema === defaultSchema ? schema : `"${schema}"`, `'${schema}'`);
}

/**
 * The name itself, if it can name an instance's schema: lower-case letters, digits and `_`, at most 48 characters
 * (channels and partitions add their own to it), and none of PostgreSQL's own schemas.
 *
 * @throws InvalidSchemaName
 */
export function checkSchemaName(name: string): string {
  const plain = typeof name === 'string' && /^[a-z_][a-z0-9_]{0,47}$/.test(name);
  if (!plain || name.startsWith('pg_') || name === 'information_schema') {
    throw new PgschedError('InvalidSchemaName', {
      message:
        `The schema's name must be a plain identifier: a-z, 0-9 and _, not starting with a digit or with pg_, ` +
        `at most 48 characters; got ${JSON.stringify(name) ?? String(name)}.`,
      details: { name },
    });
  }
  return name;
}

/**
 * One token of SQL each: what must be skipped whole, what opens a comment or a body, names, numbers, and any other character.
 * `''` inside a plain literal needs no rule, it reads as two literals; in an escape string the backslash makes the difference.
 */
const token =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|\\.|'')*'|:'schema'|'[^']*'|"[^"]*"|\$(?:[a-z_\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*)?\$|[a-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*|\d\w*|./gisu;

function bind(sql: string, identifier: string, literal: string): string {
  const scan = new RegExp(token);
  let bound = '';
  for (let match = scan.exec(sql); match !== null; match = scan.exec(sql)) {
    const [text] = match;
    if (text === '/*') {
      scan.lastIndex = endOfComment(sql, match.index);
      bound += sql.slice(match.index, scan.lastIndex);
    } else if (text.length > 1 && text.startsWith('$')) {
      const start = scan.lastIndex;
      const close = sql.indexOf(text, start);
      const end = close === -1 ? sql.length : close;
      bound += text + bind(sql.slice(start, end), identifier, literal);
      scan.lastIndex = end + text.length;
      if (close !== -1) bound += text;
    } else if (text === ":'schema'") {
      bound += literal;
    } else {
      bound += text.toLowerCase() === defaultSchema ? identifier : text;
    }
  }
  return bound;
}

/** Comments nest in PostgreSQL. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let match = mark.exec(sql); match !== null; match = mark.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
