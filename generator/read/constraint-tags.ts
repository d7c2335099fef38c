import { formats } from '../../runtime/contract/shape/formats.js';
import { closest } from '../closest.js';

/** What a tag says of a property, and of which kind of shape it can say it. */
export interface ConstraintTag {
  readonly kind: 'string' | 'number' | 'array';
  /** The value that the shape gets. @throws Error with what the tag takes */
  readonly value: (text: string) => unknown;
}

/** By name, which is also the name of the shape's field. */
export const constraintTags: ReadonlyMap<string, ConstraintTag> = new Map<string, ConstraintTag>([
  ['minLength', { kind: 'string', value: count }],
  ['maxLength', { kind: 'string', value: count }],
  ['pattern', { kind: 'string', value: pattern }],
  ['format', { kind: 'string', value: format }],
  ['integer', { kind: 'number', value: flag }],
  ['minimum', { kind: 'number', value: number }],
  ['maximum', { kind: 'number', value: number }],
  ['exclusiveMinimum', { kind: 'number', value: number }],
  ['exclusiveMaximum', { kind: 'number', value: number }],
  ['multipleOf', { kind: 'number', value: positive }],
  ['minItems', { kind: 'array', value: count }],
  ['maxItems', { kind: 'array', value: count }],
  ['uniqueItems', { kind: 'array', value: flag }],
]);

function count(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new Error(`a whole number of at least 0; got ${shown(text)}`);
}

function number(text: string, what = 'a number'): number {
  const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);
  if (isNumber && Number.isFinite(Number(text))) return Number(text) + 0; // −0 is not JSON
  throw new Error(`${what}; got ${shown(text)}`);
}

function positive(text: string): number {
  const value = number(text, 'a number greater than 0');
  if (value > 0) return value;
  throw new Error(`a number greater than 0; got ${shown(text)}`);
}

function flag(text: string): true {
  if (text === '') return true;
  throw new Error(`nothing after it on its line; got ${shown(text)}`);
}

function format(text: string): string {
  if (Object.hasOwn(formats, text)) return text;
  const names = Object.keys(formats);
  const meant = closest(text, names);
  const advice = meant ? `. Did you mean \`${meant}\`?` : '';
  throw new Error(`one of ${names.join(', ')}; got ${shown(text)}${advice}`);
}

function pattern(text: string): string {
  const what = 'a regular expression without slashes around it';
  if (text === '' || /^\/.*\/[a-z]*$/.test(text)) {
    const advice = text === '' ? '' : '; a slash that the text has is written \\/';
    throw new Error(`${what}; got ${shown(text)}${advice}`);
  }
  try {
    new RegExp(text, 'u');
  } catch (error) {
    throw new Error(`${what}, valid with the u flag. ${(error as Error).message}`);
  }
  return text;
}

function shown(text: string): string {
  if (text === '') return 'nothing';
  return `\`${text.length > 50 ? `${text.slice(0, 49)}…` : text}\``;
}
