import test from 'ava';
import { checkFiles, generate, writeFiles } from '../../generator/index.js';
import { compile } from './support/compile.js';
import { project } from './support/fixture.js';

const tasks = `import { defineTasks, task } from 'pgsched';
export default defineTasks({ mail: { send: task<{ to: string }, { id: string }>() } });
`;
const worker = `import { defineWorker } from 'pgsched';
class Mailer {
  send(to: string): string {
    return to;
  }
  close(): void {}
}
export default defineWorker({
  context: async () => ({ mailer: new Mailer() }),
  dispose: ({ mailer }) => mailer.close(),
  middleware: [
    async (run, next) => {
      const to: Mailer = run.context.mailer;
      void to;
      return next();
    },
  ],
});
`;
const handler = `import type { MailSendHandler } from '../../generated/handlers.js';
export const handler: MailSendHandler = ({ to }, job) => ({ id: job.context.mailer.send(to) });
`;

async function generated(t: Parameters<typeof project>[0], files: Record<string, string>) {
  const fixture = project(t, { 'src/jobs/tasks.ts': tasks, ...files });
  await writeFiles(await generate(fixture));
  return fixture;
}

test('handlers get the context that the worker file makes, and the registry passes its setup on', async (t) => {
  const fixture = await generated(t, {
    'src/jobs/worker.ts': worker,
    'src/jobs/handlers/mail/send.ts': handler,
  });
  t.deepEqual(compile(fixture), []);
  t.regex(
    fixture.read('src/jobs/handlers/index.ts'),
    /bindWorker\(contract, null, handlers, options, setup\)/,
  );
  fixture.write('src/jobs/handlers/mail/send.ts', handler.replace('mailer.send', 'sender.send'));
  t.regex(compile(fixture).join('\n'), /mail\/send\.ts:2: TS2339 Property 'sender' does not exist/);
});

test('the test helpers want a context of that type, and give the types of the tasks', async (t) => {
  const fixture = await generated(t, {
    'src/jobs/worker.ts': worker,
    'src/jobs/handlers/mail/send.ts': handler,
  });
  fixture.write(
    'src/use.ts',
    `import { createTesting } from './jobs/generated/testing.js';
const testing = createTesting();
const mailer = { send: (to: string) => to, close: () => {} };
export const sent: { id: string } = await testing.perform('mail.send', { to: 'x' }, { context: { mailer }, job: { attempt: 2 } });
export const to: string | undefined = (await testing.enqueued('mail.send'))[0]?.args.to;
export const completed: number = await testing.drain();
// @ts-expect-error no such task
await testing.perform('mail.fax', { to: 'x' });
// @ts-expect-error a field has another type
await testing.perform('mail.send', { to: 7 });
// @ts-expect-error the context lacks the mailer
createTesting({ context: {} });
// @ts-expect-error a task with args cannot do without
await testing.perform('mail.send');
`,
  );
  t.deepEqual(compile(fixture), []);
});

test('without a worker file, or with one that is something else, there is no context', async (t) => {
  const files = { 'src/jobs/worker.ts': 'console.log("a worker of my own");\n' };
  for (const fixture of [await generated(t, {}), await generated(t, files)]) {
    t.regex(fixture.read('src/jobs/generated/handlers.ts'), /export type Context = undefined;/);
    t.regex(fixture.read('src/jobs/handlers/index.ts'), /handlers, options\);/);
  }
});

test('a worker file that comes, or goes, makes what was generated stale', async (t) => {
  const fixture = await generated(t, {});
  const stale = async () => {
    const found = await checkFiles(await generate(fixture));
    return found.map(({ path }) => path.slice(fixture.root.length + 1)).sort();
  };
  t.deepEqual(await stale(), []);
  fixture.write('src/jobs/worker.ts', worker);
  t.deepEqual(await stale(), [
    'src/jobs/generated/handlers.ts',
    'src/jobs/generated/testing.ts',
    'src/jobs/handlers/index.ts',
  ]);
  t.true((await generate(fixture)).inputs.includes(fixture.path('src/jobs/worker.ts')));
});
