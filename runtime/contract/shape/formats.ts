import type { TextFormat } from '../types.js';
import { daysIn } from './calendar.js';

interface Format {
  /** As messages name it. */
  readonly name: string;
  readonly fits: (text: string) => boolean;
}

/**
 * The formats of texts, each by the rule of its standard. Where a standard leaves room, the narrower reading: what passes here
 * passes every checker.
 */
export const formats: Readonly<Record<TextFormat, Format>> = {
  /** RFC 5321 without quoted names and without addresses for domains: `name@host.name`, ASCII, the name 64 characters at most. */
  email: { name: 'an email address', fits: isEmail },
  /** RFC 9562, of any version, in letters of either case. */
  uuid: {
    name: 'a UUID',
    fits: matches(/^[\dA-F]{8}-[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{12}$/i),
  },
  /** RFC 3986, with its scheme and something after it. */
  uri: { name: 'an absolute URI', fits: isUri },
  /** RFC 1123: labels of 63 letters, digits and inner hyphens at most, 253 characters in all, no dot at the end. */
  hostname: { name: 'a host name', fits: isHostname },
  /** Four decimal numbers without leading zeros. */
  ipv4: { name: 'an IPv4 address', fits: matches(ipv4()) },
  /** RFC 4291 §2.2, without a zone. */
  ipv6: { name: 'an IPv6 address', fits: isIpv6 },
  /** RFC 3339: a day that its month has. */
  date: { name: 'a date like "2026-01-31"', fits: isDate },
  /** RFC 3339, with seconds and an offset; no leap seconds, which Date and most databases cannot hold. */
  time: { name: 'a time with its offset like "12:00:00Z"', fits: isTime },
  /** RFC 3339: such a date and such a time, with a capital T between them. */
  'date-time': { name: 'an instant like "2026-01-31T12:00:00Z"', fits: isDateTime },
};

function matches(pattern: RegExp): (text: string) => boolean {
  return (text) => pattern.test(text);
}

const mailbox = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [name, host] = [text.slice(0, at), text.slice(at + 1)];
  return (
    at > 0 && name.length <= 64 && mailbox.test(name) && isHostname(host) && host.includes('.')
  );
}

function isHostname(text: string): boolean {
  const label = /^[\dA-Z](?:[\dA-Z-]{0,61}[\dA-Z])?$/i;
  return text.length <= 253 && text.split('.').every((part) => label.test(part));
}

function ipv4(): RegExp {
  const byte = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
  return new RegExp(String.raw`^${byte}(?:\.${byte}){3}$`);
}

function isIpv6(text: string): boolean {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return false;
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const groups = [...groupsOf(head), ...groupsOf(tail ?? '')];
  const last = groups.at(-1) ?? '';
  // An IPv4 address at the end stands for two groups.
  const endsInIpv4 = !text.endsWith('::') && formats.ipv4.fits(last);
  const count = groups.length + (endsInIpv4 ? 1 : 0);
  const plain = endsInIpv4 ? groups.slice(0, -1) : groups;
  const areGroups = plain.every((group) => /^[\dA-F]{1,4}$/i.test(group));
  return areGroups && (tail === undefined ? count === 8 : count < 8);
}

const uri = uriPattern();

function uriPattern(): RegExp {
  const sub = "\\w.~!$&'()*+,;=\\-";
  const piece = (more: string) => `(?:[${sub}${more}]|%[\\dA-Fa-f]{2})`;
  const literal = `\\[(?:([\\dA-Fa-f:.]+)|v[\\dA-Fa-f]+\\.[${sub}:]+)\\]`;
  const authority = `(?:${piece(':')}*@)?(?:${literal}|${piece('')}*)(?::\\d*)?`;
  const rest = `(?:/${piece(':@')}*)*`;
  const path = `//${authority}${rest}|/(?:${piece(':@')}+${rest})?|${piece(':@')}+${rest}`;
  const tail = `${piece(':@/?')}*`;
  return new RegExp(`^[A-Za-z][\\dA-Za-z+.-]*:(?:${path})(?:\\?${tail})?(?:#${tail})?$`);
}

function isUri(text: string): boolean {
  const match = uri.exec(text);
  return match !== null && (match[1] === undefined || isIpv6(match[1]));
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return false;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function isTime(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.test(
    text,
  );
}

function isDateTime(text: string): boolean {
  return text[10] === 'T' && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}
