/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: the pieces are code as text. */
import fc from 'fast-check';
import type { Shape } from '../../../runtime/contract/types.js';
import { shape, text } from '../../contract/shapes.js';
import { doc } from './random-text.js';

export type Gen = fc.GeneratorValue;

/** What the types of this file need declared. */
export const preamble = `export interface Chain { at: Date; next: Chain | null }
export type Tree = bigint | Tree[] | { __proto__?: Tree };
export interface List<T> { head: T; tail?: List<T> }
export interface Ping<T> { at: T; pong?: Pong<T> }
export interface Pong<T> { pings: readonly Ping<T>[] }
export interface Tx { tx?: Tx }
export interface Filter { and: Filter[] }
export interface Box<T> { value: T }
export enum Level { Low, High = 'high' }
`;

/** Types that the reader cannot tell by their shape alone, or refuses. */
const others = [
  'Level',
  'Level.High',
  'string & { readonly brand: unique symbol }',
  'List<string>',
  'List<List<Date>>',
  'Ping<number>',
  'Tx',
  'Filter',
  '[string, number?, ...boolean[]]',
  '`${"a" | "b"}-${number}`',
  'keyof Chain',
  'Partial<Record<"a" | "`" | "${x}", Box<bigint>>>',
  'Extract<Tree, object>',
  'any',
  'unknown',
  'never',
  'void',
  '{}',
  'object',
  'symbol',
  '() => void',
  'RegExp',
  'Promise<string>',
  'Date | string',
  'string | undefined | null',
  'Missing',
  '1n',
  '`${bigint}`',
  '[...string[], number]',
  'Record<number, string>',
  '{ [key: `a${string}`]: 1 }',
  'typeof globalThis',
  'new () => Chain',
  'abstract new () => Chain',
  'this',
  'Level[]["length"]',
];

const otherType = () => fc.constantFrom(...others);
const fieldNames = () =>
  fc.uniqueArray(
    fc.oneof(
      fc.constantFrom('a', 'id', 'kind', 'then', 'await', '__proto__', 'constructor', "it's"),
      text,
    ),
    { maxLength: 4 },
  );

/** A type as text, and what it means. */
export interface RandomType {
  readonly text: string;
  /** The shape that it must be read as; null: whatever the reader makes of it. */
  readonly shape: Shape | null;
}

/** An object type, as args are. */
export function randomArgs(gen: Gen): RandomType {
  const names = gen(fieldNames);
  const properties = names.map((name) => ({
    name,
    optional: gen(fc.boolean),
    shape: gen(() => shape),
  }));
  const whole: Shape = { kind: 'object', properties };
  if (gen(fc.nat, 3) > 0) return { text: typeOf(whole, gen), shape: whole };
  return { text: `${typeOf(whole, gen)} & { other: ${gen(otherType)} }`, shape: null };
}

/** Any type, as results are. */
export function randomResult(gen: Gen): RandomType {
  if (gen(fc.nat, 3) === 0) return { text: gen(otherType), shape: null };
  const whole = gen(() => shape);
  return { text: typeOf(whole, gen), shape: whole };
}

/** A type of that shape, in one of the ways in which people write it. */
function typeOf(of: Shape, gen: Gen): string {
  const inner = (part: Shape) => typeOf(part, gen);
  const either = (...ways: string[]) => ways[gen(fc.nat, ways.length - 1)] as string;
  switch (of.kind) {
    case 'json':
      return 'Json';
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'url':
      return 'URL';
    case 'literal':
      return typeof of.value === 'string' ? sourceOf(of.value) : String(of.value);
    case 'template': {
      const texts = of.parts.map((part) => sourceOf(part).slice(1, -1).replace(/`|\$/g, '\\$&'));
      return `\`${texts.map((part, i) => part + (of.types[i] ? `\${${of.types[i]}}` : '')).join('')}\``;
    }
    case 'array': {
      const item = inner(of.item);
      return either(`(${item})[]`, `readonly (${item})[]`, `Array<${item}>`);
    }
    case 'set':
      return `${either('Set', 'ReadonlySet')}<${inner(of.item)}>`;
    case 'map':
      return `${either('Map', 'ReadonlyMap')}<${inner(of.key)}, ${inner(of.value)}>`;
    case 'record': {
      const value = inner(of.value);
      return either(`Record<string, ${value}>`, `{ [key: string]: ${value} }`);
    }
    case 'tuple': {
      const items = of.items.map(inner);
      const rest = of.rest ? [`...(${inner(of.rest)})[]`] : [];
      return `${either('', 'readonly ')}[${[...items, ...rest].join(', ')}]`;
    }
    case 'union':
      return of.members.map((member) => `(${inner(member)})`).join(' | ');
    case 'object':
      return objectOf(of.properties, gen);
    case 'ref':
      return of.name;
    default:
      return either(of.kind, `Box<${of.kind}>['value']`);
  }
}

function objectOf(properties: (Shape & { kind: 'object' })['properties'], gen: Gen): string {
  const fields = properties.map(({ name, optional, shape }) => {
    const comment = gen(fc.nat, 4) === 0 ? gen(doc) : '';
    return `${comment}${sourceOf(name)}${optional ? '?' : ''}: ${typeOf(shape, gen)}`;
  });
  const whole = (list: readonly string[]) => `{ ${list.join('; ')} }`;
  const middle = Math.floor(fields.length / 2);
  const ways = [
    whole(fields),
    whole(fields),
    `Readonly<${whole(fields)}>`,
    `Omit<${whole([...fields, 'gone: symbol'])}, 'gone'>`,
    `(${whole(fields.slice(0, middle))} & ${whole(fields.slice(middle))})`,
    ...(properties.every(({ optional }) => optional) ? [`Partial<${whole(fields)}>`] : []),
  ];
  return ways[gen(fc.nat, ways.length - 1)] as string;
}

/** A text as a string literal; line separators of Unicode stay as they are. */
export function sourceOf(value: string): string {
  return JSON.stringify(value);
}
