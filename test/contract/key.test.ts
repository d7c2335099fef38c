import test from 'ava';
import { evaluateKey } from '../../runtime/contract/key.js';

const keys: Record<string, [template: string, stored: unknown, key: string]> = {
  'a number': ['receipt:{orderId}', { orderId: 7 }, 'receipt:7'],
  'a text, and the same field twice': ['{to}/{to}', { to: 'é{to}' }, 'é{to}/é{to}'],
  'a boolean': ['{dry}', { dry: false }, 'false'],
  'a bigint, stored as text': ['{id}', { id: '9223372036854775807' }, '9223372036854775807'],
  'the greatest safe integer': ['{n}', { n: 2 ** 53 - 1 }, '9007199254740991'],
  'minus zero': ['{n}', { n: -0 }, '0'],
  'a nested field': ['{order.id}', { order: { id: 7 } }, '7'],
  'a field without a name': ['{}', { '': 'x' }, 'x'],
  'no field': ['nightly', null, 'nightly'],
  'doubled braces': ['{{{a}}} {{b}}', { a: 1 }, '{1} {b}'],
  'a field that looks like a replacement pattern': ['{a}', { a: '$&$1' }, '$&$1'],
};

for (const [title, [template, stored, key]] of Object.entries(keys)) {
  test(`a key of ${title}`, (t) => t.is(evaluateKey(template, stored), key));
}

const refused: Record<string, [stored: unknown, got: string]> = {
  'a missing field': [{}, 'nothing'],
  null: [{ a: { b: null } }, 'null'],
  'a fraction': [{ a: { b: 1.5 } }, '1.5'],
  'an unsafe integer': [{ a: { b: 2 ** 53 } }, '9007199254740992'],
  'an object': [{ a: { b: {} } }, 'an object'],
  'what every object inherits': [{ a: Object.create({ b: 'x' }) }, 'nothing'],
  'no args at all': [null, 'nothing'],
};

for (const [title, [stored, got]] of Object.entries(refused)) {
  test(`no key is made of ${title}`, (t) => {
    const error = t.throws(() => evaluateKey('x:{a.b}', stored), { code: 'PGS2001' });
    const message = `expected text, boolean or safe integer for the key \`x:{a.b}\`, got ${got}`;
    t.deepEqual((error as unknown as { details: unknown }).details, {
      issues: [{ path: 'a.b', message }],
    });
  });
}
