import { fromBase64, toBase64 } from './base64.js';
import { daysIn } from './calendar.js';
import { type Converter, mismatch, type Run } from './converter.js';
import { isBuiltIn } from './describe.js';

/** How a kind of value that JSON lacks travels as text. */
interface TextForm<T> {
  /** The class, as messages name it. */
  readonly name: string;
  /** The stored text, as messages name it. */
  readonly form: string;
  readonly is: (value: unknown) => value is T;
  readonly write: (value: T) => string | null;
  readonly read: (text: string) => T | null;
}

const dateForm: TextForm<Date> = {
  name: 'Date',
  form: 'an instant like "2026-01-31T12:00:00.000Z"',
  is: (value): value is Date => isBuiltIn(value, '[object Date]'),
  write: (date) => (Number.isNaN(date.getTime()) ? null : date.toISOString()),
  read: readInstant,
};

const bigintForm: TextForm<bigint> = {
  name: 'bigint',
  form: 'an integer as text like "42"',
  is: (value) => typeof value === 'bigint',
  write: String,
  read: (text) => (/^(?:0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : null),
};

const bytesForm: TextForm<Uint8Array> = {
  name: 'Uint8Array',
  form: 'base64 text',
  is: (value): value is Uint8Array => isBuiltIn(value, '[object Uint8Array]'),
  write: toBase64,
  read: fromBase64,
};

const urlForm: TextForm<URL> = {
  name: 'URL',
  form: 'an absolute URL',
  is: (value): value is URL => isBuiltIn(value, '[object URL]'),
  write: (url) => url.href,
  read: (text) => (URL.canParse(text) ? new URL(text) : null),
};

const forms: {
  date: TextForm<Date>;
  bigint: TextForm<bigint>;
  bytes: TextForm<Uint8Array>;
  url: TextForm<URL>;
} = { date: dateForm, bigint: bigintForm, bytes: bytesForm, url: urlForm };

export const texts: Readonly<Record<keyof typeof forms, Converter>> = {
  date: converter(dateForm),
  bigint: converter(bigintForm),
  bytes: converter(bytesForm),
  url: converter(urlForm),
};

/** Whether a stored text could be read as that kind. */
export function readsAs(kind: keyof typeof forms, text: string): boolean {
  return forms[kind].read(text) !== null;
}

function converter<T>({ name, form, is, write, read }: TextForm<T>): Converter {
  return {
    encode(value: unknown, run: Run) {
      const text = is(value) ? write(value) : null;
      return text === null ? mismatch(run, name, value) : text;
    },
    decode(stored: unknown, run: Run) {
      const value = typeof stored === 'string' ? read(stored) : null;
      return value === null ? mismatch(run, form, stored) : value;
    },
  };
}

const instant =
  /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Any ISO 8601 instant with an offset, as SQL writes them too. A day that its month lacks is none: Date would roll it over. */
function readInstant(text: string): Date | null {
  const match = instant.exec(text);
  if (!match) return null;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return null;
  const day = Number(match[3]);
  return day > 28 && day > daysIn(Number(match[1]), Number(match[2])) ? null : date;
}
