import test from 'ava';
import fc from 'fast-check';
import { difference } from '../../generator/write/difference.js';

/** Applies a hunk as `patch` does. */
function patched(text: string, hunk: string): string {
  const [head = '', ...body] = hunk.split('\n');
  const [, from = '', length = ''] = /^@@ -(\d+),(\d+) \+\1,\d+ @@$/.exec(head) ?? [];
  const lines = text.split('\n');
  const kept = (mark: string) =>
    body.filter((line) => line.startsWith(mark) || line.startsWith(' '));
  const start = Number(from) - 1;
  const replaced = lines.slice(start, start + Number(length));
  if (
    replaced.join('\n') !==
    kept('-')
      .map((line) => line.slice(1))
      .join('\n')
  ) {
    throw new Error(`The hunk does not fit:\n${hunk}`);
  }
  const come = kept('+').map((line) => line.slice(1));
  return [...lines.slice(0, start), ...come, ...lines.slice(start + Number(length))].join('\n');
}

test('a hunk makes of the one text the other', (t) => {
  const text = fc.array(fc.constantFrom('a', 'b', ' c'), { maxLength: 7 }).map((l) => l.join('\n'));
  fc.assert(
    fc.property(text, text, (found, wanted) => {
      fc.pre(found !== wanted);
      t.is(patched(found, difference(found, wanted).hunk), wanted);
    }),
  );
});

test('it begins at the first line that differs', (t) => {
  t.deepEqual(difference('one\ntwo\nthree\n', 'one\n2\nthree\n'), {
    line: 2,
    hunk: '@@ -1,3 +1,3 @@\n one\n-two\n+2\n three',
  });
});

test('of a long difference the middle is left out, and counted', (t) => {
  const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}`).join('\n');
  const { hunk } = difference(`same\n${lines}`, 'same\nshort');
  t.is(
    hunk,
    `@@ -1,1001 +1,2 @@
 same
-line 0
-line 1
-line 2
-line 3
-… 992 more lines
-line 996
-line 997
-line 998
-line 999
+short`,
  );
});
