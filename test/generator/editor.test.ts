import test, { type ExecutionContext } from 'ava';
import ts from 'typescript';
import type { Fixture } from './support/fixture.js';
import { goldenProject } from './support/golden.js';

/** What all editors here parse once: the libraries. */
const registry = ts.createDocumentRegistry();

/** An editor on the golden project, with a caller in `src/use.ts`. */
async function editor(t: ExecutionContext) {
  const fixture = await goldenProject(t);
  fixture.write('src/use.ts', use);
  const service = ts.createLanguageService(hostOf(fixture), registry);
  const file = fixture.path('src/use.ts');
  const at = (text: string, word: string) => use.indexOf(text) + text.lastIndexOf(word);
  const place = ({ fileName, textSpan }: ts.DocumentSpan) => {
    const text = ts.sys.readFile(fileName) ?? '';
    const line = text.slice(0, textSpan.start).split('\n').length;
    return `${fileName.slice(fixture.root.length + 1)}:${line} ${text.slice(textSpan.start, textSpan.start + textSpan.length)}`;
  };
  return { fixture, service, file, at, place };
}

const use = `import { createClient } from './jobs/generated/client.js';
const { enqueue, call } = createClient();
await enqueue.mail.sendReceipt({ orderId: 1, to: 'x', at: new Date() });
await enqueue.mail.bulk.sendDigest.many([]);
await enqueue.resizeImage({ path: 'x', width: 1 });
await call.media.play;
`;

function hostOf(fixture: Fixture): ts.LanguageServiceHost {
  const config = ts.getParsedCommandLineOfConfigFile(
    fixture.path('tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => {},
    },
  );
  return {
    getCompilationSettings: () => config?.options ?? {},
    getScriptFileNames: () => config?.fileNames ?? [],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => fixture.root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    readFile: ts.sys.readFile,
    fileExists: ts.sys.fileExists,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: ts.sys.realpath ?? ((path) => path),
  };
}

test('go to definition lands in the manifest, on one target', async (t) => {
  const { service, file, at, place } = await editor(t);
  const targets = (text: string, word: string) =>
    service.getDefinitionAtPosition(file, at(text, word))?.map(place);
  t.deepEqual(targets('enqueue.mail.sendReceipt(', 'sendReceipt'), [
    'src/jobs/mail/tasks.ts:8 sendReceipt',
  ]);
  t.deepEqual(targets('enqueue.mail.bulk.sendDigest', 'sendDigest'), [
    'src/jobs/mail/tasks.ts:17 sendDigest',
  ]);
  t.deepEqual(targets('enqueue.resizeImage(', 'resizeImage'), ['src/jobs/tasks.ts:20 resizeImage']);
  t.deepEqual(targets('call.media.play', 'play'), ['src/jobs/tasks.ts:53 play']);
});

test('renaming a task or a group in the manifest renames every call', async (t) => {
  const { service, fixture, place } = await editor(t);
  const renames = (source: string, word: string) => {
    const path = fixture.path(source);
    const start = fixture.read(source).indexOf(word);
    return service.findRenameLocations(path, start, false, false, {})?.map(place) ?? [];
  };
  t.true(
    renames('src/jobs/mail/tasks.ts', 'sendReceipt: task').includes('src/use.ts:3 sendReceipt'),
  );
  t.true(renames('src/jobs/mail/tasks.ts', 'sendDigest: task').includes('src/use.ts:4 sendDigest'));
  t.true(renames('src/jobs/mail/tasks.ts', 'bulk: {').includes('src/use.ts:4 bulk'));
  t.true(renames('src/jobs/tasks.ts', 'resizeImage: task').includes('src/use.ts:5 resizeImage'));
  t.true(renames('src/jobs/tasks.ts', 'media: {').includes('src/use.ts:6 media'));
});

test('renaming a task where it is called renames the manifest', async (t) => {
  const { service, file, at, place } = await editor(t);
  const start = at('enqueue.mail.bulk.sendDigest', 'sendDigest');
  const found = service.findRenameLocations(file, start, false, false, {})?.map(place);
  t.true(found?.includes('src/jobs/mail/tasks.ts:17 sendDigest'));
});

test('hovering over a task shows its signature and its doc comment', async (t) => {
  const { service, file, at } = await editor(t);
  const info = service.getQuickInfoAtPosition(file, at('enqueue.mail.sendReceipt(', 'sendReceipt'));
  const shown = ts.displayPartsToString(info?.displayParts);
  t.true(shown.includes('args: MailSendReceiptArgs'), shown);
  t.true(shown.includes('Promise<JobHandle<MailSendReceiptResult>>'), shown);
  t.is(ts.displayPartsToString(info?.documentation), 'Mails the receipt of one order.');
});

test('its other tags show at a call, and at the type of its handler', async (t) => {
  const { service, fixture, file, at } = await editor(t);
  const tagsAt = (path: string, position: number) => {
    const info = service.getQuickInfoAtPosition(path, position);
    const tags = info?.tags?.map(({ name, text }) => [name, ts.displayPartsToString(text)]);
    return {
      doc: ts.displayPartsToString(info?.documentation),
      tags: Object.fromEntries(tags ?? []),
    };
  };
  const example =
    '// One after the other: /* twice *\\/\nawait enqueue.media.play({ user, list: [] });';
  const call = tagsAt(file, at('call.media.play', 'play'));
  t.deepEqual(call, {
    doc: 'Plays a list.',
    tags: { deprecated: 'Nobody listens.', remarks: 'It is loud.', example },
  });
  const handlers = fixture.read('src/jobs/generated/handlers.ts');
  const handler = handlers.indexOf('MediaPlayHandler');
  t.deepEqual(tagsAt(fixture.path('src/jobs/generated/handlers.ts'), handler), {
    doc: 'Plays a list.\n\nDeprecated. Nobody listens.',
    tags: { remarks: 'It is loud.', example },
  });
});

test('a deprecated task is struck through where it is called', async (t) => {
  const { service, file } = await editor(t);
  const found = service.getSuggestionDiagnostics(file).filter(({ code }) => code === 6385);
  t.deepEqual(
    found.map(({ start = 0, length = 0 }) => use.slice(start, start + length)),
    ['play'],
  );
});
