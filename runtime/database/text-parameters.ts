/**
 * A statement whose parameters are all texts, and are cast by the server: libraries differ in how they write arrays,
 * numbers and nulls, and write a text alike. Each `$n` of the statement has its cast already.
 */
export function withTextParameters(statement: string): string {
  return statement.replace(/\$\d+/g, '$&::text');
}

/** The text that the server reads as this value. */
export function textParameter(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? arrayLiteral(value) : String(value);
}

/** An array of one dimension, of texts, numbers, booleans and nulls. */
export function arrayLiteral(values: readonly unknown[]): string {
  let literal = '{';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) literal += ',';
    const value = values[i];
    if (value === null || value === undefined) literal += 'null';
    else if (typeof value === 'string') literal += quoted(value);
    else literal += value;
  }
  return `${literal}}`;
}

function quoted(text: string): string {
  return `"${special.test(text) ? text.replace(everySpecial, '\\$&') : text}"`;
}

const special = /["\\]/;
const everySpecial = /["\\]/g;

/** JSON texts as one text, which the server takes apart at the control character that no JSON has in it. */
export function joinJson(texts: readonly (string | null)[]): string {
  return texts.join('\u001f');
}
