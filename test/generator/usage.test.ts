import { rmSync } from 'node:fs';
import test from 'ava';
import { compile } from './support/compile.js';
import { goldenProject } from './support/golden.js';

test('callers and handlers are typed, and mistakes are compile errors', async (t) => {
  const fixture = await goldenProject(t);
  fixture.write(
    'src/use.ts',
    `import { createClient, type JobHandle } from './jobs/generated/client.js';
const { enqueue, call, jobs } = createClient({ connectionString: 'postgres://' });

export const job = await enqueue.mail.sendReceipt({ orderId: 7, to: 'x', at: new Date() }, { delay: '5m' });
export const receipt: { messageId: string } = await job.result();
export const done: void = await call.ping();
export const figures: Map<string, bigint> = await call.media.scan({ root: { name: 'x', folders: [] }, colors: ['red'] });
export const many: JobHandle<{ bytes: number }>[] = await enqueue.resizeImage.many([{ path: 'x', width: 1 }], (args, index) => ({ delay: args.width * index }));
export const found = await jobs.get('mail.sendReceipt', job.id);
export const messageId: string | undefined = found?.result?.messageId;
await enqueue.options.delete({ kind: 'b', b: ['x', undefined, true] });
await enqueue.count({ text: 'x', code: 'y' });

// @ts-expect-error a task of that name does not exist
await enqueue.mail.sendReciept({ orderId: 7, to: 'x', at: new Date() });
// @ts-expect-error a field is missing
await enqueue.mail.sendReceipt({ orderId: 7, to: 'x' });
// @ts-expect-error a field has another type
await enqueue.resizeImage({ path: 'x', width: '1' });
// @ts-expect-error a call takes no transaction
await call.ping(undefined, { tx: null });
// @ts-expect-error the result has another type
export const wrong: { messageId: number } = await call.mail.sendReceipt({ orderId: 7, to: 'x', at: new Date() });
// @ts-expect-error no such task
await jobs.get('mail.sendFax', '1');
`,
  );
  t.deepEqual(compile(fixture), []);
});

test('a typo names the level and what was meant', async (t) => {
  const fixture = await goldenProject(t);
  fixture.write(
    'src/use.ts',
    "import { createClient } from './jobs/generated/client.js';\nawait createClient().enqueue.mail.sendReciept();\n",
  );
  t.deepEqual(compile(fixture), [
    "src/use.ts:2: TS2551 Property 'sendReciept' does not exist on type 'EnqueueMail'. Did you mean 'sendReceipt'?",
  ]);
});

test('a task that is declared and not generated yet is already typed', async (t) => {
  const fixture = await goldenProject(t);
  const manifest = fixture.read('src/jobs/tasks.ts');
  fixture.write(
    'src/jobs/tasks.ts',
    manifest.replace(
      'ping: task(),',
      'ping: task(), late: { comer: task<{ n: number }, { ok: true }>() },',
    ),
  );
  fixture.write(
    'src/use.ts',
    `import { createClient } from './jobs/generated/client.js';
const { enqueue, call } = createClient();
await enqueue.late.comer.many([{ n: 1 }]);
export const ok: true = (await call.late.comer({ n: 1 })).ok;
// @ts-expect-error its field is a number
await enqueue.late.comer({ n: 'x' });
`,
  );
  t.deepEqual(compile(fixture), []);
});

test('a handler that is missing, exports something else or has another type is an error that names the task', async (t) => {
  const fixture = await goldenProject(t);
  rmSync(fixture.path('src/jobs/handlers/ping.ts'));
  fixture.write('src/jobs/handlers/count.ts', 'export const other = 1;\n');
  fixture.write(
    'src/jobs/handlers/mail/send-receipt.ts',
    'export const handler = async () => ({ messageId: 7 });\n',
  );
  const [missing, other, wrong, ...more] = compile(fixture);
  t.regex(
    missing ?? '',
    /^src\/jobs\/handlers\/index\.ts:\d+: TS2307 Cannot find module '\.\/ping\.js'/,
  );
  t.regex(other ?? '', /TS2305 Module '"\.\/count\.js"' has no exported member 'handler'/);
  t.regex(
    wrong ?? '',
    /TS2322 Type '\(\) => Promise<\{ messageId: number; \}>' is not assignable to type 'MailSendReceiptHandler'/,
  );
  const registry = fixture.read('src/jobs/handlers/index.ts').split('\n');
  t.true(registry[Number(/:(\d+):/.exec(wrong ?? '')?.[1]) - 1]?.includes("'mail.sendReceipt'"));
  t.deepEqual(more, []);
});

test('a handler gets the parsed args and returns what the schema takes', async (t) => {
  const fixture = await goldenProject(t);
  fixture.write(
    'src/jobs/handlers/count.ts',
    `import type { CountHandler } from '../generated/handlers.js';
export const handler: CountHandler = async ({ text, least, code }, job) => {
  const bytes: Uint8Array = text;
  const filled: number = least + bytes.length;
  const branded: string = code;
  await job.transaction(async () => ({ at: branded }));
  return { at: String(filled) };
};
`,
  );
  fixture.write(
    'src/jobs/handlers/media/play.ts',
    `import type { MediaPlayHandler } from '../../generated/handlers.js';
export const handler: MediaPlayHandler = ({ user, list }) => {
  void user.toUpperCase();
  void list[0]?.href;
};
`,
  );
  t.deepEqual(compile(fixture), []);
});
