import test, { type ExecutionContext } from 'ava';
import { typeSource } from '../../generator/emit/type-text.js';
import { formatDiagnostics } from '../../generator/index.js';
import { readManifest } from '../../generator/read/read-manifest.js';
import type { Shape } from '../../runtime/contract/types.js';
import { manifest } from './support/fixture.js';

/** The shapes of the args' fields of the first task, by name. */
function fieldsOf(t: ExecutionContext, task: string, files: Record<string, string> = {}) {
  const fixture = manifest(t, task, files);
  const { model, diagnostics } = readManifest(fixture.manifest);
  t.is(formatDiagnostics(diagnostics, fixture), '');
  const args = model?.tasks[0]?.contract.args;
  if (args?.kind !== 'object') throw new Error('The args are no object.');
  return Object.fromEntries(args.properties.map(({ name, shape }) => [name, shape]));
}

test('tags of properties become constraints of the shape, wherever the comment stands', (t) => {
  const found = fieldsOf(
    t,
    `order: task<{ /** @format email */ to: string; /** @minimum 1 */ copies: number;
      /**
       * The lines.
       *
       * @minItems 1
       * @maxItems 50
       * @uniqueItems
       */
      lines: string[];
      /** @exclusiveMinimum 0 @exclusiveMaximum 1e3 @multipleOf 0.01 */
      price: number;
      // A comment between.
      /** @integer @maximum -1.5 */ depth: number }>(),`,
  );
  t.deepEqual(found, {
    to: { kind: 'string', format: 'email' },
    copies: { kind: 'number', minimum: 1 },
    lines: {
      kind: 'array',
      item: { kind: 'string' },
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
    },
    price: { kind: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1000, multipleOf: 0.01 },
    depth: { kind: 'number', integer: true, maximum: -1.5 },
  });
});

test('docs and constraints are carried to where callers and other languages read them', (t) => {
  const { model } = readManifest(
    manifest(
      t,
      'a: task<{ /** Who gets it. @format email */ to: string; /** @minimum 1 */ n: number }>(),',
    ).manifest,
  );
  const { args } = model?.tasks[0]?.documented ?? {};
  t.like(args, {
    properties: [
      { name: 'to', doc: 'Who gets it.' },
      { name: 'n', doc: undefined },
    ],
  });
  const written = model?.tasks[0]?.types.args;
  t.is(
    written?.kind === 'text' ? typeSource(written.text, (ref) => ref) : '',
    `{
  /**
   * Who gets it.
   *
   * @format email
   */
  to: string;
  /** @minimum 1 */
  n: number;
}`,
  );
});

test('a pattern is the rest of its line, as it stands there', (t) => {
  const found = fieldsOf(
    t,
    String.raw`a: task<{
      /** @pattern ^[a-z]{2,3}@x\/y*\/${'`'}$ */
      a: string;
      /** @minLength 3 @pattern ^\p{L}+ {1,2}\x40$ @maxLength 5 */
      b: string;
      /**
       * @pattern   ^\/\*
       * The start of a comment.
       */
      c: string;
    }>(),`,
  );
  t.deepEqual(found, {
    a: { kind: 'string', pattern: '^[a-z]{2,3}@x\\/y*\\/`$' },
    b: { kind: 'string', minLength: 3, pattern: '^\\p{L}+ {1,2}\\x40$', maxLength: 5 },
    c: { kind: 'string', pattern: '^\\/\\*' },
  });
});

test('what is no tag of ours is left alone', (t) => {
  const found = fieldsOf(
    t,
    `a: task<{
      /** Not {@link minimum} nor \`@minimum 2\`, mail me@maximum.org. @default 3 @deprecated */
      n: number;
      /* @minimum 1 */
      // @minimum 1
      m: number;
    }>(),`,
  );
  t.deepEqual(found, { n: { kind: 'number' }, m: { kind: 'number' } });
});

test('a constraint holds for the one member that it fits', (t) => {
  const found = fieldsOf(
    t,
    `a: task<{
      /** @minLength 1 */ a: string | null;
      /** @minimum 1 @maxLength 9 */ b?: number | string;
      /** @minItems 1 */ c: readonly number[] | undefined;
      /** @minLength 4 */ d: string & { readonly brand: 'id' };
    }>(),`,
  );
  const short: Shape = { kind: 'string', minLength: 1 };
  t.deepEqual(found['a'], { kind: 'union', members: [short, { kind: 'null' }] });
  t.deepEqual(found['b'], {
    kind: 'union',
    members: [
      { kind: 'string', maxLength: 9 },
      { kind: 'number', minimum: 1 },
    ],
  });
  const list: Shape = { kind: 'array', item: { kind: 'number' }, minItems: 1 };
  t.deepEqual(found['c'], { kind: 'union', members: [list, { kind: 'undefined' }] });
  t.deepEqual(found['d'], { kind: 'string', minLength: 4 });
});

test('interfaces, aliases and what is made of them keep their constraints, also from another file', (t) => {
  const found = fieldsOf(t, 'a: task<Pick<Partial<Order>, "to"> & Sized & { tree: Tree }>(),', {
    before: `import type { Order } from './order.js'; type Sized = { /** @minimum 0 */ size: number };
      interface Tree { /** @maxItems 2 */ children: Tree[] }`,
    'src/jobs/order.ts': `interface Base { /** @minLength 3 */ to: string }
export interface Order extends Base { id: string }`,
  });
  t.deepEqual(found['to'], { kind: 'string', minLength: 3 });
  t.deepEqual(found['size'], { kind: 'number', minimum: 0 });
});

test('with a schema the tags are not read: constraints are its business', (t) => {
  const found = fieldsOf(t, 'a: task({ args: v.object({\n/** @minimum 1 */\nn: v.number() }) }),');
  t.deepEqual(found['n'], { kind: 'number' });
});

/** The errors of a type's properties, by line. */
function refusals(t: ExecutionContext, properties: string, before = ''): string[] {
  const fixture = manifest(t, `a: task<{\n${properties}\n}>(),`, { before });
  const { model, diagnostics } = readManifest(fixture.manifest);
  t.is(model, null);
  return diagnostics.map(({ place, code, message }) => {
    t.is(code, 'PGS1014', message);
    const { text = '', column = 0, length = 0 } = place ?? {};
    return `${text.slice(column - 1, column - 1 + length)} → ${message}`;
  });
}

test('a tag with a bad value is an error at the tag that says what to write', (t) => {
  const found = refusals(
    t,
    `/** @minLength */ a: string;
     /** @maxLength -1 */ b: string;
     /** @minItems 1.5 */ c: string[];
     /** @minimum one copy */ d: number;
     /** @maximum 1e999 */ e: number;
     /** @multipleOf 0 */ f: number;
     /** @integer yes */ g: number;
     /** @format e-mail */ h: string;
     /** @format */ i: string;
     /** @pattern [a- */ j: string;
     /** @pattern /^a$/i */ k: string;
     /** @minimum 1 @minimum 2 */ l: number;
     /** @minlength 1 */ m: string;
     /** @minimum 5 @maximum 4 */ n: number;
     /** @exclusiveMinimum 4 @maximum 4 */ o: number;
     /** @minLength 4 @maxLength 4 */ p: string;`,
  );
  t.deepEqual(found, [
    '@minLength → `@minLength` takes a whole number of at least 0; got nothing.',
    '@maxLength -1 → `@maxLength` takes a whole number of at least 0; got `-1`.',
    '@minItems 1.5 → `@minItems` takes a whole number of at least 0; got `1.5`.',
    '@minimum one copy → `@minimum` takes a number; got `one copy`.',
    '@maximum 1e999 → `@maximum` takes a number; got `1e999`.',
    '@multipleOf 0 → `@multipleOf` takes a number greater than 0; got `0`.',
    '@integer yes → `@integer` takes nothing after it on its line; got `yes`.',
    '@format e-mail → `@format` takes one of email, uuid, uri, hostname, ipv4, ipv6, date, time, date-time; got `e-mail`. Did you mean `email`?',
    '@format → `@format` takes one of email, uuid, uri, hostname, ipv4, ipv6, date, time, date-time; got nothing.',
    '@pattern [a- → `@pattern` takes a regular expression without slashes around it, valid with the u flag. Invalid regular expression: /[a-/u: Unterminated character class.',
    '@pattern /^a$/i → `@pattern` takes a regular expression without slashes around it; got `/^a$/i`; a slash that the text has is written \\/.',
    '@minimum 2 → `@minimum` stands there twice: write it once.',
    '@minlength 1 → `@minlength` is written `@minLength`.',
    '@maximum 4 → `@maximum` leaves no value beside `@minimum 5`.',
    '@maximum 4 → `@maximum` leaves no value beside `@exclusiveMinimum 4`.',
  ]);
});

test('a tag on a type that it cannot hold for is an error at the tag', (t) => {
  const found = refusals(
    t,
    `/** @minimum 1 */ a: string;
     /** @minimum 1 */ b: Date;
     /** @minimum 1 */ c: bigint;
     /** @minLength 1 */ d: string[];
     /** @minItems 1 */ e: Set<string>;
     /** @minItems 1 */ f: [string];
     /** @minLength 1 */ g: 'a' | 'b';
     /** @minItems 1 */ h: string[] | number[];
     /** @minLength 1 */ i?: Json;
     j: Email | null;
     k: { deep: Email[] };`,
    '/** @format email */ type Email = string;',
  );
  t.deepEqual(found, [
    '@format email → `@format` is for properties: write it at each property of this type.',
    '@minimum 1 → `@minimum` is for numbers, and `a` is `string`.',
    '@minimum 1 → `@minimum` is for numbers, and `b` is `Date`.',
    '@minimum 1 → `@minimum` is for numbers, and `c` is `bigint`.',
    '@minLength 1 → `@minLength` is for strings, and `d` is `string[]`.',
    '@minItems 1 → `@minItems` is for arrays, and `e` is `Set<string>`.',
    '@minItems 1 → `@minItems` is for arrays, and `f` is `[string]`.',
    '@minLength 1 → `@minLength` is for strings, and `g` is `"a" | "b"`.',
    '@minItems 1 → `@minItems` could be for each of several arrays, and `h` is `string[] | number[]`.',
    '@minLength 1 → `@minLength` is for strings, and `i` is `Json`.',
  ]);
});
