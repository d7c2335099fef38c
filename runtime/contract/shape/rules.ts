import type { ArrayShape, NumberShape, StringShape } from '../types.js';
import { breaks, type Convert, type Converter } from './converter.js';
import { describe } from './describe.js';
import { formats } from './formats.js';
import { isMultiple } from './multiple.js';

/** What is wrong with the JSON of a value that has the right type; null when nothing is. */
type Rule<T> = (json: T) => string | null;

/** A converter that also holds its values to rules. They look at the JSON: what it becomes on the way in, what it was on the way out. */
export function ruled<T>(converter: Converter, rules: readonly Rule<T>[]): Converter {
  if (rules.length === 0) return converter;
  const checked =
    (convert: Convert, jsonOf: (value: unknown, converted: unknown) => unknown): Convert =>
    (value, run) => {
      const before = run.problems.length;
      const converted = convert(value, run);
      if (run.problems.length > before) return converted;
      for (const rule of rules) {
        const message = rule(jsonOf(value, converted) as T);
        if (message === null) continue;
        breaks(run, message);
        break;
      }
      return converted;
    };
  return {
    encode: checked(converter.encode, (_, converted) => converted),
    decode: checked(converter.decode, (stored) => stored),
  };
}

export function stringRules({
  minLength,
  maxLength,
  pattern,
  format,
}: StringShape): Rule<string>[] {
  const rules: Rule<string>[] = [];
  const expect = (expected: string, holds: (text: string) => boolean) =>
    rules.push((text) => (holds(text) ? null : `expected ${expected}, got ${describe(text)}`));
  if (minLength !== undefined) {
    expect(`at least ${count(minLength, 'character')}`, (text) => !isShorter(text, minLength));
  }
  if (maxLength !== undefined) {
    expect(`at most ${count(maxLength, 'character')}`, (text) => isShorter(text, maxLength + 1));
  }
  if (format !== undefined) expect(formats[format].name, formats[format].fits);
  if (pattern !== undefined) {
    const expression = new RegExp(pattern, 'u');
    expect(`text that matches ${expression.source}`, (text) => expression.test(text));
  }
  return rules;
}

export function numberRules(shape: NumberShape): Rule<number>[] {
  const { integer, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = shape;
  const rules: Rule<number>[] = [];
  const expect = (expected: string, holds: (value: number) => boolean) =>
    rules.push((value) => (holds(value) ? null : `expected ${expected}, got ${describe(value)}`));
  if (integer) expect('integer', Number.isInteger);
  if (minimum !== undefined) expect(`number of at least ${minimum}`, (n) => n >= minimum);
  if (maximum !== undefined) expect(`number of at most ${maximum}`, (n) => n <= maximum);
  if (exclusiveMinimum !== undefined) {
    expect(`number greater than ${exclusiveMinimum}`, (n) => n > exclusiveMinimum);
  }
  if (exclusiveMaximum !== undefined) {
    expect(`number less than ${exclusiveMaximum}`, (n) => n < exclusiveMaximum);
  }
  if (multipleOf !== undefined)
    expect(`multiple of ${multipleOf}`, (n) => isMultiple(n, multipleOf));
  return rules;
}

type Items = readonly unknown[];

export function arrayRules({ minItems, maxItems, uniqueItems }: ArrayShape): Rule<Items>[] {
  const rules: Rule<Items>[] = [];
  const expect = (expected: string, holds: (length: number) => boolean) =>
    rules.push(({ length }) => (holds(length) ? null : `expected ${expected}, got ${length}`));
  if (minItems !== undefined) {
    expect(`at least ${count(minItems, 'item')}`, (length) => length >= minItems);
  }
  if (maxItems !== undefined) {
    expect(`at most ${count(maxItems, 'item')}`, (length) => length <= maxItems);
  }
  if (uniqueItems) rules.push(repeated);
  return rules;
}

function repeated(items: Items): string | null {
  const places = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const text = JSON.stringify(inOneOrder(item));
    const earlier = places.get(text);
    if (earlier !== undefined) {
      return `expected items that all differ, got the same at [${earlier}] and [${index}]`;
    }
    places.set(text, index);
  }
  return null;
}

/** Two objects with the same fields are the same JSON, in whatever order. */
function inOneOrder(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return ['[', ...json.map(inOneOrder)];
  const fields = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
  return ['{', ...fields.map(([name, value]) => [name, inOneOrder(value)])];
}

/** By code points. Its code units are at least as many, and no more than twice as many. */
function isShorter(text: string, length: number): boolean {
  if (text.length < length) return true;
  if (text.length >= 2 * length) return false;
  let points = 0;
  for (const _ of text) points++;
  return points < length;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
