import test from 'ava';
import { shapeCodec } from '../../runtime/contract/shape.js';
import type { Shape } from '../../runtime/contract/types.js';

const optional = (name: string, shape: Shape) => ({ name, optional: true, shape });
const required = (name: string, shape: Shape) => ({ name, optional: false, shape });
const object = (...properties: ReturnType<typeof required>[]): Shape => ({
  kind: 'object',
  properties,
});
const union = (...members: Shape[]): Shape => ({ kind: 'union', members });
const literal = (value: string | number | boolean): Shape => ({ kind: 'literal', value });
const [string, number, date, nothing, nil]: [Shape, Shape, Shape, Shape, Shape] = [
  { kind: 'string' },
  { kind: 'number' },
  { kind: 'date' },
  { kind: 'undefined' },
  { kind: 'null' },
];

class Point {
  readonly #y = 2;
  readonly x = 1;
  get y(): number {
    return this.#y;
  }
}

/** What a caller passes, and what is stored. */
const stored: Record<string, [Shape, given: unknown, json: string]> = {
  'an instant as ISO text': [date, new Date(0), '"1970-01-01T00:00:00.000Z"'],
  'a bigint as digits': [{ kind: 'bigint' }, -(2n ** 70n), '"-1180591620717411303424"'],
  'bytes as base64': [{ kind: 'bytes' }, Buffer.from('hello'), '"aGVsbG8="'],
  'a URL as its href': [{ kind: 'url' }, new URL('HTTP://x.test/é'), '"http://x.test/%C3%A9"'],
  'a Set as an array': [
    { kind: 'set', item: date },
    new Set([new Date(0)]),
    '["1970-01-01T00:00:00.000Z"]',
  ],
  'a Map as pairs': [
    { kind: 'map', key: { kind: 'bigint' }, value: number },
    new Map([[1n, 2]]),
    '[["1",2]]',
  ],
  'minus zero as zero': [{ kind: 'array', item: number }, [-0], '[0]'],
  'a text like a template': [
    { kind: 'template', parts: ['v', '.', ''], types: ['number', 'string'] },
    'v1.5.x',
    '"v1.5.x"',
  ],
  'declared fields only': [object(required('a', number)), { a: 1, b: 2 }, '{"a":1}'],
  'no undefined field': [object(optional('a', number)), { a: undefined }, '{}'],
  'no field that may be undefined and is absent': [
    object(required('a', union(number, nothing))),
    {},
    '{}',
  ],
  'the fields of a class, getters too': [
    object(required('x', number), required('y', number)),
    new Point(),
    '{"x":1,"y":2}',
  ],
  'an absent item of a list as null': [
    { kind: 'array', item: union(number, nothing) },
    [1, undefined],
    '[1,null]',
  ],
  'a short tuple as it is': [
    { kind: 'tuple', items: [number, union(string, nothing)] },
    [1],
    '[1]',
  ],
  'a record key named __proto__': [
    { kind: 'record', value: number },
    JSON.parse('{"__proto__":1}'),
    '{"__proto__":1}',
  ],
  'free JSON, without its undefined fields': [
    { kind: 'json' },
    { a: [1, null, { b: 'x' }], c: undefined },
    '{"a":[1,null,{"b":"x"}]}',
  ],
  'the object that keeps most, of several that fit': [
    union(
      object(required('a', object(required('b', number)))),
      object(required('a', object(required('b', number), optional('c', number)))),
    ),
    { a: { b: 1, c: 2 } },
    '{"a":{"b":1,"c":2}}',
  ],
  'the object that the literal field says': [
    union(
      object(required('kind', literal('a')), optional('x', number)),
      object(required('kind', literal('b')), optional('x', date)),
    ),
    { kind: 'b', x: new Date(0) },
    '{"kind":"b","x":"1970-01-01T00:00:00.000Z"}',
  ],
};

for (const [title, [shape, given, json]] of Object.entries(stored)) {
  test(`stores ${title}`, (t) => {
    const encoded = shapeCodec(shape).encode(given);
    t.deepEqual(encoded, { ok: true, value: JSON.parse(json) });
    t.is(encoded.ok && JSON.stringify(encoded.value), json);
  });
}

/** What is refused, and the whole of what is said about it. */
const refused: Record<string, [Shape, given: unknown, ...issues: string[]]> = {
  'a number for a text': [string, 7, 'expected string, got 7'],
  NaN: [number, Number.NaN, 'expected finite number, got NaN'],
  'an infinite number': [number, -1 / 0, 'expected finite number, got -Infinity'],
  'an invalid Date': [date, new Date(Number.NaN), 'expected Date, got an invalid Date'],
  'a text for a Date': [date, '2026-01-01', 'expected Date, got "2026-01-01"'],
  'an array for an object': [object(), [], 'expected object, got an array'],
  'a Date for an object': [object(), new Date(0), 'expected object, got a Date'],
  'a promise that nobody awaited': [
    object(),
    Promise.resolve({}),
    'expected object, got a Promise',
  ],
  'a missing field': [object(required('to', string)), {}, 'to: expected string, got nothing'],
  'null for an optional field': [
    object(optional('to', string)),
    { to: null },
    'to: expected string, got null',
  ],
  'what every object inherits': [
    object(required('constructor', string)),
    {},
    'constructor: expected string, got nothing',
  ],
  'U+0000': [
    string,
    'a\0b',
    'the text contains U+0000 at character 1, which PostgreSQL cannot store',
  ],
  'a lone surrogate': [
    string,
    'ab\ud83d',
    'the text contains a lone surrogate at character 2, which is not valid Unicode',
  ],
  'U+0000 in a template text': [
    { kind: 'template', parts: ['a', ''], types: ['string'] },
    'a\0',
    'the text contains U+0000 at character 1, which PostgreSQL cannot store',
  ],
  'U+0000 in a key of a record': [
    { kind: 'record', value: number },
    { '\0': 1 },
    '["\\u0000"]: the key contains U+0000 at character 0, which PostgreSQL cannot store',
  ],
  'a lone surrogate in free JSON': [
    { kind: 'json' },
    { a: ['\udc00'] },
    'a[0]: the text contains a lone surrogate at character 0, which is not valid Unicode',
  ],
  'what JSON would turn into something else': [
    { kind: 'json' },
    { date: new Date(0), list: [undefined], big: 1n, call() {}, infinite: 1 / 0, own: new Point() },
    'date: expected JSON value, got a Date',
    'list[0]: expected JSON value, got nothing',
    'big: expected JSON value, got a bigint',
    'call: expected JSON value, got a function',
    'infinite: expected finite number, got Infinity',
    'own: expected JSON value, got an object',
  ],
  'a field deep inside': [
    object(required('items', { kind: 'array', item: object(required('price', number)) })),
    { items: [{ price: 1 }, { price: '2' }] },
    'items[1].price: expected number, got "2"',
  ],
  'every bad field at once': [
    object(required('a', string), required('b', string)),
    { a: 1, b: 2 },
    'a: expected string, got 1',
    'b: expected string, got 2',
  ],
  'a hole in an array': [
    { kind: 'array', item: number },
    new Array(1),
    '[0]: expected number, got nothing',
  ],
  'a tuple too short': [
    { kind: 'tuple', items: [string, number] },
    ['a'],
    'expected array of 2 items, got an array',
  ],
  'a tuple too long': [
    { kind: 'tuple', items: [string] },
    ['a', 'b'],
    'expected array of 1 item, got an array',
  ],
  'a wrong item of the rest': [
    { kind: 'tuple', items: [string], rest: number },
    ['a', 1, 'b'],
    '[2]: expected number, got "b"',
  ],
  'a wrong key of a Map': [
    { kind: 'map', key: string, value: number },
    new Map([[1, 1]]),
    '[0][0]: expected string, got 1',
  ],
  'what no member of a union is': [
    union(string, number, nil),
    true,
    'expected string, number or null, got true',
  ],
  'a word that is not in the list': [
    union(literal('low'), literal('high')),
    'hihg',
    'expected "low" or "high", got "hihg"',
  ],
  'an unknown literal field': [
    union(object(required('kind', literal('a'))), object(required('kind', literal('b')))),
    { kind: 'c' },
    'kind: expected "a" or "b", got "c"',
  ],
  'a wrong field of the object that the literal field says': [
    union(
      object(required('kind', literal('a')), required('x', number)),
      object(required('kind', literal('b')), required('y', number)),
    ),
    { kind: 'b', y: 'no' },
    'y: expected number, got "no"',
  ],
  'a wrong field of the nearest member': [
    union(
      string,
      object(required('a', number), required('b', number)),
      object(required('c', number), required('d', number), required('e', number)),
    ),
    { a: 1 },
    'b: expected number, got nothing',
  ],
  'an undefined value in a record': [
    { kind: 'record', value: number },
    { a: undefined },
    'a: expected number, got nothing',
  ],
  'a text that breaks a template': [
    { kind: 'template', parts: ['v', ''], types: ['number'] },
    'vx',
    `expected text like \`v$\{number}\`, got "vx"`,
  ],
  'a getter that throws': [
    object(required('a', number)),
    {
      get a(): number {
        throw new Error('boom');
      },
    },
    'reading it failed: Error: boom',
  ],
};

for (const [title, [shape, given, ...issues]] of Object.entries(refused)) {
  test(`refuses ${title}`, (t) => t.deepEqual(issuesOf(shapeCodec(shape).encode(given)), issues));
}

/** What a row holds that nobody wrote through a client. */
const unreadable: Record<string, [Shape, row: unknown, issue: string]> = {
  'a day that its month lacks': [
    date,
    '2026-02-30T00:00:00Z',
    'expected an instant like "2026-01-31T12:00:00.000Z", got "2026-02-30T00:00:00Z"',
  ],
  'an instant without an offset': [
    date,
    '2026-01-01T00:00:00',
    'expected an instant like "2026-01-31T12:00:00.000Z", got "2026-01-01T00:00:00"',
  ],
  'a number for a bigint': [{ kind: 'bigint' }, 7, 'expected an integer as text like "42", got 7'],
  'a bigint with leading zeros': [
    { kind: 'bigint' },
    '007',
    'expected an integer as text like "42", got "007"',
  ],
  'base64 with bits to spare': [{ kind: 'bytes' }, 'ab==', 'expected base64 text, got "ab=="'],
  'base64 of the URL alphabet': [{ kind: 'bytes' }, 'ab_-', 'expected base64 text, got "ab_-"'],
  'a relative URL': [{ kind: 'url' }, '/path', 'expected an absolute URL, got "/path"'],
  'a number too great for a double': [
    number,
    JSON.parse('1e400'),
    'expected finite number, got Infinity',
  ],
  'pairs of a Map that are none': [
    { kind: 'map', key: string, value: number },
    [['a']],
    '[0]: expected array of 2 items, got an array',
  ],
};

for (const [title, [shape, row, issue]] of Object.entries(unreadable)) {
  test(`does not read ${title}`, (t) =>
    t.deepEqual(issuesOf(shapeCodec(shape).decode(row)), [issue]));
}

test('reads what SQL writes: instants with an offset and microseconds, base64 in lines', (t) => {
  const at = shapeCodec(date).decode('2026-01-31T14:00:00.123456+02:00');
  t.deepEqual(at, { ok: true, value: new Date('2026-01-31T12:00:00.123Z') });
  const bytes = shapeCodec({ kind: 'bytes' }).decode('aGVs\nbG8=');
  t.deepEqual(bytes, { ok: true, value: Uint8Array.from(Buffer.from('hello')) });
});

test('reads declared fields only, and a field that may be undefined as undefined', (t) => {
  const codec = shapeCodec(object(required('a', union(number, nothing)), optional('b', number)));
  t.deepEqual(codec.decode({ c: 1 }), { ok: true, value: { a: undefined } });
});

test('data named __proto__ is data and reaches no prototype', (t) => {
  const hostile = JSON.parse('{"__proto__":{"polluted":true}}');
  for (const kind of ['json', 'record'] as const) {
    const codec = shapeCodec(kind === 'json' ? { kind } : { kind, value: { kind: 'json' } });
    const decoded = codec.decode(hostile);
    t.true(decoded.ok && Object.hasOwn(decoded.value as object, '__proto__'));
    t.is(decoded.ok && (decoded.value as { polluted?: unknown }).polluted, undefined);
  }
  t.is(({} as { polluted?: unknown }).polluted, undefined);
});

const tree = {
  Tree: object(required('kids', { kind: 'array', item: { kind: 'ref', name: 'Tree' } })),
};
interface Tree {
  kids: Tree[];
}

test('data that contains itself is refused, with the place it was found from', (t) => {
  const node: Tree = { kids: [] };
  node.kids.push(node, node);
  const [issue] = issuesOf(shapeCodec({ kind: 'ref', name: 'Tree' }, tree).encode(node));
  t.regex(
    issue ?? '',
    /^kids\[0\]\.kids\[0\].*: nested more than 1000 levels deep: does it contain itself\?$/,
  );

  const list: unknown[] = [];
  list.push(list);
  t.regex(
    issuesOf(shapeCodec({ kind: 'json' }).encode({ list }))[0] ?? '',
    /^list\[0\].*contain itself/,
  );
});

test('data of a thousand levels goes through, both ways', (t) => {
  let node: Tree = { kids: [] };
  for (let level = 1; level < 1_000; level++) node = { kids: [node] };
  const codec = shapeCodec({ kind: 'ref', name: 'Tree' }, tree);
  const encoded = codec.encode(node);
  t.true(encoded.ok && codec.decode(JSON.parse(JSON.stringify(encoded.value))).ok);
});

test('data that repeats itself without end is given up, not waited for', (t) => {
  let node: Tree = { kids: [] };
  for (let level = 0; level < 200; level++) node = { kids: [node, node] };
  const issues = issuesOf(shapeCodec({ kind: 'ref', name: 'Tree' }, tree).encode(node));
  t.regex(issues[0] ?? '', /does it repeat itself\?$/);
});

test('a list of problems ends after twenty, and no more is looked at', (t) => {
  const list = Array(30).fill(0);
  Object.defineProperty(list, 25, {
    get: () => t.fail('looked further'),
  });
  const issues = issuesOf(shapeCodec({ kind: 'array', item: string }).encode(list));
  t.is(issues.length, 21);
  t.is(issues[19], '[19]: expected string, got 0');
  t.is(issues[20], 'only the first 20 problems are listed');
});

test('a message never carries a large value', (t) => {
  const issues = issuesOf(shapeCodec(number).encode('x'.repeat(1_000_000)));
  t.deepEqual(issues, [`expected number, got "${'x'.repeat(40)}"… (1000000 characters)`]);
});

test('a shape that refers to nothing is a stale contract', (t) => {
  t.throws(() => shapeCodec({ kind: 'ref', name: 'Gone' }), { code: 'PGS2007' });
});

function issuesOf(outcome: ReturnType<ReturnType<typeof shapeCodec>['encode']>): string[] {
  if (outcome.ok) return [];
  return outcome.issues.map(({ path, message }) => (path ? `${path}: ${message}` : message));
}
