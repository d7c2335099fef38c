import { existsSync } from 'node:fs';
import test from 'ava';
import { formatDiagnostics, generate, writeFiles } from '../../generator/index.js';
import { project } from './support/fixture.js';

/** The first manifest of somebody who has not read ours: a mistake of another kind in each of its tasks. */
const manifest = `import { defineTasks, task } from 'pgsched';

const attempts = Number(process.env['ATTEMPTS'] ?? 3);

export default defineTasks({
  mail: {
    sendReceipt: task<{ orderId: number; to: string }>({ maxAttempt: 5 }),
    'send-digest': task<{ list: string }, { sent: symbol }>({ timeout: '30 seconds' }),
  },
  report: {
    build: task<{ year: number; onDone: () => void }>(),
    export: task<{ year: number; at: Date }>({ key: (args) => \`export:\${args.at.getTime()}\` }),
    print: async (year: number) => console.log(year),
  },
  cleanUp: task({ maxAttempts: attempts }),
});
`;

test('every mistake of a newcomer is found in one run, each at its place and with what to do', async (t) => {
  const fixture = project(t, { 'src/jobs/tasks.ts': manifest });
  const generated = await generate(fixture);
  t.is(
    formatDiagnostics(generated.diagnostics, fixture),
    `src/jobs/tasks.ts:3:18 - error PGS1006: maxAttempts must be known without running the manifest: use a literal or a const. \`Number(process.env['ATTEMPTS'] ?? 3)\` is neither.
3  const attempts = Number(process.env['ATTEMPTS'] ?? 3);
                    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  src/jobs/tasks.ts:15:32 - it is used here

src/jobs/tasks.ts:7:58 - error PGS1007: \`maxAttempt\` is no option of a task. Did you mean \`maxAttempts\`?
7  sendReceipt: task<{ orderId: number; to: string }>({ maxAttempt: 5 }),
                                                        ~~~~~~~~~~

src/jobs/tasks.ts:8:5 - error PGS1004: A name starts with a small letter and has only letters and digits after it; got "send-digest". Did you mean \`sendDigest\`?
8  'send-digest': task<{ list: string }, { sent: symbol }>({ timeout: '30 seconds' }),
   ~~~~~~~~~~~~~

src/jobs/tasks.ts:8:45 - error PGS1008: \`mail.send-digest\`: result.sent is a symbol, which JSON cannot carry: write \`string\`.
8  'send-digest': task<{ list: string }, { sent: symbol }>({ timeout: '30 seconds' }),
                                           ~~~~

src/jobs/tasks.ts:8:72 - error PGS1007: timeout must be milliseconds as a number, or a text like '250ms', '5s', '10m', '2h' or '7d', up to 100 years; got "30 seconds".
8  'send-digest': task<{ list: string }, { sent: symbol }>({ timeout: '30 seconds' }),
                                                                      ~~~~~~~~~~~~

src/jobs/tasks.ts:11:33 - error PGS1008: \`report.build\`: args.onDone is a function, which JSON cannot carry: leave it out, and let the handler do what it does.
11  build: task<{ year: number; onDone: () => void }>(),
                                ~~~~~~

src/jobs/tasks.ts:12:73 - error PGS1009: A key is a text of args' fields: \`args.at.getTime()\` cannot be computed in SQL. Add a field for it, or pass { key } where you enqueue.
12  export: task<{ year: number; at: Date }>({ key: (args) => \`export:\${args.at.getTime()}\` }),
                                                                        ~~~~~~~~~~~~~~~~~

src/jobs/tasks.ts:13:12 - error PGS1003: A manifest holds \`task(…)\` and groups of them, written as objects: \`async (year: number) => console.log(year)\` is neither. Declare \`task()\` here; the function goes into the handler file that \`generate\` writes for it.
13  print: async (year: number) => console.log(year),
           ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
`,
  );
  await writeFiles(generated);
  t.false(existsSync(fixture.out));
  t.false(existsSync(fixture.path('src/jobs/handlers')));
});
