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
  return Array.isArray(value) ? `{${value.map(element).join(',')}}` : String(value);
}

function element(value: unknown): string {
  const text = textParameter(value);
  return text === null ? 'null' : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
