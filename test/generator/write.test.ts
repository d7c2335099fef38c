import { chmodSync, existsSync, rmSync, statSync } from 'node:fs';
import test from 'ava';
import {
  checkFiles,
  formatDiagnostics,
  type Generated,
  generate,
  type Memory,
  writeFiles,
} from '../../generator/index.js';
import { type Fixture, manifest, manifestText } from './support/fixture.js';
import { filesIn } from './support/golden.js';

const manifestFile = 'src/jobs/tasks.ts';
const stub = 'src/jobs/handlers/mail/send.ts';

const memories = new WeakMap<Fixture, Memory>();

/** Generates in memory; again in the same project faster. */
async function make(fixture: Fixture): Promise<Generated> {
  const memory = memories.get(fixture) ?? {};
  memories.set(fixture, memory);
  return generate(fixture, memory);
}

async function run(fixture: Fixture) {
  return writeFiles(await make(fixture));
}

/** What is stale, each file with its reason. */
async function stale(fixture: Fixture): Promise<Record<string, string>> {
  const found = await checkFiles(await make(fixture));
  return Object.fromEntries(
    found.map(({ path, reason }) => [path.slice(fixture.root.length + 1), reason]),
  );
}

test('the first run writes everything, the second touches nothing', async (t) => {
  const fixture = manifest(t, 'mail: { send: task<{ to: string }>() },');
  const first = await run(fixture);
  t.deepEqual(filesIn(fixture.path('src/jobs')), [
    'generated/client.ts',
    'generated/contract.json',
    'generated/contract.ts',
    'generated/handlers.ts',
    'generated/testing.ts',
    'handlers/index.ts',
    'handlers/mail/send.ts',
    'tasks.ts',
  ]);
  t.is(first.written.length, 7);

  const times = () => [...first.written].map((path) => statSync(path, { bigint: true }).mtimeNs);
  const before = times();
  const second = await run(fixture);
  t.deepEqual(second.written, []);
  t.is(second.unchanged.length, 6);
  t.deepEqual(times(), before);
  t.deepEqual(await stale(fixture), {});
});

test('with an error nothing is written, and the last good output stays', async (t) => {
  const fixture = manifest(t, 'mail: { send: task() },');
  await run(fixture);
  const good = fixture.read('src/jobs/generated/client.ts');
  fixture.write(manifestFile, manifestText('mail: { send: task(), post: task({ timeout: 0 }) },'));
  const generated = await make(fixture);
  t.false(generated.ok);
  t.deepEqual(await writeFiles(generated), { written: [], removed: [], unchanged: [] });
  t.is(fixture.read('src/jobs/generated/client.ts'), good);
  t.false(existsSync(fixture.path('src/jobs/handlers/mail/post.ts')));
});

test('a manifest that is not there says what to do', async (t) => {
  const fixture = manifest(t, '');
  rmSync(fixture.manifest);
  const { diagnostics, ok } = await make(fixture);
  t.false(ok);
  t.true(
    formatDiagnostics(diagnostics, fixture).startsWith('error PGS1002: There is no manifest at '),
  );
});

test('a check names every stale file with its reason, and writes nothing', async (t) => {
  const fixture = manifest(t, 'mail: { send: task() }, ping: task(),');
  await run(fixture);
  fixture.write('src/jobs/generated/handlers.ts', 'edited');
  rmSync(fixture.path('src/jobs/generated/contract.json'));
  fixture.write('src/jobs/generated/old.ts', fixture.read('src/jobs/generated/client.ts'));
  fixture.write('src/jobs/generated/notes.ts', 'export const mine = 1;');
  rmSync(fixture.path(stub));
  const expected = {
    'src/jobs/generated/contract.json': 'missing',
    'src/jobs/generated/handlers.ts': 'edited',
    'src/jobs/generated/old.ts': 'orphan',
    'src/jobs/handlers/mail/send.ts': 'missing',
  };
  t.deepEqual(await stale(fixture), expected);
  t.deepEqual(await stale(fixture), expected);

  await run(fixture);
  t.deepEqual(await stale(fixture), {});
  t.false(existsSync(fixture.path('src/jobs/generated/old.ts')));
  t.true(existsSync(fixture.path('src/jobs/generated/notes.ts')));
});

test('files that a checkout or a formatter laid out otherwise are not stale', async (t) => {
  const fixture = manifest(t, 'ping: task(),');
  await run(fixture);
  const [client, contract] = ['src/jobs/generated/client.ts', 'src/jobs/generated/contract.json'];
  fixture.write(client, fixture.read(client).replaceAll('\n', '\r\n'));
  fixture.write(contract, JSON.stringify(JSON.parse(fixture.read(contract)), null, 4));
  t.deepEqual(await stale(fixture), {});
  fixture.write(contract, fixture.read(contract).replace('"maxAttempts": 3', '"maxAttempts": 4'));
  t.deepEqual(await stale(fixture), { [contract]: 'changed' });
});

test('a file keeps its mode, and no temporary file stays', async (t) => {
  const fixture = manifest(t, 'ping: task(),');
  await run(fixture);
  const file = fixture.path('src/jobs/generated/client.ts');
  chmodSync(file, 0o640);
  fixture.write(manifestFile, manifestText('pong: task(),'));
  const { written } = await run(fixture);
  t.true(written.includes(file));
  t.is(statSync(file).mode & 0o777, 0o640);
  t.deepEqual(filesIn(fixture.out), [
    'client.ts',
    'contract.json',
    'contract.ts',
    'handlers.ts',
    'testing.ts',
  ]);
});

test('a stub is written once and never again', async (t) => {
  const fixture = manifest(t, 'mail: { /** Sends. */ send: task() },');
  await run(fixture);
  const edited = `${fixture.read(stub)}\n// mine\n`;
  fixture.write(stub, edited);
  fixture.write(manifestFile, manifestText('mail: { send: task<{ to: string }>() },'));
  await run(fixture);
  t.is(fixture.read(stub), edited);
});

test('an untouched stub goes when its task goes, with its empty folder', async (t) => {
  const fixture = manifest(
    t,
    '/** Sends. */\nmail: { bulk: {\n/** Sends many. */\nsend: task<{ n: number }>() } }, ping: task(),',
  );
  await run(fixture);
  const file = fixture.path('src/jobs/handlers/mail/bulk/send.ts');
  t.true(existsSync(file));
  fixture.write(manifestFile, manifestText('ping: task(),'));
  t.is((await stale(fixture))['src/jobs/handlers/mail/bulk/send.ts'], 'orphan');
  const { removed } = await run(fixture);
  t.deepEqual(removed, [file]);
  t.false(existsSync(fixture.path('src/jobs/handlers/mail')));
  t.true(existsSync(fixture.path('src/jobs/handlers/ping.ts')));
});

test('an edited handler of a task that is gone stays, and is reported with the move to its heir', async (t) => {
  const fixture = manifest(t, 'mail: { send: task<{ to: string }>() }, ping: task(),');
  await run(fixture);
  fixture.write(stub, `${fixture.read(stub)}// mine\n`);
  fixture.write('src/jobs/handlers/helper.ts', 'export const handlerOf = 1;');
  fixture.write(
    manifestFile,
    manifestText('billing: { sendReceipt: task<{ to: string }>() }, ping: task(),'),
  );

  const generated = await make(fixture);
  t.is(
    formatDiagnostics(generated.diagnostics, fixture),
    'src/jobs/handlers/mail/send.ts:1:1 - warning PGS1013: The task `mail.send` of this handler is gone. ' +
      "If it is `billing.sendReceipt` now: add `formerly: ['mail.send']` to its options, and " +
      'git mv -f src/jobs/handlers/mail/send.ts src/jobs/handlers/billing/send-receipt.ts\n',
  );
  t.true(generated.ok);
  await writeFiles(generated);
  t.true(existsSync(fixture.path(stub)));

  const again = await make(fixture);
  t.true(
    formatDiagnostics(again.diagnostics, fixture).includes(
      'No task has this handler. Delete the file',
    ),
  );
});

test('a broken contract.json of an earlier run is no obstacle', async (t) => {
  const fixture = manifest(t, 'ping: task(),');
  for (const text of ['{', 'null', '[]', '{"tasks":3}']) {
    fixture.write('src/jobs/generated/contract.json', text);
    await run(fixture);
    t.deepEqual(await stale(fixture), {});
  }
});
