import test, { type ExecutionContext } from 'ava';
import { checkFiles, type Generated, generate, writeFiles } from '../../generator/index.js';
import { compile } from './support/compile.js';
import { type Fixture, project } from './support/fixture.js';

const tasks = `import { defineTasks, task } from 'pgsched';
export default defineTasks({
  mail: { send: task<{ to: string }>() },
  media: {
    /** Makes it smaller. */
    resize: task<{ width: number }, { bytes: number }>(),
    video: { encode: task<{ url: string }>() },
  },
  ping: task(),
});
`;

const setup = `import { defineWorker } from 'pgsched';
export default defineWorker({ context: () => ({ encoder: (width: number) => width * 100 }) });
`;

const resize = `import type { MediaResizeHandler } from '../../generated/handlers.js';
export const handler: MediaResizeHandler = ({ width }, job) => ({ bytes: job.context.encoder(width) });
`;

/** A project with the workers `mail` and `media`, each in a folder of its own. */
function twoWorkers(
  t: ExecutionContext,
  files: Readonly<Record<string, string>> = {},
  patterns: Readonly<Record<string, readonly string[]>> = {},
): Fixture {
  const made = project(t, {
    'src/jobs/tasks.ts': tasks,
    'src/media/worker.ts': setup,
    'src/media/handlers/media/resize.ts': resize,
    ...files,
  });
  const places = (name: string, defaults: readonly string[]) => ({
    name,
    tasks: patterns[name] ?? defaults,
    handlers: made.path(`src/${name}/handlers`),
    out: made.path(`src/${name}/generated`),
    setup: made.path(`src/${name}/worker.ts`),
  });
  return { ...made, workers: [places('mail', ['mail.*', 'ping']), places('media', ['media.**'])] };
}

function relativeTo(fixture: Fixture, paths: Iterable<string>): string[] {
  return [...paths].map((path) => path.slice(fixture.root.length + 1)).sort();
}

function messages(generated: Generated): string[] {
  return generated.diagnostics.map(
    ({ severity, code, place, message }) =>
      `${severity} ${code} ${place?.file.split('/').at(-1)}:${place?.line} ${message}`,
  );
}

test('each worker has handlers, types, a registry and helpers for tests of its own', async (t) => {
  const fixture = twoWorkers(t);
  const generated = await generate(fixture);
  t.deepEqual(messages(generated), []);
  await writeFiles(generated);
  t.deepEqual(relativeTo(fixture, generated.files.keys()), [
    'src/jobs/generated/client.ts',
    'src/jobs/generated/contract.json',
    'src/jobs/generated/contract.ts',
    'src/mail/generated/handlers.ts',
    'src/mail/generated/testing.ts',
    'src/mail/handlers/index.ts',
    'src/media/generated/handlers.ts',
    'src/media/generated/testing.ts',
    'src/media/handlers/index.ts',
  ]);
  t.deepEqual(relativeTo(fixture, generated.stubs.keys()), [
    'src/mail/handlers/mail/send.ts',
    'src/mail/handlers/ping.ts',
    'src/media/handlers/media/resize.ts',
    'src/media/handlers/media/video/encode.ts',
  ]);
  t.deepEqual(compile(fixture), []);
  t.deepEqual(await checkFiles(await generate(fixture)), []);
});

test('a worker’s context is its own, and a handler that is missing an error in its registry alone', async (t) => {
  const fixture = twoWorkers(t, {
    'src/mail/handlers/ping.ts': `import type { PingHandler } from '../generated/handlers.js';
export const handler: PingHandler = (_, job) => job.context.encoder(1);
`,
  });
  const generated = await generate(fixture);
  await writeFiles({ ...generated, stubs: new Map() });
  const found = compile(fixture);
  t.is(found.filter((line) => line.includes('TS2307')).length, 2);
  t.regex(
    found.join('\n'),
    /src\/media\/handlers\/index\.ts:\d+: TS2307 Cannot find module '\.\/media\/video\/encode\.js'/,
  );
  t.regex(found.join('\n'), /src\/mail\/handlers\/ping\.ts:2: TS\d+ .*undefined/);
});

test('a task that is no worker’s, or two workers’, is an error at its place; nothing is written', async (t) => {
  const fixture = twoWorkers(t, {}, { mail: ['mail.send', 'media.video.*'] });
  const generated = await generate(fixture);
  t.false(generated.ok);
  t.deepEqual(messages(generated), [
    'error PGS1015 tasks.ts:7 `media.video.encode` is a task of mail and media: only one of them may have a pattern that fits it.',
    "error PGS1015 tasks.ts:9 `ping` is no worker's task: add a pattern that fits it to the `tasks` of mail or media.",
  ]);
  t.is(generated.files.size, 0);
});

test('a pattern that fits no task is a warning', async (t) => {
  const fixture = twoWorkers(t, {}, { media: ['media.**', 'medai.**', '*.*.*.*'] });
  const generated = await generate(fixture);
  t.true(generated.ok);
  t.deepEqual(messages(generated), [
    "warning PGS1015 tasks.ts:1 No task fits the pattern 'medai.**' of the worker media.",
    "warning PGS1015 tasks.ts:1 No task fits the pattern '*.*.*.*' of the worker media.",
  ]);
});

test('a task that moves to another worker leaves no stub behind, and says where an edited handler goes', async (t) => {
  const fixture = twoWorkers(t);
  await writeFiles(await generate(fixture));
  const [mail, media] = fixture.workers;
  const moved: Fixture = {
    ...fixture,
    workers: [
      { ...mail, tasks: ['**.send', 'media.**'] },
      { ...media, tasks: ['ping'] },
    ] as Fixture['workers'],
  };
  const generated = await generate(moved);
  t.deepEqual(messages(generated), [
    "warning PGS1013 resize.ts:1 `media.resize` is another worker's task now: git mv -f src/media/handlers/media/resize.ts src/mail/handlers/media/resize.ts",
  ]);
  t.deepEqual(relativeTo(fixture, generated.removals), [
    'src/mail/handlers/ping.ts',
    'src/media/handlers/media/video/encode.ts',
  ]);
});

test('older args are brought up to date where the handlers are', async (t) => {
  const fixture = twoWorkers(t, {
    'src/media/handlers/media/resize.ts': resize.replace(
      '({ width }, job)',
      '({ size: width }, job)',
    ),
  });
  await writeFiles(await generate(fixture));
  const released = JSON.parse(fixture.read('src/jobs/generated/contract.json'));
  fixture.write(
    'src/jobs/tasks.ts',
    tasks.replace(
      'task<{ width: number }, { bytes: number }>()',
      'task<{ size: number }, { bytes: number }>({ version: 2 })',
    ),
  );
  const generated = await generate(fixture, {}, { contract: released, warnings: [] });
  await writeFiles(generated);
  const isOfUpcasts = (path: string) => path.includes('upcast');
  t.deepEqual(relativeTo(fixture, [...generated.files.keys()].filter(isOfUpcasts)), [
    'src/media/handlers/upcasters.ts',
  ]);
  t.deepEqual(relativeTo(fixture, [...generated.stubs.keys()].filter(isOfUpcasts)), [
    'src/media/handlers/media/resize.upcast.ts',
  ]);
  const upcast = 'src/media/handlers/media/resize.upcast.ts';
  fixture.write(
    upcast,
    fixture
      .read(upcast)
      .replace(
        /export const .*/s,
        'export const upcast: MediaResizeUpcast = { 1: ({ width }) => ({ size: width }) };\n',
      ),
  );
  t.deepEqual(compile(fixture), []);
});
