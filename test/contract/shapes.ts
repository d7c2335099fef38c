import fc from 'fast-check';
import { shapeFaults } from '../../runtime/contract/shape-faults.js';
import type { PropertyShape, Shape } from '../../runtime/contract/types.js';

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

/** Any shape that has no faults. */
export const shape: fc.Arbitrary<Shape> = fc
  .letrec<{ shape: Shape; leaf: Shape; property: PropertyShape }>((tie) => ({
    leaf: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(...plain, ...coded).map((kind): Shape => ({ kind })),
      },
      literalValue.map((value): Shape => ({ kind: 'literal', value })),
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
      fc.record({ kind: fc.constant('array' as const), item: tie('shape') }),
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

/** Any value of a shape. */
export function anyOf(of: Shape, depth = 0): fc.Arbitrary<unknown> {
  const inner = (shape: Shape) => anyOf(shape, depth + 1);
  switch (of.kind) {
    case 'string':
      return text;
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
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
      return fc.array(inner(of.item), { maxLength: 4 });
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
