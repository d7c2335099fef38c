import { rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import type { WrittenContract } from '../../generator/emit/contract.js';
import { withHistory } from '../../generator/evolve/history.js';
import { formatDiagnostics, generate, type Memory, writeFiles } from '../../generator/index.js';
import { readManifest } from '../../generator/read/read-manifest.js';
import { upcastSteps } from '../../generator/read/upcast-steps.js';
import { compile } from './support/compile.js';
import { type Fixture, manifest, manifestText } from './support/fixture.js';

const handlers = 'src/jobs/handlers';
const upcast = `${handlers}/mail/send.upcast.ts`;

const memories = new WeakMap<Fixture, Memory>();

/** Generates; again in the same project faster. */
async function run(fixture: Fixture) {
  const memory = memories.get(fixture) ?? {};
  memories.set(fixture, memory);
  const generated = await generate(fixture, memory);
  await writeFiles(generated);
  return generated;
}

/** Gives the manifest these tasks, and generates. */
async function change(fixture: Fixture, tasks: string, before = '') {
  fixture.write('src/jobs/tasks.ts', manifestText(tasks, before));
  return run(fixture);
}

async function begin(t: ExecutionContext, tasks: string): Promise<Fixture> {
  const fixture = manifest(t, tasks);
  await run(fixture);
  return fixture;
}

function contract(fixture: Fixture): WrittenContract {
  return JSON.parse(fixture.read('src/jobs/generated/contract.json'));
}

const first = 'mail: { send: task<{ to: string }>() },';
const second = 'mail: { send: task<{ to: { address: string; at: Date } }>({ version: 2 }) },';
const third =
  'mail: { send: task<{ to: { address: string; at: Date }; copies: number }>({ version: 3 }) },';

test('raising a version keeps what rows may hold, and writes the upcaster to fill in', async (t) => {
  const fixture = await begin(t, first);
  await change(fixture, second);
  const { version, history } = contract(fixture).tasks['mail.send'] ?? {};
  t.is(version, 2);
  t.deepEqual(history, {
    1: {
      args: {
        kind: 'object',
        properties: [{ name: 'to', optional: false, shape: { kind: 'string' } }],
      },
    },
  });
  t.deepEqual(
    compile(fixture).map((line) => line.replace(/'\. .*/, "'.")),
    [`${upcast}:5: TS2322 Type 'MailSendArgsV1' is not assignable to type 'MailSendArgs'.`],
    'as it is written it compiles only where older args fit as they are',
  );
  const stub = fixture.read(upcast);
  fixture.write(
    upcast,
    stub.replace('1: (args) => args', '1: ({ to }) => ({ to: { address: to, at: new Date(0) } })'),
  );
  t.deepEqual(compile(fixture), []);
});

test('an upcaster leads from each version to the next; a missing step is a compile error', async (t) => {
  const fixture = await begin(t, first);
  await change(fixture, second);
  const step = '1: ({ to }) => ({ to: { address: to, at: new Date(0) } })';
  fixture.write(upcast, fixture.read(upcast).replace('1: (args) => args', step));
  await change(fixture, third);
  const [missing, ...others] = compile(fixture);
  t.deepEqual(others, []);
  t.regex(missing ?? '', /send\.upcast\.ts:\d+: TS2741 Property '2' is missing/);
  fixture.write(
    upcast,
    fixture.read(upcast).replace(step, `${step},\n  2: (args) => ({ ...args, copies: 1 })`),
  );
  t.deepEqual(compile(fixture), []);
});

test('a version goes when the steps from it and from all older ones are deleted, and not before', async (t) => {
  const fixture = await begin(t, first);
  await change(fixture, second);
  await change(fixture, third);
  const versions = () => Object.keys(contract(fixture).tasks['mail.send']?.history ?? {});
  t.deepEqual(versions(), ['1', '2']);
  const one = fixture.read(upcast);
  const written = one.replace(/^ {2}1: .*\n/m, (step) => step + step.replace('1', '2'));
  fixture.write(upcast, written.replace(/^ {2}1: .*\n/m, ''));
  await change(fixture, third);
  t.deepEqual(versions(), ['2']);
  fixture.write(upcast, written.replace(/^ {2}[12]: .*\n/gm, ''));
  const { diagnostics } = await change(fixture, third);
  t.deepEqual(versions(), []);
  t.regex(formatDiagnostics(diagnostics, fixture), /Nothing needs this upcaster/);
  t.throws(() => fixture.read(`${handlers}/upcasters.ts`), { code: 'ENOENT' });
  await change(fixture, third.replace('version: 3', 'version: 4'));
  t.deepEqual(versions(), ['3'], 'what is raised next is kept again, also from an empty upcaster');
});

test('a deleted upcaster is written again: rows still need it', async (t) => {
  const fixture = await begin(t, first);
  await change(fixture, second);
  rmSync(fixture.path(upcast));
  await change(fixture, second);
  t.regex(fixture.read(upcast), /1: \(args\) => args/);
});

test('an untouched upcaster goes with the version that was raised by mistake', async (t) => {
  const fixture = await begin(t, first);
  await change(fixture, second);
  const { diagnostics } = await change(fixture, first);
  t.deepEqual(diagnostics, []);
  t.throws(() => fixture.read(upcast), { code: 'ENOENT' });
  t.deepEqual(compile(fixture), []);
});

test('args that refer to themselves, or are none, have their older versions too', async (t) => {
  const before = 'interface Tree { left?: Tree; size: bigint }';
  const tree = manifest(t, 'tree: task<{ root: Tree; any: Json }>(), none: task(),', { before });
  await run(tree);
  await change(
    tree,
    'tree: task<{ root: Tree; any: Json }>({ version: 2 }), none: task<{ n: number }>({ version: 2 }),',
    before,
  );
  tree.write(
    `${handlers}/none.upcast.ts`,
    tree.read(`${handlers}/none.upcast.ts`).replace('(args) => args', '() => ({ n: 1 })'),
  );
  t.deepEqual(compile(tree), []);
  t.regex(tree.read('src/jobs/generated/handlers.ts'), /export type NoneArgsV1 = void;/);
});

test('a renamed task keeps its older args; its upcaster moves with it', async (t) => {
  const fixture = await begin(t, first);
  await change(fixture, second);
  fixture.write(upcast, `${fixture.read(upcast)}\n// mine\n`);
  const { diagnostics } = await change(
    fixture,
    second
      .replace('mail: { send:', 'post: { letter:')
      .replace('version: 2', "version: 2, formerly: ['mail.send']"),
  );
  t.deepEqual(Object.keys(contract(fixture).tasks['post.letter']?.history ?? {}), ['1']);
  t.regex(
    formatDiagnostics(diagnostics, fixture),
    /git mv -f src\/jobs\/handlers\/mail\/send\.upcast\.ts src\/jobs\/handlers\/post\/letter\.upcast\.ts/,
  );
});

test('what git says is released decides: drafts leave no trace, and their shapes are those of the release', (t) => {
  const fixture = manifest(t, third);
  const { model } = readManifest(fixture.manifest);
  if (model === null) return t.fail();
  const shape = { kind: 'json' } as const;
  const task = model.tasks[0]?.contract;
  const written = (version: number, history: object) =>
    ({ tasks: { 'mail.send': { ...task, version, args: shape, history } } }) as never;
  const versions = (earlier: Parameters<typeof withHistory>[1]) =>
    withHistory(model, earlier).tasks[0]?.contract.history;
  const steps = () => null;
  const draft = { 1: { args: null } };

  t.deepEqual(versions({ released: written(1, {}), written: written(2, draft), steps }), {
    1: { args: shape },
  });
  t.deepEqual(versions({ released: null, written: written(2, draft), steps }), {
    1: { args: null },
    2: { args: shape },
  });
  t.deepEqual(versions({ released: written(2, {}), written: null, steps }), {
    2: { args: shape },
  });
  t.is(versions({ released: written(3, {}), written: written(3, {}), steps }), undefined);
  t.is(
    versions({ released: written(2, draft), written: written(3, {}), steps: () => [] }),
    undefined,
    'what was dropped since the release stays dropped',
  );
});

test('the steps of an upcaster are read from its text', (t) => {
  t.deepEqual(upcastSteps('export const upcast: X = { 1: (a) => a, "2": f, 3() {} };'), [1, 2, 3]);
  t.deepEqual(upcastSteps('export const upcast = { 2: f } satisfies X;'), [2]);
  t.deepEqual(upcastSteps('export const upcast: X = {};'), []);
  for (const text of ['', 'export const upcast = make();', 'const upcast = { ...older };', '{ [']) {
    t.is(upcastSteps(text), null);
  }
});

test('former and retired names are checked against each other and the tasks', (t) => {
  const fixture = manifest(
    t,
    `a: task({ formerly: ['b'] }),
    b: task({ formerly: 'c' }),
    d: task({ formerly: ['not a name'] }),
    e: task({ formerly: ['x'] }),
    f: task({ formerly: ['x'] }),
    g: task({ version: 0 }),`,
  );
  const { diagnostics } = readManifest(fixture.manifest);
  t.deepEqual(
    diagnostics.map(({ code, message }) => `${code} ${message}`),
    [
      'PGS1005 `b` is a task of this manifest; it cannot be the former name of `a`.',
      `PGS1007 formerly must be a list of names, such as ['mail.sendFax']; got "c".`,
      `PGS1007 formerly must hold names of tasks, such as 'mail.sendFax'; got "not a name".`,
      'PGS1005 `x` is the former name of `e` already; it cannot be the former name of `f`.',
      'PGS1007 version must be a number from 1 to 32767; got 0.',
    ],
  );
});

test('retired names stand in the contract, in one order', async (t) => {
  const fixture = manifest(t, first);
  const text = (options: string) =>
    fixture.read('src/jobs/tasks.ts').replace(/\}(?:, \{.*\})?\);\n/, `}, ${options});\n`);
  fixture.write('src/jobs/tasks.ts', text("{ retired: ['mail.fax', 'a'] }"));
  await run(fixture);
  t.deepEqual(contract(fixture).retired, ['a', 'mail.fax']);
  fixture.write('src/jobs/tasks.ts', text("{ retired: ['mail.send', 7], retird: [] }"));
  const { diagnostics } = await run(fixture);
  t.deepEqual(
    diagnostics.map(({ message }) => message),
    [
      `retired must hold names of tasks, such as 'mail.sendFax'; got 7.`,
      '`retird` is no option of a manifest: it has retired.',
    ],
  );
});
