import test from 'ava';
import fc from 'fast-check';
import { evaluateKey } from '../../runtime/contract/key.js';
import { testDatabase } from '../support/database.js';

const database = await testDatabase();

/** What breaks texts: braces, dots, quotes, backslashes, replacement patterns, spaces, all planes, half of them marks. */
const character = fc.oneof(
  fc.constantFrom(
    ...'{}.\'"\\$&%_ \n\t*()[]|^?+-/:,;<>@#~`',
    '\u0301',
    '\u202e',
    '\u00a0',
    '\ufeff',
    '💥',
    'ß',
    'İ',
  ),
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 1 })
    .filter((text) => !/\p{Surrogate}/u.test(text)),
);
const hostile = fc
  .array(character, { maxLength: 12 })
  .map((characters) => characters.join('').replaceAll('\0', ''));
const fieldName = hostile
  .map((name) => name.replaceAll(/[{}.]/g, ''))
  .filter((n) => n !== '__proto__');
const literal = hostile.map((text) => text.replaceAll('{', '{{').replaceAll('}', '}}'));
const value = fc.oneof(
  hostile,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1e15, -1e15),
);

const cases = fc
  .uniqueArray(fc.tuple(fieldName, fieldName, value, literal), {
    minLength: 1,
    maxLength: 4,
    selector: ([outer]) => outer,
  })
  .map((fields) => ({
    template: fields
      .map(([outer, inner, , text]) => `${text}{${outer}}${text}{deep.${outer}.${inner}}`)
      .join(''),
    args: {
      ...Object.fromEntries(fields.map(([outer, , is]) => [outer, is])),
      deep: Object.fromEntries(fields.map(([outer, inner, is]) => [outer, { [inner]: is }])),
    },
  }))
  .filter(({ template, args }) => !template.includes('{deep}') && typeof args.deep === 'object');

async function inSql(template: string, args: unknown): Promise<string> {
  const { rows } = await database.pool.query('select pgsched._key($1, $2::jsonb) as key', [
    template,
    JSON.stringify(args),
  ]);
  return rows[0].key;
}

test('a template makes the same key in SQL as in TypeScript, whatever the fields are called and hold', async (t) => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ template, args }) => {
      const stored = JSON.parse(JSON.stringify(args));
      t.is(await inSql(template, args), evaluateKey(template, stored));
    }),
    { numRuns: 500 },
  );
});

test('so does a template whose braces do not match', async (t) => {
  for (const template of ['{', '}', 'a{b', 'a}b', '{{}', '{}}', '{a}}', '{{a}', '}{', '{}']) {
    const args = { a: 'A', '': 'nameless' };
    t.is(await inSql(template, args), evaluateKey(template, args), template);
  }
});

test('what makes no key in TypeScript makes none in SQL', async (t) => {
  const refused = [
    {},
    { a: null },
    { a: 1.5 },
    { a: 2 ** 53 },
    { a: -(2 ** 53) },
    { a: {} },
    { a: [] },
    [],
    'a',
    1,
    null,
  ];
  for (const args of refused) {
    t.throws(() => evaluateKey('x:{a}', args), { code: 'PGS2001' });
    await t.throwsAsync(inSql('x:{a}', args), { message: /^The key x:\{a\} needs / });
  }
  await t.throwsAsync(
    database.pool.query(`select pgsched._key('x:{a}', null)`),
    { message: /at \{a\}; got nothing/ },
    'no args at all',
  );
});
