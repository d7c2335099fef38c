import { type Convert, type Converter, deeper, mismatch, type Run } from './converter.js';
import { convertEach } from './lists.js';
import { convertFields, isObject } from './objects.js';
import { number, string } from './scalars.js';

/** JSON as it is, copied. What JSON would silently turn into something else is refused. */
const convert: Convert = (value, run) => {
  switch (typeof value) {
    case 'string':
      return string.encode(value, run);
    case 'number':
      return number.encode(value, run);
    case 'boolean':
      return value;
    default:
      return value === null ? null : deeper(convertLevel, value, run);
  }
};

export const json: Converter = { encode: convert, decode: convert };

function convertLevel(value: unknown, run: Run): unknown {
  if (Array.isArray(value)) return convertEach(value, convert, run);
  if (isPlain(value)) return convertFields(value, convertField, run);
  return mismatch(run, 'JSON value', value);
}

/** As in JSON.stringify, an undefined field is an absent one. */
function convertField(value: unknown, run: Run): unknown {
  return value === undefined ? undefined : convert(value, run);
}

/** An object of no class, whichever realm made it. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
