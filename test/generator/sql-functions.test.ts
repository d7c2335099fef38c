import test from 'ava';
import fc from 'fast-check';
import type { WrittenContract, WrittenTask } from '../../generator/emit/contract.js';
import { taskFunctions } from '../../generator/emit/sql/functions.js';
import { generate } from '../../generator/index.js';
import { argumentFields, argumentProblems } from '../../generator/sql-arguments.js';
import type { PropertyShape, Shape } from '../../runtime/contract/types.js';
import { text } from '../contract/shapes.js';
import { contractOf, object, string } from '../support/contract.js';
import { testDatabase } from '../support/database.js';
import { row } from '../support/sql.js';
import { changesOf, defineFunctions } from '../support/task-functions.js';
import { manifest } from './support/fixture.js';

const database = await testDatabase();

const made = (tasks: Readonly<Record<string, Partial<WrittenTask>>>) =>
  taskFunctions(contractOf(tasks) as WrittenContract);

/** The arguments of a task of these args, as SQL declares them, without the options. */
function argumentsOf(properties: readonly PropertyShape[]): string[] {
  const [send] = made({ send: { args: { kind: 'object', properties } } });
  return (send?.parameters.slice(0, -8) ?? []).map(
    ({ name, type, optional }) => `${name} ${type}${optional ? '?' : ''}`,
  );
}

test('a manifest gives each task its function, with the docs of the task and of its fields', async (t) => {
  const fixture = manifest(
    t,
    `mail: {
      /** Mails the receipt of one order. */
      sendReceipt: task<{
        /** As the shop numbers it. */
        orderId: number;
        to: string;
        at?: Date;
      }>(),
    },
    /**
     * Of old.
     * @deprecated Nobody reads it.
     */
    fax: task({ args: v.object({ n: v.optional(v.number(), 1) }), formerly: ['mail.fax'] }),`,
  );
  const { files } = await generate(fixture);
  const contract = JSON.parse(files.get(fixture.path('src/jobs/generated/contract.json')) ?? '');
  const functions = taskFunctions(contract);
  t.deepEqual(
    functions.map(({ name }) => name),
    ['enqueue_fax', 'enqueue_mail_fax', 'enqueue_mail_send_receipt'],
  );
  t.deepEqual(
    functions.map(({ comment }) => comment),
    [
      'Enqueues fax. Of old.\nDeprecated: Nobody reads it.',
      'Enqueues fax. Of old.\nDeprecated: mail.fax is fax now: call enqueue_fax.',
      'Enqueues mail.sendReceipt. Mails the receipt of one order.\norder_id: As the shop numbers it.',
    ],
  );
  t.is(functions[1]?.body, functions[0]?.body);
  t.is(
    functions[2]?.definition,
    `function pgsched."enqueue_mail_send_receipt"(
  "order_id" double precision,
  "to" text,
  "at" timestamp with time zone default null,
  "run_at" timestamp with time zone default null,
  "delay" interval default null,
  "priority" integer default null,
  "topic" text default null,
  "key" text default null,
  "on_conflict" text default null,
  "headers" jsonb default null,
  "start_within" interval default null
) returns pgsched.enqueued
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return pgsched.enqueue(
    'mail.sendReceipt',
    (select coalesce(jsonb_object_agg(f.name, f.value) filter (where f.value is not null), '{}')
       from (values
         ('orderId', pgsched._required(pgsched._json_number($1, 'orderId of mail.sendReceipt'), 'orderId of mail.sendReceipt')),
         ('to', pgsched._required(to_jsonb($2), 'to of mail.sendReceipt')),
         ('at', pgsched._json_instant($3, 'at of mail.sendReceipt'))
       ) as f(name, value)),
    run_at => $4, delay => $5, priority => $6, topic => $7, key => $8, on_conflict => $9, headers => $10, start_within => $11);
end
$$`,
  );
});

test('required fields come first, and what may be absent has a default', (t) => {
  const union = (...members: Shape[]): Shape => ({ kind: 'union', members });
  const nothing: Shape = { kind: 'undefined' };
  t.deepEqual(
    argumentsOf([
      { name: 'a', optional: true, shape: string },
      { name: 'b', optional: false, shape: union(string, nothing) },
      { name: 'c', optional: false, shape: union(string, { kind: 'null' }) },
      { name: 'd', optional: false, shape: string },
    ]),
    ['c text', 'd text', 'a text?', 'b text?'],
  );
});

test('each shape has its type; what SQL has no single type for is JSON', (t) => {
  const union = (...members: Shape[]): Shape => ({ kind: 'union', members });
  const list = (item: Shape): Shape => ({ kind: 'array', item });
  const literal = (value: string | number | boolean): Shape => ({ kind: 'literal', value });
  const types: readonly (readonly [Shape, string])[] = [
    [{ kind: 'string' }, 'text'],
    [{ kind: 'url' }, 'text'],
    [{ kind: 'template', parts: ['a', ''], types: ['string'] }, 'text'],
    [union(literal('a'), literal('b')), 'text'],
    [union(literal(true), literal(false)), 'boolean'],
    [union(literal(1), { kind: 'number' }), 'double precision'],
    [{ kind: 'number', integer: true } as Shape, 'bigint'],
    [{ kind: 'bigint' }, 'numeric'],
    [union({ kind: 'date' }, { kind: 'null' }), 'timestamp with time zone'],
    [{ kind: 'bytes' }, 'bytea'],
    [list(union({ kind: 'date' }, { kind: 'null' })), 'timestamp with time zone[]'],
    [list(list(string)), 'jsonb'],
    [list({ kind: 'json' }), 'jsonb'],
    [union(string, { kind: 'number' }), 'jsonb'],
    [union(list(string), string), 'jsonb'],
    [{ kind: 'set', item: string }, 'jsonb'],
    [object({ a: string }), 'jsonb'],
    [{ kind: 'null' }, 'jsonb'],
  ];
  const names = types.map((_, i) => `f${i}`);
  t.deepEqual(
    argumentsOf(types.map(([shape], i) => ({ name: `f${i}`, optional: false, shape }))),
    names.map((name, i) => `${name} ${types[i]?.[1]}`),
  );
});

test('fields whose names are no words, and would be one argument, come as one JSON', (t) => {
  const fields = (...names: string[]) =>
    argumentsOf(names.map((name) => ({ name, optional: false, shape: string })));
  t.deepEqual(fields('+', 'two words'), ['_ text', 'two_words text']);
  t.deepEqual(fields('+', '-'), ['args jsonb']);
  t.deepEqual(fields('é'.repeat(40)), ['args jsonb']);
});

test('a rename that changes only the case of letters leaves one function', (t) => {
  t.deepEqual(
    made({ sendURL: { formerly: ['sendUrl', 'sendFax'] } }).map(({ name, comment }) => [
      name,
      comment.includes('Deprecated'),
    ]),
    [
      ['enqueue_send_fax', true],
      ['enqueue_send_url', false],
    ],
  );
});

const quotes = fc.constantFrom(
  "'",
  "''",
  '"',
  '\\',
  '$$',
  '$_1$',
  '$1',
  '--',
  '/*',
  '*/',
  ';',
  ":'schema'",
  'pgsched',
  '\n',
  '\0',
  '\ud800',
  "E'",
);
const hostile = fc
  .array(fc.oneof(quotes, text), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));

test('no doc, field or literal gets out of its quotes', async (t) => {
  const client = await database.connect();
  await client.query('create table public.canary ()');
  const storable = hostile.map((found) => found.replaceAll(/\0|\p{Surrogate}/gu, ''));
  const fields = fc.uniqueArray(storable, { maxLength: 4, selector: (name) => name });
  await fc.assert(
    fc.asyncProperty(hostile, fields, storable, async (doc, names, value) => {
      const shape: Shape = {
        kind: 'union',
        members: [
          { kind: 'literal', value },
          { kind: 'literal', value: 'x' },
        ],
      };
      const task: Partial<WrittenTask> = {
        args: object(Object.fromEntries(names.map((name) => [name, shape]))),
        doc,
        deprecated: doc,
        argDocs: Object.fromEntries(names.map((name) => [name, doc])),
      };
      const whole = contractOf({ send: task }).tasks['send'];
      fc.pre(whole !== undefined && argumentProblems(whole).length === 0);
      await defineFunctions(client, { send: task });
      const fieldsOf = Object.fromEntries(names.map((name) => [name, value]));
      const given =
        argumentFields(whole) === null ? [JSON.stringify(fieldsOf)] : names.map(() => value);
      const args = given.map((_, i) => `$${i + 1}`).join(', ');
      const { id } = await row<{ id: string }>(
        client,
        `select * from pgsched.enqueue_send(${args})`,
        given,
      );
      const { args: stored } = await row<{ args: object }>(
        client,
        'select args from pgsched.job where id = $1',
        [id],
      );
      t.deepEqual(Object.entries(stored).sort(), names.map((name) => [name, value]).sort());
      // What the database has is what was meant: nothing is changed again.
      t.deepEqual(changesOf(await defineFunctions(client, { send: task })), []);
    }),
    { numRuns: 60 },
  );
  t.is(
    (await row<{ n: number }>(client, `select count(*)::int as n from pgsched.task_function`)).n,
    1,
  );
});

test('fields are arguments under every name that a field can have', (t) => {
  const args = (name: string) => object({ [name]: string });
  const task = (name: string) => contractOf({ send: { args: args(name) } }).tasks['send'];
  for (const name of ['', '🎉', 'a b', '2fa', '__proto__', 'constructor', 'select', 'é']) {
    const found = task(name);
    t.is(found && argumentFields(found)?.length, 1, name);
  }
});
