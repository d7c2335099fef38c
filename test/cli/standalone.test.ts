import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import test from 'ava';
import { build } from 'esbuild';
import { pgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { tsconfig, userProject } from '../support/project.js';

const database = await testDatabase();

const cwd = userProject({
  'pgsched.config.json': '{ "manifest": "src/jobs/tasks.ts", "client": "standalone" }',
  'tsconfig.json': tsconfig,
  'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
import * as v from 'valibot';
export default defineTasks({
  mail: {
    send: task({
      args: v.object({ to: v.pipe(v.string(), v.email()), at: v.date(), data: v.instance(Uint8Array) }),
      key: (args) => \`to:\${args.to}\`,
    }),
  },
});
`,
  'src/edge.ts': `import { createClient } from './jobs/generated/standalone.js';
export async function send(query: (text: string, values: (string | null)[]) => Promise<{ rows: object[] }>): Promise<string> {
  const { enqueue } = createClient({ query });
  const job = await enqueue.mail.send({ to: 'a@example.com', at: new Date(0), data: Uint8Array.of(1, 2, 255) });
  return job.id;
}
`,
});

test('bundled for a browser it holds no driver, no schema library and no module of node, and runs there', async (t) => {
  const { code, stderr } = await pgsched(['generate'], { cwd });
  t.is(code, 0, stderr);
  const { code: migrated } = await pgsched(['migrate', '--database-url', database.url], { cwd });
  t.is(migrated, 0);

  const { outputFiles, metafile } = await build({
    absWorkingDir: cwd,
    entryPoints: [join(cwd, 'src/edge.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'edge',
    write: false,
    metafile: true,
  });
  const text = outputFiles[0]?.text ?? '';
  t.notRegex(text, /node:|require\(|\bBuffer\b|\bprocess\b|setImmediate/);
  const files = Object.keys(metafile.inputs);
  t.true(files.some((file) => file.endsWith('runtime/standalone/bind-standalone.js')));
  t.false(
    files.some((file) => /\/(pg|valibot|@pgtyped)\/|tasks\.ts$/.test(file)),
    files.join('\n'),
  );

  // Of a browser's world nothing but this.
  const world = createContext({
    TextEncoder,
    AbortController,
    setTimeout,
    clearTimeout,
    performance,
  });
  runInContext(text, world);
  const { send } = Reflect.get(runInContext('({ edge })', world), 'edge') as {
    send(query: (text: string, values: string[]) => Promise<{ rows: object[] }>): Promise<string>;
  };
  const id = await send((statement, values) => database.pool.query(statement, values));
  const { rows } = await database.pool.query('select key, args from pgsched.job where id = $1', [
    id,
  ]);
  t.deepEqual(rows, [
    {
      key: 'to:a@example.com',
      args: { to: 'a@example.com', at: '1970-01-01T00:00:00.000Z', data: 'AQL/' },
    },
  ]);
});
