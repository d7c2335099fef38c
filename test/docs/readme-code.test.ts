import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { compile } from '../generator/support/compile.js';
import { type Fixture, project, strictest } from '../generator/support/fixture.js';
import { pgsched, repository, start } from '../support/cli.js';
import { withMigratedDatabase } from '../support/create-database.js';
import { type CodeBlock, codeBlocks, pages, readPage } from './support/markdown.js';

const blocks = codeBlocks(readPage('README.md'));
// The libraries of docs/transactions.md are installed for test/orm alone, where it is compiled; docs/evolution.md is one project in
// several states, and has a test of its own.
const apart = ['README.md', 'docs/transactions.md', 'docs/evolution.md'];
const elsewhere = pages().filter((page) => !apart.includes(page));
const typescript = [...blocks, ...elsewhere.flatMap((page) => codeBlocks(readPage(page)))].filter(
  ({ language }) => language === 'ts',
);

/** The file that a block is, as its first line says. */
function fileOf(block: CodeBlock): string | undefined {
  return /^\/\/ (\S+\.ts)\b/.exec(block.text)?.[1];
}

/** The task of the quick start, as init writes it. */
const [, greet] = /^ {2}(greet: .+),$/m.exec(readPage('templates/tasks.ts')) ?? [];

/** The blocks as one project: each as it stands, and the other tasks that they speak of taken up by the manifest. */
function readmeProject(t: ExecutionContext): Fixture {
  const files = Object.fromEntries(typescript.map((block) => [fileOf(block), block.text]));
  const manifest = files['src/jobs/tasks.ts'] as string;
  files['src/jobs/tasks.ts'] = manifest
    .replace(
      /^(import .*\n)+/m,
      `$&import { account } from './account-tasks.js';\nimport { report } from './report-tasks.js';\n`,
    )
    .replace('defineTasks({', `$&\n  account,\n  report,\n  ${greet},`);
  const fixture = project(t, files as Record<string, string>, null);
  const config = { compilerOptions: strictest, include: ['src', '*.ts'] };
  fixture.write('tsconfig.json', JSON.stringify(config));
  // The built package, which not only compiles but runs.
  rmSync(fixture.path('node_modules/pgsched'), { recursive: true });
  symlinkSync(repository, fixture.path('node_modules/pgsched'));
  symlinkSync(join(repository, 'node_modules/pg'), fixture.path('node_modules/pg'));
  return fixture;
}

async function generated(t: ExecutionContext): Promise<Fixture> {
  const fixture = readmeProject(t);
  const { code, stdout, stderr } = await pgsched(['generate'], { cwd: fixture.root });
  t.is(code, 0, stderr);
  t.notRegex(stdout, /New stub/);
  return fixture;
}

test('every block is TypeScript, shell, or a drawing', (t) => {
  const others = blocks.filter(({ language }) => !['ts', 'sh'].includes(language));
  t.is(others.length, 1);
  t.like(others[0], { language: '' });
  t.regex(others[0]?.text ?? '', /──▶/);
});

test('every block of TypeScript, here and in docs/, is a file of its own', (t) => {
  const files = typescript.map((block) => fileOf(block) ?? `line ${block.line} names no file`);
  t.deepEqual(
    files.filter((file) => !/^(src\/.+|pgsched\.config)\.ts$/.test(file)),
    [],
  );
  t.is(new Set(files).size, files.length);
  t.true(files.length >= 10);
});

test('all TypeScript blocks together are a project that generates and compiles, with a handler for each task', async (t) => {
  const fixture = await generated(t);
  t.deepEqual(compile(fixture), []);
});

test('the mistakes are reported in the words that are shown', async (t) => {
  const fixture = await generated(t);
  const file = 'src/mistakes.ts';
  const text = fixture.read(file);
  const expected = [...text.matchAll(/^\/\/ @ts-expect-error (.+)$/gm)].map(
    ({ index, 1: message }) => `${file}:${text.slice(0, index).split('\n').length + 1}: ${message}`,
  );
  t.true(expected.length >= 3);
  fixture.write(file, text.replaceAll('@ts-expect-error', ''));
  t.deepEqual(
    compile(fixture).map((found) => found.replace(/ TS\d+ /, ' ')),
    expected,
  );
});

test('a handler that is missing, or returns the wrong thing, is a compile error that says which', async (t) => {
  const fixture = await generated(t);
  const file = 'src/jobs/handlers/mail/send-receipt.ts';
  const text = fixture.read(file);

  fixture.write(file, text.replace(/return \{ messageId: .+ \};/, 'return { id: text };'));
  t.regex(
    compile(fixture).join('\n'),
    /^src\/jobs\/handlers\/mail\/send-receipt\.ts:.*assignable to type 'MailSendReceiptHandler'/,
  );
  fixture.write(file, 'export {};\n');
  t.regex(
    compile(fixture).join('\n'),
    /"\.\/mail\/send-receipt\.js"' has no exported member 'handler'/,
  );
});

/** Stands in for the world outside, and does what the README's reader would. */
const program = `
import assert from 'node:assert/strict';
import pg from 'pg';
import { until } from '${new URL('../support/until.ts', import.meta.url).href}';
import { createClient } from './jobs/generated/client.js';

globalThis.fetch = async () => new Response(null, { headers: { 'x-message-id': 'm7' } });
const pool = new pg.Pool({ connectionString: process.env.PGSCHED_DATABASE_URL });
await pool.query('create table account (email text primary key, locked boolean, open_orders int)');
await pool.query("insert into account values ('ada@example.com', false, 0)");

await import('./worker.js');
const tx = await pool.connect();
await tx.query('create table orders (id int, paid boolean)');
const { checkout } = await import('./checkout.js');
const { examples } = await import('./enqueue.js');
await tx.query('begin');
await checkout(tx, 99, 'ada@example.com');
await tx.query('commit');
await tx.query('begin');
await examples(tx);
await tx.query('rollback');
tx.release();
const later = "select args ->> 'orderId' as id from pgsched.job where run_at > now() + interval '1 minute'";
const { rows } = await pool.query(later);
assert.deepEqual(rows.map(({ id }) => id), ['8', '8']);

const { enqueue, call, close } = createClient();
assert.deepEqual(await call.greet({ name: 'Ada' }), { greeting: 'Hello, Ada!' });
const mailed = "select result from pgsched.job_archive where key = 'receipt:99' and args is null";
const job = await until(async () => (await pool.query(mailed)).rows[0], 'the receipt');
assert.deepEqual(job.result, { messageId: 'm7' });

const closed = await enqueue.account.close({ email: 'ada@example.com' });
await closed.result();
assert.equal((await pool.query('select from account')).rowCount, 0);
const again = await enqueue.account.close({ email: 'ada@example.com' });
await assert.rejects(again.result(), { name: 'JobFailed', message: /There is no account of ada/ });
await assert.rejects(enqueue.account.close({ email: 'ada' }), { name: 'InvalidArgs' });

const reported = "select result from pgsched.job_archive where task = (select task from pgsched.task where name = 'report.build')";
const stop = new AbortController();
const { watched } = await import('./watch.js');
const watching = watched(stop.signal);
assert.deepEqual(await call.report.build({ year: 2030 }), { pages: 12 });
await until(async () => (await pool.query(reported)).rowCount === 2, 'the other report');
stop.abort();
await watching;

const { routed } = await import('./routing.js');
const { controlled } = await import('./control.js');
await pool.query("insert into pgsched.topic (pattern) values ('mail.**')");
await routed();
const waiting = "select topic, key from pgsched.all_jobs where status = 'pending' and args ->> 'orderId' in ('13', '15') order by id";
assert.deepEqual((await pool.query(waiting)).rows.map(({ topic }) => topic), ['mail.eu.receipt', 'mail.sendReceipt']);
await pool.query("delete from pgsched.topic");
await controlled();
assert.equal((await pool.query("select from pgsched.all_jobs where key = 'draft:7' and status = 'cancelled'")).rowCount, 1);
assert.equal((await pool.query("select from pgsched.topic")).rowCount, 0);

const traced = await (await import('./traced-client.js')).client.enqueue.greet({ name: 'Bob' });
await traced.result();
const { rows: [bob] } = await pool.query('select headers from pgsched.job_archive where id = $1', [traced.id]);
assert.match(bob.headers.trace, /^[0-9a-f-]{36}$/);
await close();
await pool.end();
process.kill(process.pid, 'SIGTERM');
`;

test('the blocks run: the worker, its handlers, and every way to enqueue', async (t) => {
  const fixture = await generated(t);
  fixture.write('src/program.ts', program);
  await withMigratedDatabase(async (url) => {
    const { code, stderr } = await start(
      [process.execPath, '--import', import.meta.resolve('tsx'), 'src/program.ts'],
      { cwd: fixture.root, env: { PGSCHED_DATABASE_URL: url, ARCHIVE_URL: url } },
    ).ended;
    t.is(code, 0, stderr);
    t.is(stderr, '');
  });
});

test('the tests that are shown pass', async (t) => {
  const fixture = await generated(t);
  await withMigratedDatabase(async (url) => {
    const { code, stdout } = await start(
      [process.execPath, '--import', import.meta.resolve('tsx'), '--test', 'src/receipts.test.ts'],
      { cwd: fixture.root, env: { PGSCHED_DATABASE_URL: url } },
    ).ended;
    t.is(code, 0, stdout);
    t.regex(stdout, /pass 3\b/);
  });
});
