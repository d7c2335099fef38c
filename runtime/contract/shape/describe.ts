const tag = Object.prototype.toString;
const longestText = 40;
const longestPath = 160;
const longestMessage = 300;

/** What a value is, in a few words for a message: never more than a line, whatever its size. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return value.length > longestText
        ? `${JSON.stringify(value.slice(0, longestText))}… (${[...value].length} characters)`
        : JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '0' : String(value);
    case 'boolean':
      return String(value);
    case 'bigint':
      return 'a bigint';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      return value === null ? 'null' : describeObject(value);
  }
}

function describeObject(value: object): string {
  const kind = builtIn(value);
  if (kind === 'Object') return 'an object';
  if (kind === 'Date' && Number.isNaN(Number(value))) return 'an invalid Date';
  const name = kind === 'Array' ? 'array' : clip(kind, longestText);
  return `${/^[aAEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** Of the built-in class, whichever realm made it: `Object` for plain objects and classes of the user's own. */
export function isBuiltIn<T extends object>(
  value: unknown,
  tagged: `[object ${string}]`,
): value is T {
  return typeof value === 'object' && value !== null && tag.call(value) === tagged;
}

function builtIn(value: object): string {
  return tag.call(value).slice('[object '.length, -1);
}

/** `to`, `items[3].price`, `labels["two words"]`; the middle of a very long path is left out. */
export function pathText(segments: readonly (string | number)[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${JSON.stringify(clip(segment, longestText))}]`;
  }
  const half = longestPath / 2;
  return text.length > longestPath ? `${text.slice(0, half)}…${text.slice(-half)}` : text;
}

/** A message of somebody else's making (a schema library's may quote the whole value), cut to a readable length. */
export function boundedMessage(message: string): string {
  return clip(message, longestMessage);
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
