import test from 'ava';
import { formats } from '../../runtime/contract/shape/formats.js';
import type { TextFormat } from '../../runtime/contract/types.js';
import { formatTexts } from './format-texts.js';

for (const [format, { fit, unfit }] of Object.entries(formatTexts)) {
  test(`${format} is what its standard says`, (t) => {
    const { fits } = formats[format as TextFormat];
    for (const text of fit) t.true(fits(text), text);
    for (const text of unfit) t.false(fits(text), text);
  });
}

test('a long text is refused as fast as it is read', (t) => {
  const long = [
    'a'.repeat(100_000),
    'a.'.repeat(50_000),
    ':'.repeat(100_000),
    '1:'.repeat(50_000),
    `x:${'%41'.repeat(30_000)}`,
  ];
  const started = performance.now();
  for (const { fits } of Object.values(formats)) {
    for (const text of long) fits(`${text}\n`);
    for (const text of long) fits(`x://${text}\n`);
  }
  t.true(performance.now() - started < 2_000);
});
