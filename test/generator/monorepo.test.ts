import { mkdirSync, symlinkSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import ts from 'typescript';
import { generate, writeFiles } from '../../generator/index.js';
import { type Fixture, project, strictest } from './support/fixture.js';
import { TsServer } from './support/tsserver.js';

const { noEmit: _, ...flags } = strictest;
const json = (value: object) => JSON.stringify(value, null, 2);
const tsconfig = (...references: string[]) =>
  json({
    extends: '../../tsconfig.base.json',
    compilerOptions: { rootDir: 'src', outDir: 'dist' },
    include: ['src'],
    references: references.map((path) => ({ path })),
  });
const manifestFile = 'packages/jobs/src/tasks.ts';
const callerFile = 'apps/web/src/main.ts';

/** Three packages of a workspace, as docs/monorepos.md sets them up: the contract, who enqueues, who runs. */
const workspace: Readonly<Record<string, string>> = {
  'tsconfig.base.json': json({
    compilerOptions: { ...flags, composite: true, declarationMap: true },
  }),
  'tsconfig.json': json({
    files: [],
    references: [{ path: 'apps/web' }, { path: 'apps/worker' }],
  }),
  'packages/jobs/package.json': json({
    name: '@acme/jobs',
    type: 'module',
    exports: { './*.js': { types: './dist/*.d.ts', default: './dist/*.js' } },
  }),
  'packages/jobs/tsconfig.json': tsconfig(),
  [manifestFile]: `import { defineTasks, task } from 'pgsched';
import * as v from 'valibot';
export default defineTasks({
  mail: {
    sendReceipt: task({ args: v.object({ orderId: v.number() }), result: v.object({ messageId: v.string() }) }),
  },
  ping: task(),
});
`,
  'apps/web/package.json': json({ name: 'web', type: 'module' }),
  'apps/web/tsconfig.json': tsconfig('../../packages/jobs'),
  [callerFile]: `import { createClient } from '@acme/jobs/generated/client.js';
const { enqueue } = createClient();
export const job = await enqueue.mail.sendReceipt({ orderId: 1 });
`,
  'apps/worker/package.json': json({ name: 'worker', type: 'module' }),
  'apps/worker/tsconfig.json': tsconfig('../../packages/jobs'),
  'apps/worker/src/worker.ts': `import { defineWorker } from 'pgsched';
export default defineWorker({ context: () => ({ mailer: { send: (orderId: number) => String(orderId) } }) });
`,
  'apps/worker/src/handlers/mail/send-receipt.ts': `import type { MailSendReceiptHandler } from '../../generated/handlers.js';
export const handler: MailSendReceiptHandler = ({ orderId }, job) => ({ messageId: job.context.mailer.send(orderId) });
`,
};

async function monorepo(t: ExecutionContext, more: Record<string, string> = {}): Promise<Fixture> {
  const made = project(t, { ...workspace, ...more }, null);
  mkdirSync(made.path('node_modules/@acme'));
  symlinkSync(made.path('packages/jobs'), made.path('node_modules/@acme/jobs'));
  const fixture: Fixture = {
    ...made,
    root: made.path('packages/jobs'),
    manifest: made.path(manifestFile),
    out: made.path('packages/jobs/src/generated'),
    workers: [
      {
        handlers: made.path('apps/worker/src/handlers'),
        out: made.path('apps/worker/src/generated'),
        setup: made.path('apps/worker/src/worker.ts'),
        contract: '@acme/jobs',
      },
    ],
  };
  const generated = await generate(fixture);
  t.deepEqual(generated.diagnostics, []);
  await writeFiles(generated);
  return fixture;
}

test('several workers may each be a package of its own', async (t) => {
  const made = await monorepo(t, {
    'tsconfig.json': json({
      files: [],
      references: ['web', 'worker', 'pinger'].map((name) => ({ path: `apps/${name}` })),
    }),
    'apps/pinger/package.json': json({ name: 'pinger', type: 'module' }),
    'apps/pinger/tsconfig.json': tsconfig('../../packages/jobs'),
    'apps/pinger/src/handlers/ping.ts': `import type { Context, PingHandler } from '../generated/handlers.js';
export const handler: PingHandler = (_, job) => { job.context satisfies Context satisfies undefined; };
`,
  });
  const mail = made.workers.map((worker) => ({ ...worker, name: 'mail', tasks: ['mail.**'] }));
  const pinger = {
    name: 'pinger',
    tasks: ['ping'],
    handlers: made.path('apps/pinger/src/handlers'),
    out: made.path('apps/pinger/src/generated'),
    contract: '@acme/jobs',
  };
  const fixture: Fixture = { ...made, workers: [...mail, pinger] };
  const generated = await generate(fixture);
  t.deepEqual(generated.diagnostics, []);
  t.deepEqual(generated.removals, [fixture.path('apps/worker/src/handlers/ping.ts')]);
  await writeFiles(generated);
  t.deepEqual(build(fixture), []);
  t.false(fixture.read('apps/pinger/src/handlers/index.ts').includes('mail'));
});

/** What `tsc -b` says, in the folder of the workspace. */
function build(fixture: Fixture): string[] {
  const found: string[] = [];
  const host = ts.createSolutionBuilderHost(ts.sys, undefined, ({ file, messageText }) => {
    const place = file ? `${file.fileName.slice(file.fileName.indexOf('/apps/') + 1)}: ` : '';
    found.push(place + ts.flattenDiagnosticMessageText(messageText, ' '));
  });
  ts.createSolutionBuilder(host, [fixture.path('tsconfig.json')], {}).build();
  return found;
}

test('the manifest and its handlers may be in two packages: all of it builds by references', async (t) => {
  const fixture = await monorepo(t);
  t.deepEqual(build(fixture), []);
  const registry = fixture.read('apps/worker/src/handlers/index.ts');
  for (const module of [
    '@acme/jobs/generated/contract.js',
    '@acme/jobs/tasks.js',
    '../generated/handlers.js',
    '../worker.js',
  ]) {
    t.true(registry.includes(`from '${module}'`), module);
  }
  t.true(
    fixture
      .read('apps/worker/src/generated/testing.ts')
      .includes("'@acme/jobs/generated/client.js'"),
  );
  const ofContract = ts.sys.readDirectory(fixture.path('packages/jobs/src'));
  for (const path of ofContract) {
    t.false((ts.sys.readFile(path) ?? '').includes('apps/worker'), `${path} leads to the worker`);
  }
});

test('a handler that does not fit is an error in its own package', async (t) => {
  const fixture = await monorepo(t, {
    'apps/worker/src/handlers/ping.ts': `import type { MailSendReceiptHandler } from '../generated/handlers.js';
export const handler: MailSendReceiptHandler = () => ({ messageId: 1 });
`,
  });
  t.regex(build(fixture).join('\n'), /apps\/worker\/src\/handlers\/ping\.ts: Type 'number' is not/);
});

test('in the editor a call leads to the manifest of the other package, and renames cross', async (t) => {
  const fixture = await monorepo(t);
  build(fixture);
  const server = new TsServer(fixture.path('.'));
  t.teardown(() => server.close());
  const place = (file: string, text: string) => {
    const before = fixture.read(file).slice(0, fixture.read(file).indexOf(text)).split('\n');
    const offset = (before.at(-1) as string).length + 1;
    return { file: fixture.path(file), line: before.length, offset };
  };
  server.open(fixture.path(callerFile));
  server.open(fixture.path(manifestFile));
  const [target, ...others] = await server.definition(place(callerFile, 'sendReceipt'));
  t.deepEqual(others, []);
  t.like(target, place(manifestFile, 'sendReceipt'));

  for (const [from, to] of [
    [manifestFile, callerFile],
    [callerFile, manifestFile],
  ] as const) {
    const renamed = await server.rename(place(from, 'sendReceipt'));
    t.deepEqual(
      renamed.find(({ file }) => file === fixture.path(to))?.lines,
      [place(to, 'sendReceipt').line],
      `from ${from}`,
    );
  }
});

test('each package’s own tsconfig says how its modules name each other', async (t) => {
  const bundled = {
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      ...{ rootDir: 'src', outDir: 'dist', module: 'ESNext', moduleResolution: 'Bundler' },
    },
    include: ['src'],
    references: [{ path: '../../packages/jobs' }],
  };
  const exported = { types: './dist/*.d.ts', default: './dist/*.js' };
  const fixture = await monorepo(t, {
    'apps/worker/tsconfig.json': json(bundled),
    'packages/jobs/package.json': json({
      name: '@acme/jobs',
      type: 'module',
      exports: { './*.js': exported, './*': exported },
    }),
    'apps/worker/src/handlers/mail/send-receipt.ts': `import type { MailSendReceiptHandler } from '../../generated/handlers';
export const handler: MailSendReceiptHandler = ({ orderId }) => ({ messageId: String(orderId) });
`,
  });
  t.deepEqual(build(fixture), []);
  t.true(
    fixture.read('apps/worker/src/handlers/index.ts').includes("'@acme/jobs/generated/contract'"),
  );
  t.true(fixture.read('packages/jobs/src/generated/client.ts').includes("'../tasks.js'"));
});

test('a renamed task takes its stub and nothing else with it, across the packages', async (t) => {
  const fixture = await monorepo(t);
  fixture.write(manifestFile, (workspace[manifestFile] ?? '').replace('ping:', 'pong:'));
  const generated = await generate(fixture);
  t.deepEqual(generated.removals, [fixture.path('apps/worker/src/handlers/ping.ts')]);
  await writeFiles(generated);
  t.deepEqual(build(fixture), []);
});
