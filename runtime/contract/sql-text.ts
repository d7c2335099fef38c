import { storableText } from './storable.js';

/** A text as an SQL literal that reads the same whatever `standard_conforming_strings` says. */
export function sqlText(text: string): string {
  const plain = storableText(text).replaceAll("'", "''");
  return plain.includes('\\') ? `E'${plain.replaceAll('\\', '\\\\')}'` : `'${plain}'`;
}
