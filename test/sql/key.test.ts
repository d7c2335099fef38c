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
const fieldName = fc.oneof(
  { weight: 4, arbitrary: hostile.map((name) => name.replaceAll(/[{}.]/g, '')) },
  // What is a place of a list to SQL, or a field of every object to JavaScript.
  fc.constantFrom('0', '-1', '00', ' 1', '1e0', 'length', '__proto__', 'constructor', 'null', ''),
);
const literal = hostile.map((text) => text.replaceAll('{', '{{').replaceAll('}', '}}'));
const value = fc.oneof(
  hostile,
  hostile.map((text) => text.repeat(1_000)),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1e15, -1e15, 2 ** 53 - 1, 1 - 2 ** 53),
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

function inSql(template: string, args: unknown): Promise<string> {
  return inSqlOf(template, JSON.stringify(args));
}

async function inSqlOf(template: string, json: string): Promise<string> {
  const { rows } = await database.pool.query('select pgsched._key($1, $2::jsonb) as key', [
    template,
    json,
  ]);
  return rows[0].key;
}

function keyOrNone(template: string, stored: unknown): string | null {
  try {
    return evaluateKey(template, stored);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'PGS2001') return null;
    throw error;
  }
}

/** Another failure than a refusal is no answer. */
function refusedOnly(error: { code?: unknown }): null {
  if (error.code === '22023') return null;
  throw error;
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

/** Values within fields and lists, and a path that mostly leads to one. */
const pathAndArgs = fc
  .tuple(
    fc.array(fc.tuple(fieldName, fc.constantFrom('field', 'field', 'field', 'list')), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.oneof(
      { weight: 4, arbitrary: value },
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.jsonValue({ maxDepth: 1 }),
    ),
    fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, fieldName),
  )
  .map(([steps, end, astray]) => ({
    path: [...steps.map(([name]) => name), ...(astray === null ? [] : [astray])].join('.'),
    args: steps.reduceRight<unknown>(
      (inner, [name, within]) => (within === 'list' ? [inner, inner] : { [name]: inner }),
      end,
    ),
  }));

test('any path into any args makes the same key in both, or none in either', async (t) => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(pathAndArgs, async ({ path, args }) => {
      const stored = JSON.parse(JSON.stringify(args));
      const key = keyOrNone(`{${path}}`, stored);
      const same = await inSql(`{${path}}`, stored).catch(refusedOnly);
      t.is(same, key, `{${path}} in ${JSON.stringify(stored)}`);
      if (key !== null) made++;
    }),
    { numRuns: 500 },
  );
  t.true(made > 50, `only ${made} keys were made`);
});

test('a number makes a key where it is a safe integer, and nowhere else', async (t) => {
  const whole = [0, -0, 1, 2 ** 53 - 1, 1 - 2 ** 53, 1e15];
  const other = [2 ** 53, -(2 ** 53), 1e21, 1e300, 0.5, -0.5, 1e-7, 5e-324, 2 ** 51 + 0.5];
  for (const n of [...whole, ...other]) {
    const key = keyOrNone('{n}', { n });
    t.is(key, whole.includes(n) ? String(n + 0) : null);
    t.is(await inSql('{n}', { n }).catch(refusedOnly), key, String(n));
  }
});

test('SQL sees digits that no number of JavaScript has, and makes no key of what it would round', async (t) => {
  await t.throwsAsync(inSqlOf('{n}', '{"n":9007199254740991.4}'), { message: /safe integer/ });
  await t.throwsAsync(inSqlOf('{n}', '{"n":1e-400}'), { message: /safe integer/ });
  t.is(await inSqlOf('{n}', '{"n":7.000}'), '7');
  t.is(await inSqlOf('{n}', '{"n":1e3}'), '1000');
});

test('a list and a text have no fields that make a key', async (t) => {
  const args = { list: ['x', 'y'], text: 'xy' };
  for (const path of ['list.0', 'list.-1', 'list.00', 'list.length', 'text.0', 'text.length']) {
    t.is(keyOrNone(`{${path}}`, args), null, path);
    t.is(await inSql(`{${path}}`, args).catch(refusedOnly), null, path);
  }
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
