import { PgschedError } from './errors.js';

/** A length of time: milliseconds as a number (rounded to whole ones), or text such as `'250ms'`, `'5s'`, `'10m'`, `'2h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const unit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** 100 years: past this a duration is a mistake, and PostgreSQL's arithmetic could overflow. */
const longest = 36_525 * 86_400_000;

/**
 * Whole milliseconds of a duration.
 *
 * @throws InvalidOption when it is no number of a known unit, is negative, or is longer than 100 years.
 */
export function milliseconds(duration: Duration, what = 'duration'): number {
  const ms = typeof duration === 'number' ? Math.round(duration) : parse(duration);
  if (ms === null || !(ms >= 0 && ms <= longest)) {
    throw new PgschedError('InvalidOption', {
      message: `${what} must be milliseconds as a number, or a text like '250ms', '5s', '10m', '2h' or '7d', up to 100 years; got ${JSON.stringify(duration) ?? String(duration)}.`,
    });
  }
  return ms;
}

function parse(text: unknown): number | null {
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) : null;
  return match ? Math.round(Number(match[1]) * (unit[match[2] as string] as number)) : null;
}
