import fc from 'fast-check';
import { formats } from '../../runtime/contract/shape/formats.js';
import { shapeFaults } from '../../runtime/contract/shape-faults.js';
import type {
  ArrayShape,
  NumberShape,
  PropertyShape,
  Shape,
  StringShape,
  TextFormat,
} from '../../runtime/contract/types.js';

/** Named shapes that refer to themselves and to each other. */
export const definitions: Readonly<Record<string, Shape>> = {
  Chain: {
    kind: 'object',
    properties: [
      { name: 'at', optional: false, shape: { kind: 'date' } },
      {
        name: 'next',
        optional: false,
        shape: { kind: 'union', members: [{ kind: 'ref', name: 'Chain' }, { kind: 'null' }] },
      },
    ],
  },
  Tree: {
    kind: 'union',
    members: [
      { kind: 'bigint' },
      { kind: 'array', item: { kind: 'ref', name: 'Tree' } },
      {
        kind: 'object',
        properties: [{ name: '__proto__', optional: true, shape: { kind: 'ref', name: 'Tree' } }],
      },
    ],
  },
};

/** Text as PostgreSQL can keep it, with everything in it that is hard on escaping. */
export const text: fc.Arbitrary<string> = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((value) => value.replaceAll('\0', '\u0001'));

/** Texts of each format. */
const formatted: Readonly<Record<TextFormat, fc.Arbitrary<string>>> = {
  email: fc.domain().map((host) => `ada.l+x@${host}`),
  uuid: fc.uuid(),
  uri: fc.webUrl({ withFragments: true, withQueryParameters: true }).filter(formats.uri.fits),
  hostname: fc.domain(),
  ipv4: fc.ipV4(),
  ipv6: fc.ipV6(),
  date: instant(0, 10),
  time: instant(11),
  'date-time': instant(0),
};

function instant(from: number, to?: number): fc.Arbitrary<string> {
  const [min, max] = [new Date('0000-01-01T00:00Z'), new Date('9999-12-31T00:00Z')];
  return fc.date({ min, max, noInvalidDate: true }).map((at) => at.toISOString().slice(from, to));
}

const fieldName = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'kind', 'two words', '__proto__', 'constructor', 'toString'),
  text,
);

const plain = ['string', 'number', 'boolean', 'null', 'json'] as const;
const coded = ['date', 'bigint', 'bytes', 'url'] as const;
const literalValue = fc.oneof(
  fc.constantFrom('a', 'b', '7', ''),
  fc.boolean(),
  fc.integer({ min: -3, max: 3 }),
);

const ruledText: fc.Arbitrary<Shape> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('string' as const),
      minLength: fc.nat(3),
      maxLength: fc.nat(3).map((n) => n + 3),
    },
    { requiredKeys: ['kind'] },
  ),
  fc
    .constantFrom(...Object.keys(formatted))
    .map((format): Shape => ({ kind: 'string', format: format as TextFormat })),
  fc.constantFrom('^\\p{L}*$', '[^x]').map((pattern): Shape => ({ kind: 'string', pattern })),
);

const ruledNumber: fc.Arbitrary<Shape> = fc.oneof(
  fc.constant<Shape>({ kind: 'number', integer: true }),
  fc.constantFrom(1, 0.5, 3).map((multipleOf): Shape => ({ kind: 'number', multipleOf })),
  fc.record(
    {
      kind: fc.constant('number' as const),
      minimum: fc.integer({ min: -9, max: 0 }),
      maximum: fc.integer({ min: 0, max: 9 }),
    },
    { requiredKeys: ['kind'] },
  ),
  fc.constant<Shape>({ kind: 'number', exclusiveMinimum: -1, exclusiveMaximum: 1 }),
);

/** Any shape that has no faults. */
export const shape: fc.Arbitrary<Shape> = fc
  .letrec<{ shape: Shape; leaf: Shape; property: PropertyShape }>((tie) => ({
    leaf: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(...plain, ...coded).map((kind): Shape => ({ kind })),
      },
      literalValue.map((value): Shape => ({ kind: 'literal', value })),
      ruledText,
      ruledNumber,
      fc.constantFrom('Chain', 'Tree').map((name): Shape => ({ kind: 'ref', name })),
      fc.array(fc.constantFrom('string', 'number'), { minLength: 1, maxLength: 2 }).chain((types) =>
        fc
          .array(fc.constantFrom('', '-', 'a.b', '$('), {
            minLength: types.length + 1,
            maxLength: types.length + 1,
          })
          .map((parts): Shape => ({ kind: 'template', parts, types })),
      ),
    ),
    property: fc.record({ name: fieldName, optional: fc.boolean(), shape: tie('shape') }),
    shape: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: tie('leaf') },
      fc.record(
        {
          kind: fc.constant('array' as const),
          item: tie('shape'),
          minItems: fc.constantFrom(0, 1, 2),
          maxItems: fc.constantFrom(2, 3),
        },
        { requiredKeys: ['kind', 'item'] },
      ),
      fc
        .constantFrom(...plain)
        .map((kind): Shape => ({ kind: 'array', item: { kind }, uniqueItems: true })),
      fc.record({ kind: fc.constant('set' as const), item: tie('shape') }),
      fc.record({ kind: fc.constant('map' as const), key: tie('shape'), value: tie('shape') }),
      fc.record({ kind: fc.constant('record' as const), value: tie('shape') }),
      fc.record(
        {
          kind: fc.constant('tuple' as const),
          items: fc.array(tie('shape'), { maxLength: 3 }),
          rest: tie('shape'),
        },
        { requiredKeys: ['kind', 'items'] },
      ),
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('object' as const),
          properties: fc.uniqueArray(tie('property'), {
            maxLength: 4,
            selector: (property) => property.name,
          }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('union' as const),
          members: fc.array(
            fc.oneof(
              { weight: 5, arbitrary: tie('shape') },
              { weight: 1, arbitrary: fc.constant<Shape>({ kind: 'undefined' }) },
            ),
            {
              minLength: 1,
              maxLength: 4,
            },
          ),
        }),
      },
    ),
  }))
  .shape.filter((candidate) => shapeFaults(candidate, definitions).length === 0);

function textOf({ minLength, maxLength, pattern, format }: StringShape): fc.Arbitrary<string> {
  if (format !== undefined) return formatted[format];
  if (pattern === '^\\p{L}*$') return fc.constantFrom('', 'é', 'Ωmega');
  if (pattern !== undefined) return text.filter((value) => new RegExp(pattern, 'u').test(value));
  return fc
    .string({ unit: 'binary', minLength: minLength ?? 0, maxLength: maxLength ?? 12 })
    .map((value) => value.replaceAll('\0', '\u0001'));
}

function numberOf(of: NumberShape): fc.Arbitrary<number> {
  if (of.integer) return fc.integer();
  const { multipleOf } = of;
  if (multipleOf !== undefined) return fc.integer().map((factor) => factor * multipleOf);
  return fc
    .double({
      noNaN: true,
      noDefaultInfinity: true,
      min: of.minimum ?? of.exclusiveMinimum ?? -Number.MAX_VALUE,
      max: of.maximum ?? of.exclusiveMaximum ?? Number.MAX_VALUE,
      minExcluded: of.exclusiveMinimum !== undefined,
      maxExcluded: of.exclusiveMaximum !== undefined,
    })
    .map((value) => value + 0);
}

function arrayOf(
  { minItems = 0, maxItems = 4, uniqueItems }: ArrayShape,
  item: fc.Arbitrary<unknown>,
) {
  const size = { minLength: minItems, maxLength: maxItems };
  if (!uniqueItems) return fc.array(item, size);
  return fc.uniqueArray(item, { ...size, selector: (value) => JSON.stringify(value) });
}

/** Any value of a shape. */
export function anyOf(of: Shape, depth = 0): fc.Arbitrary<unknown> {
  const inner = (shape: Shape) => anyOf(shape, depth + 1);
  switch (of.kind) {
    case 'string':
      return textOf(of);
    case 'number':
      return numberOf(of);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'undefined':
      return fc.constant(undefined);
    case 'literal':
      return fc.constant(of.value);
    case 'template':
      return fc
        .tuple(...of.types.map((type) => (type === 'number' ? fc.integer().map(String) : text)))
        .map((values) => of.parts.map((part, i) => part + (values[i] ?? '')).join(''));
    case 'json':
      // Through its text, for −0.
      return fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
    case 'date':
      return fc.date({ noInvalidDate: true });
    case 'bigint':
      return fc.bigInt();
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 });
    case 'url':
      return fc
        .webUrl({ withFragments: true, withQueryParameters: true })
        .map((href) => new URL(href));
    case 'array':
      return arrayOf(of, inner(of.item));
    case 'set':
      return fc.array(inner(of.item), { maxLength: 4 }).map((items) => new Set(items));
    case 'map':
      return fc
        .array(fc.tuple(inner(of.key), inner(of.value)), { maxLength: 4 })
        .map((pairs) => new Map(pairs));
    case 'record':
      return fc.dictionary(fieldName, inner(of.value), { maxKeys: 4 });
    case 'tuple':
      return fc
        .tuple(
          fc.tuple(...of.items.map(inner)),
          of.rest ? fc.array(inner(of.rest), { maxLength: 2 }) : fc.constant([]),
        )
        .map(([items, rest]) => [...items, ...rest]);
    case 'object':
      return fc
        .tuple(
          ...of.properties.map((property) =>
            property.optional && depth > 3
              ? fc.constant([])
              : fc
                  .tuple(fc.constant(property.name), inner(property.shape))
                  .chain((entry) =>
                    property.optional ? fc.constantFrom([entry], []) : fc.constant([entry]),
                  ),
          ),
        )
        .map((entries) => Object.fromEntries(entries.flat()));
    case 'union': {
      // Deep down, what cannot go deeper still.
      const flat = of.members.filter(({ kind }) => kind !== 'ref' && kind !== 'array');
      const members = depth > 3 && flat.length > 0 ? flat : of.members;
      return fc.oneof(...members.map(inner));
    }
    case 'ref':
      return inner(definitions[of.name] as Shape);
  }
}

/** Any value whatever. */
export const anything: fc.Arbitrary<unknown> = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
  stringUnit: 'binary',
});

/** The value with something else at one place or several, so that it mostly fits its shape no more. */
export function nearly(value: unknown): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom<unknown>(undefined, null, 7, 'x', Number.NaN, {}, [], 'a\0', 1n);
  const kept = { weight: 6, arbitrary: fc.constant(value) };
  const replaced = { weight: 1, arbitrary: wrong };
  if (Array.isArray(value)) {
    return fc.oneof({ ...kept, arbitrary: fc.tuple(...value.map(nearly)) }, replaced);
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  ) {
    const fields = Object.entries(value).map(([name, field]) =>
      nearly(field).map((changed): [string, unknown] => [name, changed]),
    );
    return fc.oneof({ ...kept, arbitrary: fc.tuple(...fields).map(Object.fromEntries) }, replaced);
  }
  return fc.oneof(kept, replaced);
}

/** A value by what it means: absent and undefined fields are the same, a URL is its text (Node 20 finds all URLs equal). */
export function comparable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof URL) return { url: value.href };
  if (value instanceof Map) return new Map(comparable([...value]) as [unknown, unknown][]);
  if (value instanceof Set) return new Set(comparable([...value]) as unknown[]);
  if (Array.isArray(value)) return value.map(comparable);
  if (value instanceof Date || value instanceof Uint8Array) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, comparable(field)]));
}
