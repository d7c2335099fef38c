import test from 'ava';
import { pgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { userProject, write } from '../support/project.js';

const database = await testDatabase();
const cwd = userProject();

function run(...args: string[]) {
  return pgsched(args, { cwd, env: { PGSCHED_DATABASE_URL: database.url } });
}

async function generate(maxAttempts: number): Promise<void> {
  write(cwd, {
    'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
export default defineTasks({ greet: task<{ name: string }, string>({ maxAttempts: ${maxAttempts} }) });
`,
  });
  await run('generate');
}

async function maxAttempts(): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select contract ->> 'maxAttempts' as n from pgsched.task where name = 'greet'`,
  );
  return rows[0]?.n;
}

test('migrate gives SQL callers the defaults of the contract, and changes them when it changes', async (t) => {
  await generate(4);
  t.regex((await run('migrate')).stdout, /^defined greet\ncreated enqueue_greet$/m);
  t.is(await maxAttempts(), '4');
  t.regex(
    (await run('migrate')).stdout,
    /^The schema "pgsched" is up to date, at version \d+\.\n$/,
  );

  await generate(7);
  t.regex((await run('migrate')).stdout, /^defined greet$/m);
  t.is(await maxAttempts(), '7');
});
