import { mkdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { generate, writeFiles } from '../../generator/index.js';
import { codeBlocks, readPage } from '../docs/support/markdown.js';
import { compile } from '../generator/support/compile.js';
import { project } from '../generator/support/fixture.js';

const examples = codeBlocks(readPage('docs/transactions.md')).map(({ text }) => {
  const [, file = ''] = /^\/\/ (\S+\.ts)\n/.exec(text) ?? [];
  return [file, text] as const;
});

/** The task of which the page speaks. */
const manifest = `import { defineTasks, task } from 'pgsched';

export default defineTasks({
  mail: { sendReceipt: task<{ orderId: number }, { messageId: string }>() },
});
`;

test('the examples of docs/transactions.md compile, one for each library', async (t) => {
  const files = Object.fromEntries(examples);
  t.deepEqual(Object.keys(files).sort(), [
    ...['any-other', 'drizzle', 'kysely', 'pg', 'postgres-js', 'prisma', 'typeorm'].map(
      (library) => `src/checkout/${library}.ts`,
    ),
    'src/jobs/handlers/mail/send-receipt.ts',
  ]);
  const fixture = project(t, { ...files, 'src/jobs/tasks.ts': manifest });
  const link = (from: string, to: string) =>
    symlinkSync(fileURLToPath(new URL(from, import.meta.url)), fixture.path(to));
  for (const name of ['@prisma', 'drizzle-orm', 'kysely', 'pg', 'postgres', 'typeorm']) {
    link(`node_modules/${name}`, `node_modules/${name}`);
  }
  mkdirSync(fixture.path('src/generated'));
  link('prisma/generated', 'src/generated/prisma');
  await writeFiles(await generate(fixture));
  t.deepEqual(compile(fixture), []);
});
