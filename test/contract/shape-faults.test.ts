import test from 'ava';
import { shapeFaults } from '../../runtime/contract/shape-faults.js';
import type { Shape } from '../../runtime/contract/types.js';

const union = (...members: Shape[]): Shape => ({ kind: 'union', members });
const literal = (value: string | number | boolean): Shape => ({ kind: 'literal', value });
const array = (item: Shape): Shape => ({ kind: 'array', item });
const set = (item: Shape): Shape => ({ kind: 'set', item });
const record = (value: Shape): Shape => ({ kind: 'record', value });
const tuple = (...items: Shape[]): Shape => ({ kind: 'tuple', items });
const object = (properties: Record<string, Shape>, ...optional: string[]): Shape => ({
  kind: 'object',
  properties: Object.entries(properties).map(([name, shape]) => ({
    name,
    optional: optional.includes(name),
    shape,
  })),
});
const string: Shape = { kind: 'string' };
const number: Shape = { kind: 'number' };
const date: Shape = { kind: 'date' };
const bigint: Shape = { kind: 'bigint' };
const bytes: Shape = { kind: 'bytes' };
const url: Shape = { kind: 'url' };
const json: Shape = { kind: 'json' };
const nil: Shape = { kind: 'null' };
const nothing: Shape = { kind: 'undefined' };

const definitions: Record<string, Shape> = {
  List: object({ value: string, next: union({ kind: 'ref', name: 'List' }, nil) }),
  Bad: object({ value: union(string, date), next: union({ kind: 'ref', name: 'Bad' }, nil) }),
  Dates: object({ value: date, next: union({ kind: 'ref', name: 'Dates' }, nil) }),
};
const ref = (name: string): Shape => ({ kind: 'ref', name });

const sound: Record<string, Shape> = {
  'texts that cannot be mistaken': union(date, bigint, url, nil, literal('never')),
  'every type of JSON': union(string, number, { kind: 'boolean' }, nil, array(date), object({})),
  'lists of texts and of numbers': union(array(string), array(number)),
  'objects told apart by a literal': union(
    object({ kind: literal('a'), at: date }),
    object({ kind: literal('b'), at: string }),
  ),
  'tuples told apart by a literal': union(tuple(literal('a'), date), tuple(literal('b'), string)),
  'objects with different required fields': union(object({ at: date }), object({ to: string })),
  'null or absent, in a field': object({ a: union(string, nil, nothing) }),
  'free JSON beside what is JSON': union(json, object({ a: string })),
  'a list that refers to itself': union(ref('List'), nil),
};

for (const [title, shape] of Object.entries(sound)) {
  test(`a union may have ${title}`, (t) => t.deepEqual(shapeFaults(shape, definitions), []));
}

const mixed: Record<string, [Shape, names: string]> = {
  'an instant and a text': [union(date, string), 'Date and string'],
  'a URL and a template': [
    union(url, { kind: 'template', parts: ['a', ''], types: ['string'] }),
    'URL and template',
  ],
  'a bigint and a literal of digits': [union(literal('42'), bigint), '"42" and bigint'],
  'a bigint and bytes': [union(bigint, bytes), 'bigint and Uint8Array'],
  'an array and a Set': [union(array(string), set(number)), 'array and Set'],
  'lists of instants and of texts': [union(array(date), array(string)), 'array and array'],
  'objects that differ in a field': [
    union(object({ at: date }), object({ at: string })),
    'object and object',
  ],
  'an object and a record': [union(object({ at: date }), record(string)), 'object and record'],
  'free JSON and an instant': [union(json, date), 'any JSON and Date'],
  'free JSON and an object with an instant': [
    union(object({ at: date }), json),
    'object and any JSON',
  ],
  'free JSON and a list with absent items': [
    union(json, array(union(string, nothing))),
    'any JSON and array',
  ],
  'named lists of texts and of instants': [union(ref('List'), ref('Dates')), 'List and Dates'],
};

for (const [title, [shape, names]] of Object.entries(mixed)) {
  test(`a union may not have ${title}`, (t) =>
    t.deepEqual(shapeFaults(shape, definitions), [
      { path: '', message: `${names} cannot be told apart once they are JSON: keep one of them` },
    ]));
}

test('null and undefined are one in a list, and at the root', (t) => {
  const either = union(string, nil, nothing);
  const [root] = shapeFaults(either);
  t.is(root?.path, '');
  const [item] = shapeFaults(object({ list: array(either) }));
  t.is(item?.path, 'list[]');
});

test('a fault has its place, also behind a name', (t) => {
  const paths = shapeFaults(
    object({ a: array(tuple(number, union(set(number), array(number)))), b: ref('Bad') }),
    definitions,
  ).map(({ path }) => path);
  t.deepEqual(paths, ['a[][1]', 'b.value']);
});

test('names and literals that PostgreSQL cannot store are faults', (t) => {
  const faults = shapeFaults(object({ 'a\0': literal('\ud800') }));
  t.deepEqual(
    faults.map(({ message }) => message),
    [
      'the name "a\\u0000" contains U+0000 at character 1, which PostgreSQL cannot store',
      'the literal contains a lone surrogate at character 0, which is not valid Unicode',
    ],
  );
});
