/** A name as SQL writes it, whatever is in it. */
export function sqlIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A function's body between dollar quotes that do not occur in it. */
export function dollarQuoted(body: string): string {
  let mark = '$$';
  for (let n = 1; body.includes(mark); n++) mark = `$_${n}$`;
  return `${mark}${body}${mark}`;
}
