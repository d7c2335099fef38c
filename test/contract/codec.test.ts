import test from 'ava';
import * as v from 'valibot';
import * as z from 'zod';
import { taskCodec } from '../../runtime/contract/codec.js';
import { taskDefaults } from '../../runtime/contract/defaults.js';
import type { Shape, TaskContract } from '../../runtime/contract/types.js';
import { type AnyTask, task } from '../../runtime/task.js';

const object = (properties: Record<string, Shape>, ...optional: string[]): Shape => ({
  kind: 'object',
  properties: Object.entries(properties).map(([name, shape]) => ({
    name,
    optional: optional.includes(name),
    shape,
  })),
});
const string: Shape = { kind: 'string' };
const number: Shape = { kind: 'number' };

interface Parts {
  args?: Shape;
  result?: Shape;
  declared?: AnyTask;
  schemas?: TaskContract['schemas'];
}

/** The codec of `mail.send`, with the schemas that `declared` has. */
function codec({ args, result, declared, schemas }: Parts) {
  const options = (declared?.options ?? {}) as { args?: unknown; result?: unknown };
  const contract: TaskContract = {
    ...taskDefaults,
    version: 1,
    topic: 'mail.send',
    key: null,
    keyScope: 'active',
    onConflict: null,
    args: args ?? null,
    result: result ?? null,
    schemas: schemas ?? { args: Boolean(options.args), result: Boolean(options.result) },
  };
  return taskCodec('mail.send', contract, declared);
}

const libraries = {
  valibot: {
    args: v.object({
      to: v.pipe(v.string(), v.trim(), v.email()),
      copies: v.optional(v.number(), 1),
      words: v.pipe(
        v.string(),
        v.transform((text) => text.split(' ')),
      ),
    }),
    result: v.object({
      size: v.pipe(
        v.string(),
        v.transform((text) => text.length),
      ),
    }),
    late: v.pipeAsync(
      v.object({ to: v.string() }),
      v.checkAsync(async () => {
        throw new Error('late');
      }),
    ),
    email: 'Invalid email: Received "nobody"',
  },
  zod: {
    args: z.object({
      to: z.string().trim().email(),
      copies: z.number().default(1),
      words: z.string().transform((text) => text.split(' ')),
    }),
    result: z.object({ size: z.string().transform((text) => text.length) }),
    late: z.object({ to: z.string() }).refine(async () => true),
    email: 'Invalid email address',
  },
};

for (const [library, schemas] of Object.entries(libraries)) {
  const args = object({ to: string, copies: number, words: string }, 'copies');
  const { args: argsSchema, result: resultSchema, late, email } = schemas;

  test(`${library}: the row holds what the caller passed, the handler gets it parsed once`, (t) => {
    const { encodeArgs, decodeArgs } = codec({ args, declared: task({ args: argsSchema }) });
    const row = { to: ' a@b.test ', words: 'one two' };
    t.deepEqual(encodeArgs(row), { ok: true, value: row, json: JSON.stringify(row) });
    t.deepEqual(decodeArgs(row), {
      ok: true,
      value: { to: 'a@b.test', copies: 1, words: ['one', 'two'] },
    });
  });

  test(`${library}: both ends refuse what the schema refuses, with its path and message`, (t) => {
    const { encodeArgs, decodeArgs } = codec({ args, declared: task({ args: argsSchema }) });
    const row = { to: 'nobody', words: '' };
    const issues = [{ path: 'to', message: email }];
    t.deepEqual(encodeArgs(row), { ok: false, issues });
    t.deepEqual(decodeArgs(row), { ok: false, issues });
  });

  test(`${library}: the handler returns the schema's input, the row and the caller get its output`, (t) => {
    const { encodeResult, decodeResult } = codec({
      result: object({ size: number }),
      declared: task({ result: resultSchema }),
    });
    t.deepEqual(encodeResult({ size: 'four' }), {
      ok: true,
      value: { size: 4 },
      json: '{"size":4}',
    });
    t.deepEqual(decodeResult({ size: 4 }), { size: 4 });
    t.false(encodeResult({ size: 4 }).ok);
  });

  test(`${library}: a schema that answers later is refused by the task's name`, (t) => {
    const declared = task({ args: late });
    const { encodeArgs } = codec({ args: object({ to: string }), declared });
    t.deepEqual(encodeArgs({ to: 'x' }), {
      ok: false,
      issues: [
        {
          path: '',
          message:
            'the args schema of mail.send is asynchronous: use a schema without asynchronous steps, and check in the handler what takes a wait',
        },
      ],
    });
  });
}

test('the shape is checked before the schema, so that a schema sees only what fits', (t) => {
  const declared = task({ args: v.object({ to: v.string('never asked') }) });
  const { encodeArgs } = codec({ args: object({ to: string }), declared });
  t.deepEqual(encodeArgs({ to: 1 }), {
    ok: false,
    issues: [{ path: 'to', message: 'expected string, got 1' }],
  });
});

test('a schema that forbids other fields is heard, and other schemas let them go', (t) => {
  const args = object({ to: string });
  const given = { to: 'x', extra: true };
  const strict = codec({ args, declared: task({ args: v.strictObject({ to: v.string() }) }) });
  t.false(strict.encodeArgs(given).ok);
  const usual = codec({ args, declared: task({ args: v.object({ to: v.string() }) }) });
  t.deepEqual(usual.encodeArgs(given), { ok: true, value: { to: 'x' }, json: '{"to":"x"}' });
});

test('what a schema lets through on one side it lets through on the other', (t) => {
  const args = object({ note: { kind: 'union', members: [string, { kind: 'undefined' }] } });
  const declared = task({ args: v.object({ note: v.undefinedable(v.string()) }) });
  const { encodeArgs, decodeArgs } = codec({ args, declared });
  const encoded = encodeArgs({ note: undefined });
  t.true(encoded.ok);
  t.deepEqual(decodeArgs(encoded.ok && encoded.value), { ok: true, value: { note: undefined } });
});

test('a schema that throws refuses the value', (t) => {
  const args = object({ to: string });
  const check = v.check<{ to: string }>(() => {
    throw new Error('no dictionary');
  });
  const declared = task({ args: v.pipe(v.object({ to: v.string() }), check) });
  t.deepEqual(codec({ args, declared }).encodeArgs({ to: 'x' }), {
    ok: false,
    issues: [{ path: '', message: 'the args schema of mail.send threw: Error: no dictionary' }],
  });
});

test("a schema's long messages and long lists are cut", (t) => {
  const declared = task({ args: v.object({ to: v.array(v.picklist(['a'])) }) });
  const args = object({ to: { kind: 'array', item: string } });
  const { encodeArgs } = codec({ args, declared });
  const encoded = encodeArgs({ to: Array(100).fill('x'.repeat(10_000)) });
  if (encoded.ok) return t.fail();
  t.is(encoded.issues.length, 20);
  t.true(encoded.issues.every(({ message }) => message.length <= 301));
});

test('a task without args takes nothing, and stores null', (t) => {
  const { encodeArgs, decodeArgs } = codec({});
  for (const nothing of [undefined, null, {}, { extra: 1 }]) {
    t.deepEqual(encodeArgs(nothing), { ok: true, value: null, json: 'null' });
    t.deepEqual(decodeArgs(nothing), { ok: true, value: undefined });
  }
  t.deepEqual(encodeArgs('x'), {
    ok: false,
    issues: [{ path: '', message: 'expected object or null, got "x"' }],
  });
});

test('a task without a result stores null, whatever its handler returned', (t) => {
  const { encodeResult, decodeResult } = codec({});
  t.deepEqual(encodeResult({ rows: 1n }), { ok: true, value: null, json: 'null' });
  t.is(decodeResult(null), undefined);
});

test('a result that may be undefined comes back undefined', (t) => {
  const { encodeResult, decodeResult } = codec({
    result: { kind: 'union', members: [number, { kind: 'undefined' }] },
  });
  t.deepEqual(encodeResult(undefined), { ok: true, value: null, json: 'null' });
  t.is(decodeResult(null), undefined);
});

test('a stored result of another shape is InvalidResult, with the task and the path', (t) => {
  const { decodeResult } = codec({ result: object({ size: number }) });
  const error = t.throws(() => decodeResult({ size: 'x' }), { code: 'PGS2002' });
  t.regex(error?.message ?? '', /mail\.send .*: size: expected number, got "x"\./);
});

test('a contract and a manifest that disagree about schemas are StaleContract', (t) => {
  const args = object({ to: string });
  const declared = task({ args: v.object({ to: v.string() }) });
  const schemas = { args: true, result: false };
  t.throws(() => codec({ args, schemas }), { code: 'PGS2007' });
  t.throws(() => codec({ args, schemas, declared: task() }), { code: 'PGS2007' });
  t.throws(() => codec({ args, declared, schemas: { args: false, result: false } }), {
    code: 'PGS2007',
  });
});

test('a shape whose values JSON cannot tell apart makes no codec', (t) => {
  const at: Shape = { kind: 'union', members: [{ kind: 'date' }, string] };
  t.throws(() => codec({ args: object({ at }) }), {
    code: 'PGS1008',
    message: /args of mail\.send .*: at: Date and string cannot be told apart/,
  });
});
