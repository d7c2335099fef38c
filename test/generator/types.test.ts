/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are code as text. */
import test from 'ava';
import { typeSource } from '../../generator/emit/type-text.js';
import { generate, writeFiles } from '../../generator/index.js';
import { readManifest } from '../../generator/read/read-manifest.js';
import type { Shape } from '../../runtime/contract/types.js';
import { compile } from './support/compile.js';
import { manifest, project, strictest } from './support/fixture.js';

const text = { kind: 'string' } as const;
const number = { kind: 'number' } as const;
const literal = (value: string | number | boolean) => ({ kind: 'literal', value }) as const;

/** A type as the user writes it, its shape, and how generated code writes it (`null`: by the manifest's own type). */
const cases: [type: string, shape: Shape, source: string | null][] = [
  ['string', text, 'string'],
  ['number', number, 'number'],
  ['boolean', { kind: 'boolean' }, 'boolean'],
  ['bigint', { kind: 'bigint' }, 'bigint'],
  ['null', { kind: 'null' }, 'null'],
  ['Date', { kind: 'date' }, 'Date'],
  ['Uint8Array', { kind: 'bytes' }, 'Uint8Array'],
  ['URL', { kind: 'url' }, 'URL'],
  ['"it\'s"', literal("it's"), "'it\\'s'"],
  ['-1.5', literal(-1.5), '-1.5'],
  ['true', literal(true), 'true'],
  [
    'null | "b" | "a"',
    { kind: 'union', members: [literal('a'), literal('b'), { kind: 'null' }] },
    "'a' | 'b' | null",
  ],
  [
    'boolean | null',
    { kind: 'union', members: [{ kind: 'boolean' }, { kind: 'null' }] },
    'boolean | null',
  ],
  ['string[]', { kind: 'array', item: text }, 'string[]'],
  [
    'readonly (string | null)[]',
    { kind: 'array', item: { kind: 'union', members: [text, { kind: 'null' }] } },
    'readonly (string | null)[]',
  ],
  [
    '(readonly number[])[]',
    { kind: 'array', item: { kind: 'array', item: number } },
    '(readonly number[])[]',
  ],
  ['[a: string, b: number]', { kind: 'tuple', items: [text, number] }, '[string, number]'],
  [
    'readonly [string, ...number[]]',
    { kind: 'tuple', items: [text], rest: number },
    'readonly [string, ...number[]]',
  ],
  [
    '[string, number?]',
    {
      kind: 'union',
      members: [
        { kind: 'tuple', items: [text] },
        {
          kind: 'tuple',
          items: [text, { kind: 'union', members: [number, { kind: 'undefined' }] }],
        },
      ],
    },
    '[string, (number | undefined)?]',
  ],
  ['Record<string, number>', { kind: 'record', value: number }, 'Record<string, number>'],
  [
    '{ [key: string]: number | undefined }',
    { kind: 'record', value: { kind: 'union', members: [number, { kind: 'undefined' }] } },
    'Record<string, number | undefined>',
  ],
  ['Record<string, never>', { kind: 'object', properties: [] }, 'Record<string, never>'],
  [
    'Record<"x" | "y", number>',
    object({ x: number, y: number }),
    fields({ x: 'number', y: 'number' }),
  ],
  ['Map<string, Date>', { kind: 'map', key: text, value: { kind: 'date' } }, 'Map<string, Date>'],
  ['ReadonlySet<number>', { kind: 'set', item: number }, 'ReadonlySet<number>'],
  [
    '{ a: string } & { b: number }',
    object({ a: text, b: number }),
    fields({ a: 'string', b: 'number' }),
  ],
  ['Partial<{ a: string }>', object({}, { a: text }), fields({ 'a?': 'string | undefined' })],
  ['{ a?: string }', object({}, { a: text }), fields({ 'a?': 'string | undefined' })],
  ['{ a?: string | undefined }', object({}, { a: text }), fields({ 'a?': 'string | undefined' })],
  [
    '{ a: string | undefined }',
    object({ a: { kind: 'union', members: [text, { kind: 'undefined' }] } }),
    fields({ a: 'string | undefined' }),
  ],
  [
    '{ a?: never }',
    object({}, { a: { kind: 'union', members: [{ kind: 'undefined' }] } }),
    fields({ 'a?': 'undefined' }),
  ],
  ['{ "odd-name": string }', object({ 'odd-name': text }), fields({ "'odd-name'": 'string' })],
  ['Pick<{ a: string; b: number }, "b">', object({ b: number }), fields({ b: 'number' })],
  [
    '`a-${number}-${string}`',
    { kind: 'template', parts: ['a-', '-', ''], types: ['number', 'string'] },
    '`a-${number}-${string}`',
  ],
  ['`${"a" | "b"}!`', { kind: 'union', members: [literal('a!'), literal('b!')] }, "'a!' | 'b!'"],
  ['Json', { kind: 'json' }, 'Json'],
  ['OwnJson', { kind: 'json' }, 'Json'],
  ['Tree', { kind: 'ref', name: 'Tree' }, '<Tree>'],
  ['Box<string>', object({ value: text }), fields({ value: 'string' })],
  ['string & { readonly brand: "id" }', text, null],
  ['Level', { kind: 'union', members: [literal(0), literal(1)] }, null],
  ['"a" | (string & {})', { kind: 'union', members: [literal('a'), text] }, null],
];

function object(required: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape {
  const property =
    (isOptional: boolean) =>
    ([name, shape]: [string, Shape]) => ({
      name,
      optional: isOptional,
      shape,
    });
  return {
    kind: 'object',
    properties: [
      ...Object.entries(required).map(property(false)),
      ...Object.entries(optional).map(property(true)),
    ],
  };
}

function fields(types: Record<string, string>): string {
  return `{\n${Object.entries(types)
    .map(([name, type]) => `  ${name}: ${type};\n`)
    .join('')}}`;
}

const before = `type OwnJson = { [key: string]: OwnJson | undefined } | OwnJson[] | null | boolean | number | string;
  interface Tree { children: Tree[] }
  interface Box<T> { value: T }
  enum Level { Low, High }`;

for (const exactOptionalPropertyTypes of [true, false]) {
  test(`every type that JSON can carry is read, exactOptionalPropertyTypes ${exactOptionalPropertyTypes}`, (t) => {
    const { 'src/jobs/tasks.ts': text } = { 'src/jobs/tasks.ts': sources() };
    const fixture = project(
      t,
      { 'src/jobs/tasks.ts': text },
      { ...strictest, erasableSyntaxOnly: false, exactOptionalPropertyTypes },
    );
    const { model, diagnostics } = readManifest(fixture.manifest);
    t.deepEqual(diagnostics, []);
    for (const [index, [type, shape, source]] of cases.entries()) {
      const task = model?.tasks[index];
      t.deepEqual(task?.contract.result, shape, type);
      const written = task?.types.result;
      const found = written?.kind === 'text' ? typeSource(written.text, (ref) => `<${ref}>`) : null;
      t.is(found, source, type);
    }
  });
}

function sources(): string {
  const tasks = cases.map(([type], index) => `  t${index}: task<void, ${type}>(),\n`);
  return `import { defineTasks, task, type Json } from 'pgsched';\n${before}\nexport default defineTasks({\n${tasks.join('')}});\n`;
}

test('types that refer to themselves, also through each other, become definitions', (t) => {
  const { model, diagnostics } = readManifest(
    manifest(t, 'a: task<{ dir: Dir; other: Link }, Dir | null>(),', {
      before: 'interface Dir { links: Link[]; up?: Dir } interface Link { to: Dir }',
    }).manifest,
  );
  t.deepEqual(diagnostics, []);
  const { args, result, definitions } = model?.tasks[0]?.contract ?? {};
  const dir: Shape = { kind: 'ref', name: 'Dir' };
  t.deepEqual(definitions, {
    Dir: object({ links: { kind: 'array', item: object({ to: dir }) } }, { up: dir }),
  });
  t.deepEqual(args, object({ dir, other: object({ to: dir }) }));
  t.deepEqual(result, { kind: 'union', members: [dir, { kind: 'null' }] });
});

test('types that refer to themselves in whatever way are written so that they compile', async (t) => {
  const fixture = manifest(
    t,
    'a: task<{ conf: Conf; nest: Nest; mapped: Mapped; pair: Pair; self: Self; loose: Json | Tagged }>(),',
    {
      before: `type Conf = string | { [key: string]: Conf };
        type Nest = { [key: string]: Nest[] };
        type Mapped = number | Map<string, Mapped>;
        type Pair = readonly [string, Pair | null];
        interface Self { next?: this; list: this[] }
        interface Tagged { tag: 'x'; inner: Tagged[] }`,
    },
  );
  const generated = await generate(fixture);
  t.deepEqual(generated.diagnostics, []);
  await writeFiles(generated);
  t.deepEqual(compile(fixture), []);
  const args = generated.contract?.tasks['a']?.args;
  const loose = args?.kind === 'object' ? args.properties.at(-1)?.shape : null;
  // What is any JSON is so beside other members, too.
  t.deepEqual(loose?.kind === 'union' ? loose.members.map(({ kind }) => kind).sort() : null, [
    'array',
    'boolean',
    'null',
    'number',
    'record',
    'ref',
    'string',
  ]);
});

test('two types of one name get two names', (t) => {
  const { model, diagnostics } = readManifest(
    manifest(t, 'a: task<{ one: Node; two: Other }>(),', {
      before: "import type { Node as Other } from './other.js'; interface Node { next?: Node }",
      'src/jobs/other.ts': 'export interface Node { previous?: Node }',
    }).manifest,
  );
  t.deepEqual(diagnostics, []);
  t.deepEqual(Object.keys(model?.tasks[0]?.contract.definitions ?? {}), ['Node', 'Node2']);
});

test('what a handler gets and returns is told apart from what is stored only where it differs', (t) => {
  const { model, diagnostics } = readManifest(
    manifest(
      t,
      `same: task({ args: v.object({ n: v.pipe(v.number(), v.minValue(1)) }), result: v.string() }),
      filled: task({ args: v.object({ n: v.optional(v.number(), 1) }) }),
      classy: task({ args: v.object({ n: v.pipe(v.string(), v.transform((s) => new RegExp(s))) }) }),
      returned: task({ result: v.pipe(v.string(), v.toDate()) }),`,
    ).manifest,
  );
  t.deepEqual(diagnostics, []);
  const of = (index: number) => model?.tasks[index]?.types;
  t.like(of(0), { parsedArgs: null, returned: null });
  t.like(of(1)?.parsedArgs, { kind: 'text' });
  t.deepEqual(of(2)?.parsedArgs, { kind: 'manifest' });
  t.deepEqual(of(3)?.returned, { kind: 'text', text: 'string' });
});
