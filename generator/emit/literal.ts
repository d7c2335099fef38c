const width = 100;

/** A value as TypeScript source, in single quotes, broken over lines where it is too wide. `used` is what stands before and after it on its line. */
export function literal(value: unknown, indent = '', used = 0): string {
  const flat = flatLiteral(value);
  if (typeof value !== 'object' || value === null || indent.length + used + flat.length <= width) {
    return flat;
  }
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = Array.isArray(value)
    ? value.map((item) => `${deeper}${literal(item, deeper, 1)},\n`)
    : entries(value).map(([key, item]) => {
        const name = `${propertyName(key)}: `;
        return `${deeper}${name}${literal(item, deeper, name.length + 1)},\n`;
      });
  return `${open}\n${items.join('')}${indent}${close}`;
}

/** A property's name, in quotes where it needs them. */
export function propertyName(name: string): string {
  // `__proto__: x` would set the prototype.
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : quote(name);
}

/** A text in single quotes. */
export function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A text as it stands within backticks. */
export function escapeTemplate(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(/`|\$\{/g, '\\$&');
}

function flatLiteral(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(flatLiteral).join(', ')}]`;
  const fields = entries(value).map(([key, item]) => `${propertyKey(key)}: ${flatLiteral(item)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function propertyKey(key: string): string {
  // In a value only a computed name is an ordinary property.
  return key === '__proto__' ? `['__proto__']` : propertyName(key);
}

function entries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}
