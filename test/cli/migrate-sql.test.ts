import test from 'ava';
import { pgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { userProject, write } from '../support/project.js';
import { row } from '../support/sql.js';

const database = await testDatabase({ migrated: false });
const cwd = userProject({ 'pgsched.config.ts': `export default { schema: 'shop' };\n` });

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await pgsched(args, {
    cwd,
    env: { PGSCHED_DATABASE_URL: database.url },
  });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function declare(tasks: string): Promise<void> {
  write(cwd, {
    'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
export default defineTasks({ ${tasks} });
`,
  });
  await run('generate');
}

async function apply(sql: string): Promise<void> {
  const client = await database.connect();
  await client.query(`begin; ${sql} commit`);
}

test('what it prints, run by somebody else, leaves nothing for migrate to do', async (t) => {
  await declare(`greet: task<{ name: string }>({ priority: 7 })`);
  const fresh = await pgsched(['migrate', 'sql', '--fresh'], { cwd });
  t.like(fresh, { code: 0, stderr: '' });
  t.is(await run('migrate', 'sql'), fresh.stdout, 'of an empty database too');
  await apply(fresh.stdout);
  t.regex(await run('migrate'), /^The schema "shop" is up to date, at version \d+\.\n$/);
  t.like(await row(database.pool, `select (shop.enqueue_greet('Ada')).outcome`), {
    outcome: 'created',
  });
  t.like(await row(database.pool, 'select priority from shop.all_jobs'), { priority: 7 });

  await declare(`greet: task<{ name: string; "it's"?: '\\\\' }>({ maxAttempts: 9 }), tick: task()`);
  const changes = await run('migrate', 'sql');
  t.notRegex(changes, /create table/);
  await apply(changes);
  t.regex(await run('migrate'), /^The schema "shop" is up to date, at version \d+\.\n$/);
  t.like(await row(database.pool, `select (shop.enqueue_greet('Ada', it_s => E'\\\\')).outcome`), {
    outcome: 'created',
  });
});
