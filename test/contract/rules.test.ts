import test from 'ava';
import fc from 'fast-check';
import { isMultiple } from '../../runtime/contract/shape/multiple.js';
import { shapeCodec } from '../../runtime/contract/shape.js';
import type { PropertyShape, Shape } from '../../runtime/contract/types.js';

const string: Shape = { kind: 'string' };
const number: Shape = { kind: 'number' };
const list = (rules: object, item: Shape = string): Shape => ({ kind: 'array', item, ...rules });
const union = (...members: Shape[]): Shape => ({ kind: 'union', members });
const object = (...properties: [name: string, shape: Shape][]): Shape => ({
  kind: 'object',
  properties: properties.map(
    ([name, shape]): PropertyShape => ({
      name: name.replace('?', ''),
      optional: name.endsWith('?'),
      shape,
    }),
  ),
});

/** Shapes with a value that keeps their rules, one that does not, and what is said of it. */
const ruled: [Shape, kept: unknown, broken: unknown, message: string][] = [
  [{ kind: 'string', minLength: 2 }, '💌💌', '💌', 'expected at least 2 characters, got "💌"'],
  [{ kind: 'string', minLength: 1 }, 'a', '', 'expected at least 1 character, got ""'],
  [{ kind: 'string', maxLength: 2 }, '💌💌', 'abc', 'expected at most 2 characters, got "abc"'],
  [{ kind: 'string', maxLength: 0 }, '', 'a', 'expected at most 0 characters, got "a"'],
  [
    { kind: 'string', maxLength: 41 },
    '💌'.repeat(41),
    '💌'.repeat(42),
    `expected at most 41 characters, got "${'💌'.repeat(20)}"… (42 characters)`,
  ],
  [
    { kind: 'string', pattern: '^\\p{Lu}' },
    'Émile',
    'émile',
    'expected text that matches ^\\p{Lu}, got "émile"',
  ],
  [{ kind: 'string', pattern: 'b' }, 'abc', 'ac', 'expected text that matches b, got "ac"'],
  [
    { kind: 'string', format: 'email' },
    'ada@example.com',
    'ada',
    'expected an email address, got "ada"',
  ],
  [{ kind: 'number', integer: true }, 1e300, 1.5, 'expected integer, got 1.5'],
  [{ kind: 'number', minimum: 1 }, 1, 0.9, 'expected number of at least 1, got 0.9'],
  [{ kind: 'number', maximum: 1 }, 1, 1.1, 'expected number of at most 1, got 1.1'],
  [{ kind: 'number', exclusiveMinimum: 0 }, 5e-324, -0, 'expected number greater than 0, got 0'],
  [{ kind: 'number', exclusiveMaximum: 0 }, -1, 0, 'expected number less than 0, got 0'],
  [{ kind: 'number', multipleOf: 0.1 }, 0.3, 0.35, 'expected multiple of 0.1, got 0.35'],
  [list({ minItems: 1 }), ['a'], [], 'expected at least 1 item, got 0'],
  [list({ maxItems: 2 }), ['a', 'b'], ['a', 'b', 'c'], 'expected at most 2 items, got 3'],
  [
    list({ uniqueItems: true }),
    ['a', 'b', 'A'],
    ['a', 'b', 'a'],
    'expected items that all differ, got the same at [0] and [2]',
  ],
  [
    list({ uniqueItems: true }, { kind: 'json' }),
    [1, '1', [1], { a: 1, b: 2 }, { a: 2, b: 1 }, [], {}, '[]', null],
    [
      { a: 1, b: [2] },
      { b: [2], a: 1 },
    ],
    'expected items that all differ, got the same at [0] and [1]',
  ],
];

for (const [shape, kept, broken, message] of ruled) {
  const { kind, ...rules } = shape;
  test(`a ${kind} keeps ${JSON.stringify(rules)}, both ways`, (t) => {
    const codec = shapeCodec(shape);
    t.deepEqual(codec.encode(kept), { ok: true, value: kept });
    t.deepEqual(codec.decode(kept), { ok: true, value: kept });
    const refusal = { ok: false, issues: [{ path: '', message }] };
    t.deepEqual(codec.encode(broken), refusal);
    t.deepEqual(codec.decode(broken), refusal);
  });
}

test('a broken rule has its place, beside all else that is wrong', (t) => {
  const codec = shapeCodec(
    object(['to', list({ minItems: 1 }, { kind: 'string', format: 'email' })], ['n?', number]),
  );
  t.deepEqual(codec.encode({ to: ['a@x.org', 'b'], n: '1' }), {
    ok: false,
    issues: [
      { path: 'to[1]', message: 'expected an email address, got "b"' },
      { path: 'n', message: 'expected number, got "1"' },
    ],
  });
});

test('of a text only the first rule that it breaks is told', (t) => {
  const codec = shapeCodec({ kind: 'string', minLength: 3, pattern: '^x', format: 'uuid' });
  const refusal = codec.encode('');
  t.is(refusal.ok ? 0 : refusal.issues.length, 1);
});

test('items are compared as they are stored', (t) => {
  const codec = shapeCodec(list({ uniqueItems: true }, { kind: 'date' }));
  t.true(codec.encode([new Date(0), new Date(1)]).ok);
  t.false(codec.encode([new Date(0), new Date(0)]).ok);
});

test('in a union the rules of a member hold for its values only', (t) => {
  const codec = shapeCodec(union({ kind: 'string', minLength: 2 }, number, { kind: 'null' }));
  for (const value of ['ab', 1, null]) t.deepEqual(codec.encode(value), { ok: true, value });
  t.deepEqual(codec.encode('a'), {
    ok: false,
    issues: [{ path: '', message: 'expected at least 2 characters, got "a"' }],
  });
});

test('a value that breaks a rule is not taken for another member of a union that has less of it', (t) => {
  const codec = shapeCodec(
    union(object(['to', { kind: 'string', format: 'email' }]), object(['note?', string])),
  );
  t.deepEqual(codec.encode({ note: 'x' }), { ok: true, value: { note: 'x' } });
  const refusal = {
    ok: false,
    issues: [{ path: 'to', message: 'expected an email address, got "ada"' }],
  };
  t.deepEqual(codec.encode({ to: 'ada' }), refusal);
  t.deepEqual(codec.decode({ to: 'ada' }), refusal);
});

test('of members that have as much of a value one is taken whose rules it keeps', (t) => {
  const codec = shapeCodec(
    union(list({ minItems: 2 }, number), { kind: 'tuple', items: [number] }),
  );
  t.deepEqual(codec.encode([1]), { ok: true, value: [1] });
  t.deepEqual(codec.encode([1, 2]), { ok: true, value: [1, 2] });
  t.false(codec.encode([]).ok);
});

test('of any decimal step every whole multiple is one, and what lies between is none', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e6, max: 1e6 }),
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 0, max: 6 }),
      (factor, digits, places) => {
        const scaled = (whole: number) => Number(`${whole}e-${places}`);
        const step = scaled(2 * digits);
        return (
          isMultiple(scaled(2 * factor * digits), step) &&
          !isMultiple(scaled((2 * factor + 1) * digits), step)
        );
      },
    ),
  );
  t.true(isMultiple(1e300, 5e-324));
  t.false(isMultiple(1e300, 7e-300));
});
