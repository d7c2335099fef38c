import test from 'ava';
import { formatDiagnostics } from '../../generator/index.js';
import { readManifest } from '../../generator/read/read-manifest.js';
import type { TaskContract } from '../../runtime/contract/types.js';
import { type Fixture, manifest, project } from './support/fixture.js';

/** The contracts of a manifest that must be right. */
function read(t: { fail(message: string): never }, fixture: Fixture): Record<string, TaskContract> {
  const { model, diagnostics } = readManifest(fixture.manifest);
  if (model === null) return t.fail(formatDiagnostics(diagnostics, fixture));
  return Object.fromEntries(model.tasks.map(({ name, contract }) => [name, contract]));
}

test('a task without options gets every default', (t) => {
  const { ping } = read(t, manifest(t, 'ping: task(),'));
  t.deepEqual(ping, {
    version: 1,
    topic: 'ping',
    maxAttempts: 3,
    maxRescues: 3,
    timeout: 60_000,
    priority: 0,
    backoff: { kind: 'exponential', base: 1_000, factor: 2, max: 300_000, jitter: 0.1 },
    startWithin: null,
    retention: {
      completed: 86_400_000,
      failed: 7 * 86_400_000,
      cancelled: 3 * 86_400_000,
      expired: 7 * 86_400_000,
    },
    key: null,
    keyScope: 'active',
    onConflict: null,
    args: null,
    result: null,
    schemas: { args: false, result: false },
  });
});

test('a retention is one for all, or one by how a job ended', (t) => {
  const { a, b, c } = read(
    t,
    manifest(
      t,
      `a: task({ retention: 'none' }),
      b: task({ retention: { completed: '2h', failed: 'forever', expired: undefined } }),
      c: task({ retention: 60 * 1000 }),`,
    ),
  );
  t.deepEqual(a?.retention, { completed: 0, failed: 0, cancelled: 0, expired: 0 });
  t.deepEqual(b?.retention, {
    completed: 7_200_000,
    failed: null,
    cancelled: 3 * 86_400_000,
    expired: 7 * 86_400_000,
  });
  t.is(c?.retention.completed, 60_000);
});

test('types and schemas are read alike', (t) => {
  const { plain, schema } = read(
    t,
    manifest(
      t,
      `plain: task<{ id: number; at: Date; note?: string }, { ok: boolean }>(),
      schema: task({
        args: v.object({ id: v.number(), at: v.date(), note: v.optional(v.string()) }),
        result: v.object({ ok: v.boolean() }),
      }),`,
    ),
  );
  t.deepEqual(schema?.args, plain?.args);
  t.deepEqual(schema?.result, plain?.result);
  t.deepEqual(plain?.schemas, { args: false, result: false });
  t.deepEqual(schema?.schemas, { args: true, result: true });
});

test('of a schema the input of args and the output of the result are stored', (t) => {
  const { count } = read(
    t,
    manifest(
      t,
      `count: task({
        args: v.object({ size: v.optional(v.number(), 1), text: v.pipe(v.string(), v.transform((s) => s.length)) }),
        result: v.object({ at: v.pipe(v.string(), v.transform((s) => new Date(s))) }),
      }),`,
    ),
  );
  t.deepEqual(count?.args, {
    kind: 'object',
    properties: [
      { name: 'size', optional: true, shape: { kind: 'number' } },
      { name: 'text', optional: false, shape: { kind: 'string' } },
    ],
  });
  t.deepEqual(count?.result, {
    kind: 'object',
    properties: [{ name: 'at', optional: false, shape: { kind: 'date' } }],
  });
});

test('zod schemas are read as valibot ones are', (t) => {
  const { a } = read(
    t,
    manifest(t, 'a: task({ args: z.object({ n: z.number().default(3), s: z.email() }) }),', {
      before: "import * as z from 'zod';",
    }),
  );
  t.deepEqual(a?.args, {
    kind: 'object',
    properties: [
      { name: 'n', optional: true, shape: { kind: 'number' } },
      { name: 's', optional: false, shape: { kind: 'string' } },
    ],
  });
});

test('options are literals, consts, spreads, arithmetic and templates, also from other files', (t) => {
  const { a, b, c } = read(
    t,
    manifest(
      t,
      `a: task({ ...common, timeout: 2 * minute, priority: Level.Urgent }),
      b: task({ maxAttempts: shared.limits['attempts'], timeout: \`\${minutes}m\`, priority: -(1 + 2) }),
      c: task(options),`,
      {
        before: `import { Level, minute, options, shared as shared } from './options.js';
          const minutes = 3;
          const common = { maxAttempts: 5, onConflict: 'ignore' } as const satisfies object;`,
        'src/jobs/options.ts': `export const minute = 60_000;
          export const shared = { limits: { attempts: 7 } } as const;
          export const Level = { Urgent: 30 } as const;
          const delays = ['1s', 5_000] as const;
          export const options = { backoff: { kind: 'list', delays: [...delays, '1m'], jitter: 0.5 } } as const;`,
      },
    ),
  );
  t.like(a, { maxAttempts: 5, onConflict: 'ignore', timeout: 120_000, priority: 30 });
  t.like(b, { maxAttempts: 7, timeout: 180_000, priority: -3 });
  t.deepEqual(c?.backoff, { kind: 'list', delays: [1_000, 5_000, 60_000], jitter: 0.5 });
});

test('an option that is undefined keeps its default', (t) => {
  const { a } = read(
    t,
    manifest(
      t,
      'a: task({ args: undefined, timeout: undefined, priority: none, key: undefined }),',
      {
        before: 'const none = undefined;',
      },
    ),
  );
  t.like(a, { timeout: 60_000, priority: 0, key: null, schemas: { args: false, result: false } });
});

test('every kind of backoff is compiled to milliseconds', (t) => {
  const tasks = read(
    t,
    manifest(
      t,
      `exponential: task({ backoff: { kind: 'exponential', base: '2s', factor: 3, max: '1h', jitter: 0 } }),
      short: task({ backoff: { kind: 'exponential', base: 100 } }),
      long: task({ backoff: { kind: 'exponential', base: '1h' } }),
      linear: task({ backoff: { kind: 'linear', base: '1m' } }),
      fixed: task({ backoff: { kind: 'fixed', delay: '10s' } }),
      list: task({ backoff: { kind: 'list', delays: [0, '1s'] } }),`,
    ),
  );
  t.deepEqual(
    Object.fromEntries(Object.entries(tasks).map(([name, { backoff }]) => [name, backoff])),
    {
      exponential: { kind: 'exponential', base: 2_000, factor: 3, max: 3_600_000, jitter: 0 },
      short: { kind: 'exponential', base: 100, factor: 2, max: 300_000, jitter: 0.1 },
      long: { kind: 'exponential', base: 3_600_000, factor: 2, max: 3_600_000, jitter: 0.1 },
      linear: { kind: 'linear', base: 60_000, max: 300_000, jitter: 0.1 },
      fixed: { kind: 'list', delays: [10_000], jitter: 0 },
      list: { kind: 'list', delays: [0, 1_000], jitter: 0 },
    },
  );
});

test('groups nest to any depth and spread over files', (t) => {
  const fixture = project(t, {
    'src/jobs/tasks.ts': `import { defineTasks, task as declare } from 'pgsched';
      import { mail } from './mail.js';
      import billing, { extra } from './billing.js';
      const ping = declare();
      export default defineTasks({ ping, mail, billing, ...extra, 'quoted': declare() });`,
    'src/jobs/mail.ts': `import { task } from 'pgsched';
      const digest = task();
      export const mail = { send: task(), bulk: { weekly: { digest } } };`,
    'src/jobs/billing.ts': `import { task } from 'pgsched';
      export const extra = { report: task() };
      export default { close: task() };`,
  });
  const { model } = readManifest(fixture.manifest);
  t.deepEqual(
    model?.tasks.map(({ name }) => name),
    ['ping', 'mail.send', 'mail.bulk.weekly.digest', 'billing.close', 'report', 'quoted'],
  );
  t.deepEqual(model?.groups, ['mail', 'mail.bulk', 'mail.bulk.weekly', 'billing']);
});

test('the manifest may be a const that is exported later', (t) => {
  const fixture = project(t, {
    'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
      const tasks = defineTasks({ ping: task() } as const);
      export { tasks as default };`,
  });
  t.deepEqual(Object.keys(read(t, fixture)), ['ping']);
});

test('doc comments and deprecations are read, also from a const', (t) => {
  const { model } = readManifest(
    manifest(
      t,
      `/**
       * Sends.
       *
       * Twice.
       * @deprecated use \`post\`
       */
      send: task(),
      post,`,
      {
        'src/jobs/post.ts':
          "import { task } from 'pgsched';\n/** Posts. */\nexport const post = task();",
        before: "import { post } from './post.js';",
      },
    ).manifest,
  );
  t.like(model?.tasks[0], { doc: 'Sends.\n\nTwice.', deprecated: 'use `post`' });
  t.like(model?.tasks[1], { doc: 'Posts.', deprecated: null });
});

test('the manifest is never run', (t) => {
  const { a } = read(
    t,
    manifest(t, 'a: task({ maxAttempts: 4 }),', {
      before: "if (typeof process === 'object') throw new Error('The manifest ran.');",
    }),
  );
  t.is(a?.maxAttempts, 4);
});

test('a project without a tsconfig is read with strict types', (t) => {
  const fixture = project(
    t,
    {
      'src/jobs/tasks.ts':
        "import { defineTasks, task } from 'pgsched';\nexport default defineTasks({ a: task<{ n: number | null }>() });",
    },
    null,
  );
  const { a } = read(t, fixture);
  t.deepEqual(a?.args, {
    kind: 'object',
    properties: [
      {
        name: 'n',
        optional: false,
        shape: { kind: 'union', members: [{ kind: 'number' }, { kind: 'null' }] },
      },
    ],
  });
});

test('of a solution tsconfig the project that holds the manifest counts', (t) => {
  const fixture = project(
    t,
    {
      'src/jobs/tasks.ts':
        "import { defineTasks, task } from 'pgsched';\nexport default defineTasks({ a: task() });",
      'tsconfig.json': JSON.stringify({ files: [], references: [{ path: './tsconfig.app.json' }] }),
      'tsconfig.app.json': JSON.stringify({
        compilerOptions: { strict: true, module: 'ESNext', moduleResolution: 'Bundler' },
        include: ['src'],
      }),
    },
    null,
  );
  const { model, inputs } = readManifest(fixture.manifest);
  t.is(model?.extension, '');
  t.true(inputs.includes(fixture.path('tsconfig.app.json')));
});
