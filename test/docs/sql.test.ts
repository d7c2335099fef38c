import test from 'ava';
import { testDatabase } from '../support/database.js';
import { declare, rows } from '../support/sql.js';
import { defineFunctions } from '../support/task-functions.js';
import { codeBlocks, readPage, tableOf } from './support/markdown.js';

const database = await testDatabase();
const { pool } = database;
// The task of its section on typed functions.
await defineFunctions(await database.connect(), {
  'mail.sendReceipt': {
    args: {
      kind: 'object',
      properties: [
        { name: 'orderId', optional: false, shape: { kind: 'number' } },
        { name: 'to', optional: false, shape: { kind: 'string' } },
        { name: 'at', optional: false, shape: { kind: 'date' } },
        {
          name: 'language',
          optional: true,
          shape: {
            kind: 'union',
            members: ['en', 'es'].map((value) => ({ kind: 'literal', value })),
          },
        },
      ],
    },
  },
});
const page = readPage('docs/sql.md');
const blocks = codeBlocks(page).filter(({ text }) => !text.startsWith('pgsched.'));

test('every statement of the SQL manual does what it shows, in their order', async (t) => {
  await declare(pool, { 'mail.send': { startWithin: 60_000 } });
  const client = await database.connect();
  // Its roles belong to the whole server: gone with the transaction.
  await client.query('begin');
  let ran = 0;
  for (const { text, line } of blocks) {
    for (const statement of statements(text)) {
      await client.query('savepoint block');
      const running = client.query(statement);
      const where = `docs/sql.md, block of line ${line}: ${statement}`;
      if (isRefused(page, line)) {
        await t.throwsAsync(running, { code: '22023' }, where);
        await client.query('rollback to block');
      } else {
        const { command, rowCount } = await running;
        if (command === 'SELECT' && !/_jobs|queue_stats/.test(statement))
          t.true((rowCount ?? 0) > 0, where);
      }
      ran += 1;
    }
  }
  t.true(ran >= 20, `${ran} statements`);
  const { rows: ended } = await client.query(
    'select status::text, count(*)::int as n from pgsched.all_jobs group by 1 order by 1',
  );
  const count = Object.fromEntries(ended.map(({ status, n }) => [status, n]));
  t.true(count.completed >= 1 && count.pending >= 3, JSON.stringify(count));
  await client.query('rollback');
});

test('the manual names every public function with its arguments, every view and every outcome', async (t) => {
  const functions = await rows<{ name: string; arguments: string[] }>(
    pool,
    `select p.proname::text as name, p.proargnames[1:p.pronargs] as arguments from pg_proc p
      where p.pronamespace = 'pgsched'::regnamespace and p.proname !~ '^_'
        and p.proname not in (select f.name from pgsched.task_function f)`,
  );
  t.is(functions.length, 9);
  for (const { name, arguments: names } of functions) {
    const written = new RegExp(
      `pgsched\\.${name}\\((${names.map((n) => `${n} [^,)]+`).join(',\\s+')})\\)`,
    );
    t.regex(page, written);
  }
  const views = await rows<{ name: string }>(
    pool,
    `select c.relname::text as name from pg_class c where c.relnamespace = 'pgsched'::regnamespace and c.relkind = 'v'`,
  );
  t.deepEqual(
    tableOf(page, 'view')
      .map(([name]) => name?.replaceAll('`', ''))
      .sort(),
    views.map(({ name }) => name).sort(),
  );
  const argumentsOf = functions.find(({ name }) => name === 'enqueue')?.arguments;
  t.deepEqual(
    tableOf(page, 'argument').map(([name]) => name?.replaceAll('`', '')),
    argumentsOf,
  );
});

function isRefused(text: string, line: number): boolean {
  return text.split('\n')[line - 2]?.trim() === '```sql raises';
}

/** Statements end with `;` at the end of a line, but not in a body. */
function statements(text: string): string[] {
  const found: string[] = [];
  let statement = '';
  for (const part of text.split(/(?<=;\n)/)) {
    statement += part;
    if ((statement.match(/\$\$/g) ?? []).length % 2 === 1) continue;
    if (statement.trim() !== '') found.push(statement);
    statement = '';
  }
  return found;
}
