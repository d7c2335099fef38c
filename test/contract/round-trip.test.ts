import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { shapeCodec } from '../../runtime/contract/shape.js';
import { anyOf, anything, comparable, definitions, shape } from './shapes.js';

const shapeAndValue = shape.chain((of) => fc.tuple(fc.constant(of), anyOf(of)));

test('a value of any shape comes back from its JSON text as it was', (t) => {
  fc.assert(
    fc.property(shapeAndValue, ([of, value]) => {
      const codec = shapeCodec(of, definitions);
      const encoded = codec.encode(value);
      if (!encoded.ok) throw new Error(`refused: ${JSON.stringify(encoded.issues)}`);
      const decoded = codec.decode(JSON.parse(JSON.stringify(encoded.value)));
      if (!decoded.ok) throw new Error(`not read: ${JSON.stringify(decoded.issues)}`);
      return isDeepStrictEqual(comparable(decoded.value), comparable(value));
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

test('what is encoded from a decoded value is what was stored', (t) => {
  fc.assert(
    fc.property(shapeAndValue, ([of, value]) => {
      const codec = shapeCodec(of, definitions);
      const stored = codec.encode(value);
      const decoded = stored.ok ? codec.decode(stored.value) : null;
      const again = decoded?.ok && codec.encode(decoded.value);
      return isDeepStrictEqual(again, stored);
    }),
    { numRuns: 1_000 },
  );
  t.pass();
});

test('no value whatever makes a codec throw, and every refusal is short', (t) => {
  fc.assert(
    fc.property(shape, anything, (of, value) => {
      const codec = shapeCodec(of, definitions);
      for (const outcome of [codec.encode(value), codec.decode(value)]) {
        const issues = outcome.ok ? [] : outcome.issues;
        if (!outcome.ok && issues.length === 0) return false;
        if (issues.some(({ path, message }) => path.length > 200 || message.length > 301)) {
          return false;
        }
      }
      return true;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});
