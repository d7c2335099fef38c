import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { shapeCodec } from '../../runtime/contract/shape.js';
import type { Shape } from '../../runtime/contract/types.js';
import { anyOf, anything, definitions, nearly, shape } from './shapes.js';

const shapeAndValue = shape.chain((of) =>
  fc.tuple(fc.constant(of), fc.oneof(anyOf(of), anyOf(of).chain(nearly), anything)),
);

test('code of its own says of any value what the general code says: the same value, or the same problems at the same places', (t) => {
  let refused = 0;
  fc.assert(
    fc.property(shapeAndValue, ([of, value]) => {
      const general = shapeCodec(of, definitions, Number.POSITIVE_INFINITY);
      const special = shapeCodec(of, definitions, 0);
      const encoded = general.encode(value);
      t.deepEqual(special.encode(value), encoded);
      const stored = encoded.ok ? encoded.value : value;
      t.deepEqual(special.decode(stored), general.decode(stored));
      if (!encoded.ok) refused++;
    }),
    { numRuns: 1_000 },
  );
  t.true(refused > 100, `only ${refused} values were refused`);
});

test('field names are data, whatever is in them', (t) => {
  const names = ['__proto__', 'constructor', '"', "'];alert(1)//", '`', '\u2028\n', '0', ''];
  const of: Shape = {
    kind: 'object',
    properties: names.flatMap((name) => [
      { name, optional: false, shape: { kind: 'number' } as const },
      { name: `${name}?`, optional: true, shape: { kind: 'number' } as const },
    ]),
  };
  const given = Object.fromEntries(names.map((name, place) => [name, place]));
  const codec = shapeCodec(of, {}, 0);
  t.deepEqual(codec.encode(given), { ok: true, value: given });
  t.false(codec.encode({}).ok);
});

test('a codec gets code of its own when it has been used often, and answers as before', (t) => {
  const codec = shapeCodec(
    { kind: 'object', properties: [{ name: 'n', optional: false, shape: { kind: 'number' } }] },
    {},
    2,
  );
  for (let n = 0; n < 5; n++) t.deepEqual(codec.encode({ n }), { ok: true, value: { n } });
});

test('where code must not be made of text, the general code stays', async (t) => {
  const script = `
    import { shapeCodec } from './runtime/contract/shape.ts';
    const of = { kind: 'object', properties: [{ name: 'n', optional: false, shape: { kind: 'number' } }] };
    let made = true;
    try { new Function(''); } catch { made = false; }
    console.log(JSON.stringify([made, shapeCodec(of, {}, 0).encode({ n: 1, m: 2 })]));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disallow-code-generation-from-strings',
    '--import=tsx',
    '--input-type=module',
    `--eval=${script}`,
  ]);
  t.deepEqual(JSON.parse(stdout), [false, { ok: true, value: { n: 1 } }]);
});
