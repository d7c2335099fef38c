import test from 'ava';
import fc from 'fast-check';
import { schemaMaker } from '../../generator/emit/shape-schema.js';
import { shapeCodec } from '../../runtime/contract/shape.js';
import type { Shape } from '../../runtime/contract/types.js';
import { formatTexts } from '../contract/format-texts.js';
import { anyOf, definitions, shape } from '../contract/shapes.js';
import { validator } from './validator.js';

/** The validator skips this name, wherever it stands. */
const isOrdinary = (value: unknown) => !JSON.stringify(value).includes('__proto__');

const { Chain } = definitions as { Chain: Shape };
const ordinaryShape = shape.filter((of) => isOrdinary(of) && !JSON.stringify(of).includes('Tree'));

function schemaOf(of: Shape) {
  const { placed, present } = schemaMaker({ Chain });
  return {
    $ref: '#/$defs/value',
    $defs: { value: placed(of), Chain: present(Chain) },
  };
}

/** What is stored of a value. */
function stored(of: Shape, value: unknown): unknown {
  const encoded = shapeCodec(of, { Chain }).encode(value);
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.issues));
  return JSON.parse(JSON.stringify(encoded.value));
}

test('the schema of any shape takes whatever is stored of it', (t) => {
  fc.assert(
    fc.property(
      ordinaryShape.chain((of) =>
        fc.tuple(fc.constant(of), fc.array(anyOf(of), { minLength: 3, maxLength: 3 })),
      ),
      ([of, values]) => {
        const validate = validator(schemaOf(of), { formats: false });
        return values
          .map((value) => stored(of, value))
          .filter(isOrdinary)
          .every((json) => validate(json));
      },
    ),
    { numRuns: 150 },
  );
  t.pass();
});

test('what the schema of any shape takes can be read', (t) => {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(
      ordinaryShape.chain((of) =>
        fc.tuple(fc.constant(of), anyOf(of), fc.array(change, { minLength: 10, maxLength: 10 })),
      ),
      ([of, value, changes]) => {
        const validate = validator(schemaOf(of), { formats: true });
        const codec = shapeCodec(of, { Chain });
        const json = stored(of, value);
        return changes
          .map((by) => changed(json, by))
          .filter(isOrdinary)
          .every((other) => {
            const taken = validate(other);
            seen[taken ? 'taken' : 'refused']++;
            return !taken || codec.decode(other).ok;
          });
      },
    ),
    { numRuns: 150 },
  );
  t.true(seen.taken > 100 && seen.refused > 100, JSON.stringify(seen));
});

test('what a format takes here, the validator takes as well', (t) => {
  for (const [format, { fit }] of Object.entries(formatTexts)) {
    const validate = validator({ type: 'string', format }, { formats: true });
    for (const text of fit) t.true(validate(text), `${format}: ${text}`);
  }
});

/** A change of one place in a JSON value: which place, counted through, and what stands there then. */
interface Change {
  readonly place: number;
  readonly by: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(12),
  by: fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      true,
      0,
      1,
      1.5,
      -7,
      '',
      'a',
      '7',
      '-07',
      'x:',
      'AA==',
      'AB==',
    ),
    fc.constantFrom('2026-01-31T12:00:00Z', '2026-02-30T12:00:00Z', '2026-01-31', 'b@c', '::'),
    fc.constantFrom([], [null], ['a', 'a'], [1, 2, 3, 4], [[1, 2]], {}, { a: 1 }, { kind: 'a' }),
  ),
});

/** The value with another at one place; without it for `undefined`. */
function changed(json: unknown, { place, by }: Change): unknown {
  let left = place;
  const visit = (value: unknown): unknown => {
    if (left-- === 0) return by;
    if (Array.isArray(value)) return value.map(visit).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, visit(part)]));
  };
  return JSON.parse(JSON.stringify(visit(json)) ?? 'null');
}
