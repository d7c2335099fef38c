import test from 'ava';
import fc from 'fast-check';
import { misfitsOf } from '../../../generator/compare/fit/fit.js';
import type { Way } from '../../../generator/compare/fit/misfit.js';
import { shapeCodec } from '../../../runtime/contract/shape.js';
import { shapeFaults } from '../../../runtime/contract/shape-faults.js';
import type { PropertyShape, Shape } from '../../../runtime/contract/types.js';
import { anyOf, definitions, shape } from '../../contract/shapes.js';

const payload = (of: Shape) => ({ shape: of, definitions });
const fits = (from: Shape, to: Shape, way: Way) =>
  misfitsOf(payload(from), payload(to), way).length === 0;

/** A shape as somebody might change it: at one place, however deep. */
function changed(of: Shape): fc.Arbitrary<Shape> {
  const here = fc.oneof(
    shape,
    fc.constant<Shape>({ kind: 'json' }),
    shape.map((other): Shape => ({ kind: 'union', members: [of, other] })),
    fc.constant<Shape>({ kind: 'union', members: [of, { kind: 'null' }] }),
    fc.constant<Shape>({ kind: 'array', item: of }),
  );
  const deeper = partChanged(of);
  return deeper === null
    ? here
    : fc.oneof({ weight: 1, arbitrary: here }, { weight: 4, arbitrary: deeper });
}

function partChanged(of: Shape): fc.Arbitrary<Shape> | null {
  switch (of.kind) {
    case 'array':
    case 'set':
      return fc.oneof(
        changed(of.item).map((item): Shape => ({ ...of, item })),
        fc.constantFrom<Shape>(
          { kind: 'array', item: of.item },
          { kind: 'set', item: of.item },
          { kind: 'tuple', items: [], rest: of.item },
          { kind: 'tuple', items: [of.item] },
        ),
      );
    case 'map':
      return fc.oneof(
        changed(of.key).map((key): Shape => ({ ...of, key })),
        changed(of.value).map((value): Shape => ({ ...of, value })),
        fc.constant<Shape>({ kind: 'array', item: { kind: 'tuple', items: [of.key, of.value] } }),
      );
    case 'record':
      return fc.oneof(
        changed(of.value).map((value): Shape => ({ ...of, value })),
        property(of.value).map((one): Shape => ({ kind: 'object', properties: [one] })),
      );
    case 'tuple':
      return fc.oneof(
        changeOne(of.items, changed).map((items): Shape => ({ ...of, items })),
        fc.constant<Shape>({ kind: 'tuple', items: of.items }),
        shape.map((rest): Shape => ({ ...of, rest })),
        shape.map((last): Shape => ({ ...of, items: [...of.items, last] })),
        shape.map((item): Shape => ({ kind: 'array', item })),
      );
    case 'object':
      return fc.oneof(
        changeOne(of.properties, changedProperty).map(
          (properties): Shape => ({ ...of, properties }),
        ),
        shape.chain(property).map(
          (one): Shape => ({
            ...of,
            properties: [...of.properties.filter(({ name }) => name !== one.name), one],
          }),
        ),
        dropOne(of.properties).map((properties): Shape => ({ ...of, properties })),
        shape.map((value): Shape => ({ kind: 'record', value })),
      );
    case 'union':
      return fc.oneof(
        changeOne(of.members, changed).map((members): Shape => ({ ...of, members })),
        dropOne(of.members).map((members): Shape => ({ ...of, members })),
        shape.map((member): Shape => ({ ...of, members: [...of.members, member] })),
      );
    case 'ref':
      return fc.constant(definitions[of.name] as Shape);
    default:
      return null;
  }
}

function property(of: Shape): fc.Arbitrary<PropertyShape> {
  return fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'kind', '__proto__'),
    optional: fc.boolean(),
    shape: fc.constant(of),
  });
}

function changedProperty(of: PropertyShape): fc.Arbitrary<PropertyShape> {
  return fc.oneof(
    fc.constant({ ...of, optional: !of.optional }),
    changed(of.shape).map((inner) => ({ ...of, shape: inner })),
  );
}

function changeOne<T>(
  items: readonly T[],
  change: (item: T) => fc.Arbitrary<T>,
): fc.Arbitrary<T[]> {
  if (items.length === 0) return fc.constant([]);
  return fc
    .nat(items.length - 1)
    .chain((at) => change(items[at] as T).map((item) => items.with(at, item)));
}

function dropOne<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.nat(items.length).map((at) => items.toSpliced(at, 1));
}

/** A shape that became another one, and both can be in a contract. */
const change = shape
  .chain((from) => fc.tuple(fc.constant(from), changed(from)))
  .filter(([, to]) => shapeFaults(to, definitions).length === 0);

test('no shape has a misfit with itself, whichever way its values go', (t) => {
  fc.assert(
    fc.property(shape, fc.constantFrom<Way>('stored', 'passed', 'given'), (of, way) =>
      fits(of, of, way),
    ),
    { numRuns: 1_000 },
  );
  t.pass();
});

test('a row that is said to fit is read by the new codec: no safe verdict is false', (t) => {
  let differing = 0;
  fc.assert(
    fc.property(
      change.chain(([from, to]) => fc.tuple(fc.constant(from), fc.constant(to), anyOf(from))),
      ([from, to, value]) => {
        if (!fits(from, to, 'stored')) return;
        if (JSON.stringify(from) !== JSON.stringify(to)) differing += 1;
        const stored = shapeCodec(from, definitions).encode(value);
        if (!stored.ok) throw new Error(`not written: ${JSON.stringify(stored.issues)}`);
        const read = shapeCodec(to, definitions).decode(JSON.parse(JSON.stringify(stored.value)));
        if (!read.ok) throw new Error(`not read: ${JSON.stringify(read.issues)}`);
      },
    ),
    { numRuns: 6_000 },
  );
  t.true(differing > 1_000);
});

test('what callers pass and is said to be taken is taken by the new codec', (t) => {
  let differing = 0;
  fc.assert(
    fc.property(
      change.chain(([from, to]) => fc.tuple(fc.constant(from), fc.constant(to), anyOf(from))),
      ([from, to, value]) => {
        if (!fits(from, to, 'passed')) return;
        if (JSON.stringify(from) !== JSON.stringify(to)) differing += 1;
        const written = shapeCodec(to, definitions).encode(value);
        if (!written.ok) throw new Error(`not taken: ${JSON.stringify(written.issues)}`);
      },
    ),
    { numRuns: 6_000 },
  );
  t.true(differing > 1_000);
});
