import test from 'ava';
import fc from 'fast-check';
import { fromBase64, toBase64 } from '../../runtime/contract/shape/base64.js';
import { storableText, unstorable } from '../../runtime/contract/storable.js';

test('U+0000 and lone surrogates become U+FFFD, whole pairs stay', (t) => {
  t.is(storableText('a\0b\0'), 'a\uFFFDb\uFFFD');
  t.is(storableText('\ud83d\ude00 \ud83d \ude00\ud83d'), '😀 \uFFFD \uFFFD\uFFFD');
  t.is(storableText('plain é 日本'), 'plain é 日本');
});

test('any text is storable afterwards, of the same length, and storable text is left alone', (t) => {
  const anyText = fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units));
  const hostile = fc.oneof(
    anyText,
    fc.string({ unit: fc.constantFrom('\0', '\ud83d', '\ude00', 'a') }),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const storable = storableText(text);
      return (
        unstorable(storable) === null &&
        storable.length === text.length &&
        (unstorable(text) !== null || storable === text)
      );
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('base64 is that of Buffer, both ways, at any length', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 12_280, max: 12_300 }).map((length) => new Uint8Array(length).fill(0xfb)),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      const text = toBase64(given);
      const back = fromBase64(text);
      return (
        text === Buffer.from(given).toString('base64') &&
        back !== null &&
        Buffer.compare(back, given) === 0
      );
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('text that is not canonical base64 is none', (t) => {
  for (const text of [
    'a',
    'ab=',
    'abc',
    'ab==',
    'abd=',
    'a===',
    '====',
    'ab!=',
    'abcé',
    'ab=c',
    '=abc',
  ]) {
    t.is(fromBase64(text), null, text);
  }
});
