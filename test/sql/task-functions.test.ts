import test from 'ava';
import fc from 'fast-check';
import { bindClient } from '../../runtime/client/bind-client.js';
import type { EnqueueTask } from '../../runtime/client/types.js';
import type { PropertyShape, Shape } from '../../runtime/contract/types.js';
import { text } from '../contract/shapes.js';
import { contractOf } from '../support/contract.js';
import { testDatabase } from '../support/database.js';
import { type Enqueued, job, row, rows } from '../support/sql.js';
import { defineFunctions } from '../support/task-functions.js';

const database = await testDatabase();
const { pool } = database;

const nullable = (shape: Shape): Shape => ({ kind: 'union', members: [shape, { kind: 'null' }] });
const list = (item: Shape): Shape => ({ kind: 'array', item });
const words = ['short', "it's", 'back\\slash'].map((value): Shape => ({ kind: 'literal', value }));

const maybe: Readonly<Record<string, Shape>> = {
  number: { kind: 'number' },
  text: { kind: 'string' },
  flag: { kind: 'boolean' },
  date: { kind: 'date' },
  whole: { kind: 'bigint' },
  bytes: { kind: 'bytes' },
  url: { kind: 'url' },
  word: { kind: 'union', members: words },
  digit: { kind: 'union', members: [1, 2].map((value) => ({ kind: 'literal', value })) },
  code: { kind: 'template', parts: ['x-', ''], types: ['number'] },
  maybeDate: nullable({ kind: 'date' }),
  numbers: list({ kind: 'number' }),
  texts: list({ kind: 'string' }),
  dates: list(nullable({ kind: 'date' })),
  blobs: list({ kind: 'bytes' }),
  nested: {
    kind: 'object',
    properties: [{ name: 'at', optional: false, shape: { kind: 'date' } }],
  },
  'it\'s "odd" \\ $1 %s': { kind: 'string' },
  ['__proto__']: { kind: 'string' },
};

const fields = (shapes: Readonly<Record<string, Shape>>, optional: boolean): PropertyShape[] =>
  Object.entries(shapes).map(([name, shape]) => ({ name, optional, shape }));

const contract = contractOf({
  'mail.sendReceipt': {
    args: {
      kind: 'object',
      properties: [
        ...fields({ note: { kind: 'string' } }, true),
        ...fields(
          { orderId: { kind: 'number' }, to: { kind: 'string' }, at: { kind: 'date' } },
          false,
        ),
        ...fields({ cc: nullable({ kind: 'string' }) }, false),
      ],
    },
    key: 'receipt:{orderId}',
  },
  any: { args: { kind: 'object', properties: fields(maybe, true) } },
  tick: {},
  nothing: { args: { kind: 'object', properties: [] } },
  table: { args: { kind: 'record', value: { kind: 'number' } } },
  names: {
    args: {
      kind: 'object',
      properties: fields(
        Object.fromEntries(
          ['f', 'i', 'name', 'value', 'item', 'place', 'found', 'task', 'args'].map((name) => [
            name,
            list({ kind: 'string' }),
          ]),
        ),
        true,
      ),
    },
  },
  taken: {
    args: {
      kind: 'object',
      properties: fields(
        { key: { kind: 'string' }, jobKey: { kind: 'string' }, topic: { kind: 'number' } },
        false,
      ),
    },
  },
});
await defineFunctions(await database.connect(), contract.tasks);

type Loose = Readonly<Record<string, EnqueueTask<unknown, unknown>>>;
const client = bindClient<{ enqueue: Loose; close(): Promise<void> }>(contract, null, { pool });
test.after.always(() => client.close());

function call(name: string, args: string, values: unknown[] = []): Promise<Enqueued> {
  return row(pool, `select * from pgsched.enqueue_${name}(${args})`, values);
}

/** The args as the table has them, byte for byte. */
async function stored(id: string | undefined): Promise<string | null> {
  const found = await row<{ args: string | null }>(
    pool,
    'select args::text from pgsched.all_jobs where id = $1',
    [id],
  );
  return found.args;
}

test('named arguments, required and optional, with the options of every enqueue', async (t) => {
  const { id, outcome } = await call(
    'mail_send_receipt',
    `order_id => 7, "to" => 'ada@example.org', at => '2030-01-31T09:00:00+01', cc => null,
     run_at => '2040-01-01T00:00Z', priority => 10, topic => 'mail.eu', headers => '{"from": "sql"}', start_within => '1 h'`,
  );
  t.is(outcome, 'created');
  t.like(await job(pool, id), {
    task: 'mail.sendReceipt',
    args: { orderId: 7, to: 'ada@example.org', at: '2030-01-31T08:00:00.000Z', cc: null },
    run_at: new Date('2040-01-01T00:00Z'),
    priority: 10,
    topic: 'mail.eu',
    headers: { from: 'sql' },
    key: 'receipt:7',
  });
  const again = `order_id => 7, "to" => '', at => now(), cc => '', note => 'x'`;
  t.deepEqual(await call('mail_send_receipt', again), { id, outcome: 'duplicate' });
  t.is((await call('mail_send_receipt', `${again}, on_conflict => 'ignore'`)).outcome, 'existing');
  const other = await call('mail_send_receipt', `${again}, key => 'other', delay => '1 h'`);
  t.like(await job(pool, other.id), { key: 'other' });
});

test('a required field must be given: left out there is no such function, null is refused by name', async (t) => {
  await t.throwsAsync(call('mail_send_receipt', 'order_id => 7'), { code: '42883' });
  const refused = await t.throwsAsync(
    call('mail_send_receipt', `order_id => 7, "to" => null, at => now(), cc => null`),
    { message: 'to of mail.sendReceipt must be given; got null.' },
  );
  t.like(refused, { code: '22023', detail: 'PGS2001 InvalidArgs' });
});

test('a task without args, one whose args have no fields, and one whose fields are not known', async (t) => {
  t.is(await stored((await call('tick', '')).id), null);
  t.is(await stored((await call('nothing', '')).id), '{}');
  t.is(await stored((await call('table', `'{"a": 1}'`)).id), '{"a": 1}');
  t.is(await stored((await call('table', `args => '{}'`)).id), '{}');
  await t.throwsAsync(call('table', 'null'), { message: 'args of table must be given; got null.' });
});

test('an option whose name a field has is job_…', async (t) => {
  const { id } = await call(
    'taken',
    `key => 'field', job_key => 'other field', topic => 1, job_job_key => 'option', job_topic => 'x'`,
  );
  t.like(await job(pool, id), {
    args: { key: 'field', jobKey: 'other field', topic: 1 },
    key: 'option',
    topic: 'x',
  });
});

test('fields may be called as whatever a function is made of', async (t) => {
  const names = ['f', 'i', 'name', 'value', 'item', 'place', 'found', 'task', 'args'];
  const { id } = await call('names', names.map((name) => `${name} => '{${name}}'`).join(', '));
  t.like(await job(pool, id), { args: Object.fromEntries(names.map((name) => [name, [name]])) });
});

/** Values as SQL and TypeScript write them: what is stored must be the same, byte for byte. */
const alike: readonly (readonly [field: string, sql: string, value: unknown])[] = [
  ['number', '7', 7],
  ['number', '0.1', 0.1],
  ['number', `'-0'`, -0],
  ['number', '1e21', 1e21],
  ['number', '1e-7', 1e-7],
  ['number', '1e23', 1e23],
  ['number', `'5e-324'`, 5e-324],
  ['number', `'1.7976931348623157e308'`, Number.MAX_VALUE],
  ['number', '9007199254740993::bigint', 9007199254740992],
  ['number', '18014398509481990', 18014398509481990],
  ['number', '1::numeric / 3', 1 / 3],
  ['text', `''`, ''],
  ['text', `E'\\n"\\\\'' \\u2028 💥 {a} $1 %s'`, `\n"\\' \u2028 💥 {a} $1 %s`],
  ['flag', 'false', false],
  ['date', `'2030-01-31T09:00:00.123456+02'`, new Date('2030-01-31T07:00:00.123Z')],
  ['date', `'1969-12-31T23:59:59.9999Z'`, new Date(-1)],
  ['date', `'0001-01-01T00:00:00Z'`, new Date('0001-01-01T00:00:00Z')],
  ['date', `'0001-12-31T00:00:00Z BC'`, new Date('0000-12-31T00:00:00Z')],
  ['date', `'4713-01-01T00:00:00Z BC'`, new Date('-004712-01-01T00:00:00Z')],
  ['date', `'9999-12-31T23:59:59.999Z'`, new Date('9999-12-31T23:59:59.999Z')],
  ['date', `'10000-01-01T00:00:00Z'`, new Date('+010000-01-01T00:00:00Z')],
  ['date', `'275760-09-13T00:00:00Z'`, new Date(8.64e15)],
  ['whole', '0', 0n],
  ['whole', '-12.000', -12n],
  ['whole', '1e30', 10n ** 30n],
  ['bytes', `''`, new Uint8Array()],
  [
    'bytes',
    `decode(repeat('00ff10', 40), 'hex')`,
    Uint8Array.from(Buffer.from('00ff10'.repeat(40), 'hex')),
  ],
  ['url', `'https://example.org/%C3%A9?a=1'`, new URL('https://example.org/é?a=1')],
  ['word', `'it''s'`, "it's"],
  ['word', `E'back\\\\slash'`, 'back\\slash'],
  ['digit', '2', 2],
  ['code', `'x-7'`, 'x-7'],
  ['maybe_date', `'2030-01-01T00:00Z'`, new Date('2030-01-01T00:00Z')],
  ['numbers', `'{}'`, []],
  ['numbers', `array[1, -0.5, 1e21]`, [1, -0.5, 1e21]],
  ['texts', `'{"a,b", "null", ""}'`, ['a,b', 'null', '']],
  ['texts', `'[5:6]={a,b}'`, ['a', 'b']],
  [
    'dates',
    `array['2030-01-01T00:00Z', null]::timestamptz[]`,
    [new Date('2030-01-01T00:00Z'), null],
  ],
  ['blobs', `array['\\x00'::bytea]`, [Uint8Array.of(0)]],
  ['nested', `'{"at": "2030-01-01T00:00:00.000Z"}'`, { at: new Date('2030-01-01T00:00Z') }],
  [`"it_s__odd_____1__s"`, `'x'`, 'x'],
  ['__proto__', `'x'`, 'x'],
];

const fieldOf = new Map([
  ['maybe_date', 'maybeDate'],
  ['"it_s__odd_____1__s"', 'it\'s "odd" \\ $1 %s'],
]);

for (const [name, sql, value] of alike) {
  test(`${name} => ${sql} is stored as TypeScript stores it`, async (t) => {
    const args = Object.fromEntries([[fieldOf.get(name) ?? name, value]]);
    const expected = await stored((await client.enqueue['any']?.(args))?.id);
    t.is(await stored((await call('any', `${name} => ${sql}`)).id), expected);
  });
}

test('null in an optional argument is an absent field', async (t) => {
  const names = Object.keys(maybe).filter((name) => /^[a-z]+$/.test(name));
  const { id } = await call('any', names.map((name) => `${name} => null`).join(', '));
  t.is(await stored(id), '{}');
});

const refused: readonly (readonly [args: string, message: string])[] = [
  [`number => 'NaN'`, 'number of any must be a finite number; got NaN.'],
  [`number => '-infinity'`, 'number of any must be a finite number; got -Infinity.'],
  [
    `date => 'infinity'`,
    'date of any must be an instant that JavaScript has, up to 275760-09-13; got infinity.',
  ],
  [
    `date => '-infinity'`,
    'date of any must be an instant that JavaScript has, up to 275760-09-13; got -infinity.',
  ],
  [
    `date => '275760-09-13T00:00:00.001Z'`,
    'date of any must be an instant that JavaScript has, up to 275760-09-13; got 275760-09-13 00:00:00.001+00.',
  ],
  [`whole => 1.5`, 'whole of any must be a whole number; got 1.5.'],
  [`whole => 'NaN'`, 'whole of any must be a whole number; got NaN.'],
  [`whole => 'infinity'`, 'whole of any must be a whole number; got Infinity.'],
  [`word => 'shrt'`, `word of any must be 'short' or 'it''s' or E'back\\\\slash'; got 'shrt'.`],
  [`numbers => '{1, NaN}'`, 'numbers of any must be a finite number; got NaN.'],
  [`numbers => '{1, null}'`, 'numbers of any must be given; got null.'],
  [`texts => '{{a},{b}}'`, 'texts of any must be an array of one dimension; got {{a},{b}}.'],
];

test('what cannot be carried is refused, with the field and the task', async (t) => {
  const session = await database.connect();
  await session.query(`set timezone = 'UTC'`);
  for (const [args, message] of refused) {
    const error = await t.throwsAsync(
      session.query(`select pgsched.enqueue_any(${args})`),
      { message },
      args,
    );
    t.like(error, { code: '22023', detail: 'PGS2001 InvalidArgs' }, args);
  }
});

test('no setting of the caller’s session changes what is stored', async (t) => {
  const session = await database.connect();
  await session.query(`set extra_float_digits = -15; set datestyle = 'SQL, DMY'; set timezone = 'Asia/Kathmandu';
    set standard_conforming_strings = off; set bytea_output = 'escape'; set lc_numeric = 'C'; set intervalstyle = 'iso_8601';
    set search_path = pg_temp`);
  const { rows: found } = await session.query(
    `select (pgsched.enqueue_any(number => 0.1 + 0.2, date => to_timestamp(0.5), bytes => decode('ff', 'hex'),
       word => E'back\\\\slash', "it_s__odd_____1__s" => E'\\\\')).id`,
  );
  const args = {
    number: 0.3,
    date: new Date(500),
    bytes: Uint8Array.of(255),
    word: 'back\\slash',
    'it\'s "odd" \\ $1 %s': '\\',
  };
  const expected = await client.enqueue['any']?.(args);
  t.is(await stored(found[0].id), await stored(expected?.id));
});

/** Any values of one field: those of the table as SQL was given them, against those that TypeScript has stored. */
async function sameForAll(
  t: { deepEqual(a: unknown, b: unknown): void },
  field: string,
  values: readonly unknown[],
  sql: string,
  texts: readonly string[],
): Promise<void> {
  const handles = await client.enqueue['any']?.many(values.map((value) => ({ [field]: value })));
  const written = await rows<{ args: string }>(
    pool,
    `select j.args::text as args from unnest($1::bigint[]) with ordinality i(id, place) join pgsched.job j using (id) order by place`,
    [handles?.map(({ id }) => id)],
  );
  const made = await rows<{ args: string }>(
    pool,
    `with made as materialized (
       select place, (pgsched.enqueue_any(${field} => ${sql})).id from unnest($1::text[]) with ordinality i(value, place))
     select place, id from made order by place`,
    [texts],
  );
  const read = await rows<{ args: string }>(
    pool,
    `select j.args::text as args from unnest($1::bigint[]) with ordinality i(id, place) join pgsched.job j using (id) order by place`,
    [made.map((found) => (found as unknown as { id: string }).id)],
  );
  t.deepEqual(read, written);
}

const seed = 7;

test('any number, of any size, has the digits that JavaScript writes', async (t) => {
  const bits = fc
    .bigInt({ min: 0n, max: 2n ** 64n - 1n })
    .map((n) => new Float64Array(BigUint64Array.of(n).buffer)[0] as number);
  const great = fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }).map(Number);
  const decimal = fc
    .tuple(fc.integer({ min: 1, max: 99999 }), fc.integer({ min: 15, max: 40 }))
    .map(([n, e]) => Number(`${n}e${e}`));
  const any = fc.oneof(bits, great, decimal, fc.double()).filter(Number.isFinite);
  const values = fc.sample(any, { numRuns: 800, seed });
  await sameForAll(t, 'number', values, 'value::float8', values.map(String));
});

test('any instant that both have', async (t) => {
  const range = {
    min: new Date('-004712-01-01T00:00Z'),
    max: new Date(8.64e15),
    noInvalidDate: true,
  };
  const values = fc.sample(fc.date(range), { numRuns: 300, seed });
  const texts = values.map((date) => String(date.getTime()));
  await sameForAll(
    t,
    'date',
    values,
    `timestamptz 'epoch' + (value || ' milliseconds')::interval`,
    texts,
  );
});

test('any text, bytes and bigint', async (t) => {
  const texts = fc.sample(text, { numRuns: 200, seed });
  await sameForAll(t, 'text', texts, 'value', texts);
  const blobs = fc.sample(fc.uint8Array({ maxLength: 200 }), { numRuns: 100, seed });
  await sameForAll(
    t,
    'bytes',
    blobs,
    `decode(value, 'hex')`,
    blobs.map((bytes) => Buffer.from(bytes).toString('hex')),
  );
  const whole = fc.sample(fc.bigInt(), { numRuns: 100, seed });
  await sameForAll(t, 'whole', whole, 'value::numeric', whole.map(String));
});
