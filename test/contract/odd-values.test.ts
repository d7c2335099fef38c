import test from 'ava';
import { shapeCodec } from '../../runtime/contract/shape.js';
import type { Shape } from '../../runtime/contract/types.js';

const number: Shape = { kind: 'number' };
const json: Shape = { kind: 'json' };
const list = (item: Shape): Shape => ({ kind: 'array', item });
const object = (...names: string[]): Shape => ({
  kind: 'object',
  properties: names.map((name) => ({ name, optional: false, shape: number })),
});
const maybe: Shape = { kind: 'union', members: [number, { kind: 'undefined' }] };

class Money {
  readonly amount = 7;
  toJSON(): string {
    return '7 EUR';
  }
}

/** Whatever is odd about a value, either it is stored as this JSON… */
const stored: Record<string, [Shape, given: unknown, json: unknown]> = {
  'minus zero is zero': [number, -0, 0],
  'undefined for the whole of what may be undefined is null': [maybe, undefined, null],
  'a hole in a list of what may be undefined is null': [list(maybe), new Array(1), [null]],
  'an instance of a class is its declared fields, whatever its toJSON says': [
    object('amount'),
    new Money(),
    { amount: 7 },
  ],
  'an object without a prototype is its fields': [
    json,
    Object.assign(Object.create(null), { a: 1 }),
    { a: 1 },
  ],
  'what an object has of its prototype is a declared field': [
    object('a'),
    Object.create({ a: 1 }),
    { a: 1 },
  ],
  'what a free object has of its prototype is left behind': [
    { kind: 'record', value: number },
    Object.create({ a: 1 }, { b: { value: 2, enumerable: true } }),
    { b: 2 },
  ],
  'a field that is not enumerable is a declared field': [
    object('a'),
    Object.defineProperty({}, 'a', { value: 1 }),
    { a: 1 },
  ],
  'a field under a symbol is left behind': [json, { [Symbol('s')]: 1, a: 1 }, { a: 1 }],
  'what hangs on a list beside its items is left behind': [
    list(number),
    Object.assign([1], { extra: 2, toJSON: () => 'no' }),
    [1],
  ],
  'a part that comes twice is there twice': [json, Array(2).fill({ a: 1 }), [{ a: 1 }, { a: 1 }]],
};

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

/** …or it is refused with these words. */
const refused: Record<string, [Shape, given: unknown, issue: string | RegExp]> = {
  'undefined for a number': [number, undefined, 'expected number, got nothing'],
  'undefined in a list of free JSON': [json, [undefined], 'expected JSON value, got nothing'],
  'a hole in a list of free JSON': [json, new Array(1), 'expected JSON value, got nothing'],
  NaN: [number, Number.NaN, 'expected finite number, got NaN'],
  Infinity: [number, Number.POSITIVE_INFINITY, 'expected finite number, got Infinity'],
  '-Infinity in free JSON': [json, [-1 / 0], 'expected finite number, got -Infinity'],
  'a number in a box': [number, Object(7), 'expected number, got a Number'],
  'a text in a box': [{ kind: 'string' }, Object('x'), 'expected string, got a String'],
  'a function': [json, () => {}, 'expected JSON value, got a function'],
  'a symbol': [json, Symbol('s'), 'expected JSON value, got a symbol'],
  'an instance of a class in free JSON': [json, new Money(), 'expected JSON value, got an object'],
  'a bigint in free JSON': [json, 1n, 'expected JSON value, got a bigint'],
  'the arguments of a call': [
    object(),
    (function () {
      // biome-ignore lint/complexity/noArguments: it is what is refused.
      return arguments;
    })(),
    'expected object, got an Arguments',
  ],
  'a cycle': [json, cycle, /does it contain itself\?$/],
  'U+0000': [json, 'a\0', /U\+0000 at character 1/],
  'half a character': [json, '\ud83d', /a lone surrogate at character 0/],
};

for (const [kind, hot] of [
  ['general code', Number.POSITIVE_INFINITY],
  ['code of its own', 0],
] as const) {
  for (const [title, [shape, given, json]] of Object.entries(stored)) {
    test(`${kind}: ${title}`, (t) =>
      t.deepEqual(shapeCodec(shape, {}, hot).encode(given), { ok: true, value: json }));
  }

  for (const [title, [shape, given, issue]] of Object.entries(refused)) {
    test(`${kind}: ${title} is refused`, (t) => {
      const outcome = shapeCodec(shape, {}, hot).encode(given);
      const message = outcome.ok ? 'it was stored' : outcome.issues[0]?.message;
      if (typeof issue === 'string') t.is(message, issue);
      else t.regex(message ?? '', issue);
    });
  }

  test(`${kind}: a getter is read once, so that what was checked is what is stored`, (t) => {
    let reads = 0;
    const given = {
      get a(): number {
        return ++reads === 1 ? 1 : Number.NaN;
      },
    };
    t.deepEqual(shapeCodec(object('a'), {}, hot).encode(given), { ok: true, value: { a: 1 } });
    t.is(reads, 1);
  });

  test(`${kind}: what nobody declared is not even read`, (t) => {
    const given = Object.defineProperty({ a: 1 }, 'b', { enumerable: true, get: () => t.fail() });
    t.true(shapeCodec(object('a'), {}, hot).encode(given).ok);
  });
}
