import test, { type ExecutionContext } from 'ava';
import ts from 'typescript';
import { generate, writeFiles } from '../../generator/index.js';
import { compile } from './support/compile.js';
import { type Fixture, manifest, project, strictest } from './support/fixture.js';
import { goldenProject } from './support/golden.js';

/** An application at the edge: no types of node, a browser's lib, every library's declarations checked. */
const edge = {
  ...strictest,
  module: 'ESNext',
  moduleResolution: 'Bundler',
  lib: ['ES2022', 'DOM'],
  target: 'ES2022',
  types: [],
  skipLibCheck: false,
};

/** What a compiler says of a program of this text, and all that it reads for it. */
function check(
  fixture: Fixture,
  text: string,
  more: object = {},
): { errors: string[]; files: string[]; cost: number } {
  const file = fixture.path('src/use.ts');
  fixture.write('src/use.ts', text);
  const { options } = ts.convertCompilerOptionsFromJson({ ...edge, ...more }, fixture.root);
  const program = ts.createProgram([file], options);
  const errors = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  const files = program.getSourceFiles().map(({ fileName }) => fileName);
  return { errors, files, cost: program.getInstantiationCount() };
}

async function standalone(
  t: ExecutionContext,
  tasks: string,
  more: Record<string, string> = {},
): Promise<Fixture> {
  const fixture: Fixture = { ...manifest(t, tasks, more), client: 'standalone' };
  const generated = await generate(fixture);
  t.deepEqual(generated.diagnostics, []);
  await writeFiles(generated);
  return fixture;
}

test('its types need neither the manifest nor a driver, and say what is wrong', async (t) => {
  const fixture = await goldenProject(t, edge);
  const { errors, files } = check(
    fixture,
    `import { createClient, type JobHandle } from './jobs/generated/standalone';
const sent: [string, (string | null)[]][] = [];
const { enqueue } = createClient({ query: async (text, values) => { sent.push([text, values]); return { rows: [] }; } });
export const job: JobHandle<{ messageId: string }> = await enqueue.mail.sendReceipt(
  { orderId: 1, to: 'x', at: new Date() },
  { delay: '5m', priority: 'high', key: 'k', onConflict: 'ignore', topic: 'a.b', headers: { a: 'b' }, startWithin: null },
);
const { messageId } = await job.result({ timeout: '5s', signal: AbortSignal.timeout(1) });
const cancelled: boolean = await job.cancel();
const outcome: 'created' | 'existing' | 'replaced' = job.outcome;
await enqueue.ping();
await enqueue.ping(undefined, { runAt: new Date() });
await enqueue.resizeImage.many([{ path: 'x', width: 1 }], (args, index) => ({ priority: args.width + index }));
await enqueue.media.play({ user: 'a brand is what it marks', list: [null] });
// @ts-expect-error: wrong args
await enqueue.resizeImage({ path: 'x', width: '1' });
// @ts-expect-error: missing args
await enqueue.resizeImage();
// @ts-expect-error: the query is the transaction
await enqueue.ping(undefined, { tx: {} });
// @ts-expect-error: no such task
await enqueue.mail.sendReciept;
// @ts-expect-error: a query is needed
createClient({});
export const used = [messageId, cancelled, outcome];
`,
  );
  t.deepEqual(errors, []);
  t.false(
    files.some((path) => /\/tasks\.ts$|valibot|\/pg\/|@types/.test(path)),
    files.join('\n'),
  );
});

test('what only the manifest could name is written by its structure', async (t) => {
  const fixture = await standalone(
    t,
    `a: task<{ color: Color; id: Id; list: Box[]; at: \`a\${number}b\`; maybe?: Color }, Map<string, Set<Color>>>(),`,
    {
      before: `const Colors = { Red: 'red', Blue: 'blue' } as const; type Color = (typeof Colors)[keyof typeof Colors];
        type Id = string & { readonly brand: unique symbol }; interface Box { in?: Box; id: Id }`,
    },
  );
  const text = fixture.read('src/jobs/generated/standalone.ts');
  t.true(
    text.includes(`export interface AArgs {
  color: 'blue' | 'red';
  id: string;
  list: ABox[];
  at: \`a\${number}b\`;
  maybe?: 'blue' | 'red' | undefined;
}`),
    text,
  );
  t.true(
    text.includes('export interface ABox {\n  in?: ABox | undefined;\n  id: string;\n}'),
    text,
  );
  t.deepEqual(check(fixture, "export * from './jobs/generated/standalone';").errors, []);
});

test('200 tasks cost a compiler next to nothing', async (t) => {
  const one = 'task<{ id: number; at: Date; list: { a: string; b?: number }[] }, { n: number }>()';
  const group = Array.from({ length: 10 }, (_, index) => `t${index}: ${one}`).join(', ');
  const tasks = Array.from({ length: 20 }, (_, index) => `g${index}: { ${group} },`).join('\n');
  const fixture = await standalone(t, tasks);
  const text = "export * from './jobs/generated/standalone';";
  const { cost } = check(fixture, text, { skipLibCheck: true });
  t.true(cost <= 100, `${cost} instantiations`);
});

test('it compiles without a task, and goes when it is asked for no more', async (t) => {
  const none = `import { defineTasks } from 'pgsched';\nexport default defineTasks({});\n`;
  const fixture: Fixture = { ...project(t, { 'src/jobs/tasks.ts': none }), client: 'standalone' };
  await writeFiles(await generate(fixture));
  t.deepEqual(compile(fixture), []);
  const { client: _, ...without } = fixture;
  const { removals } = await generate(without);
  t.deepEqual(removals, [fixture.path('src/jobs/generated/standalone.ts')]);
});
