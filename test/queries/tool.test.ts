import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { syncQueries } from '../../queries/tool/sync.js';
import { testServerUrl } from '../support/create-database.js';
import { testDatabase } from '../support/database.js';

const database = await testDatabase();

const statements = `/* @name findMigration */
select number as "number!" from pgsched.migration where name = :name!;

/* @name one */
select 1::bigint as "one!", clock_timestamp() as "at!";
`;
const fresh = mkdtempSync(join(tmpdir(), 'pgsched-tool-'));
writeFileSync(join(fresh, 'some.sql'), statements);
const first = await syncQueries('generate', fresh, database.url);
test.after.always(() => rmSync(fresh, { recursive: true }));

/** A directory of statements with their fresh modules, for the test to spoil. */
function tree(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgsched-tool-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  cpSync(fresh, directory, { recursive: true });
  return directory;
}

function edit(file: string, from: string | RegExp, to: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`nothing to edit in ${file}`);
  writeFileSync(file, after);
}

/** The tool as the npm scripts run it. The connection variables of its environment must not matter. */
async function run(...args: string[]): Promise<{ code: number; output: string }> {
  const env = {
    ...process.env,
    PGSCHED_TEST_URL: await testServerUrl(),
    PGHOST: 'nowhere.invalid',
    DATABASE_URL: 'postgres://nowhere.invalid/none',
  };
  const main = fileURLToPath(new URL('../../queries/tool/main.ts', import.meta.url));
  return new Promise((settle) => {
    execFile(process.execPath, ['--import=tsx', main, ...args], { env }, (error, out, err) => {
      settle({ code: Number(error?.code ?? 0), output: out + err });
    });
  });
}

test.serial("the package's own statements are valid and their modules fresh", async (t) => {
  t.deepEqual(await run('verify'), { code: 0, output: '' });
});

test.serial('a broken statement fails the run by name', async (t) => {
  const directory = tree(t);
  edit(join(directory, 'some.sql'), 'pgsched.migration', 'pgsched.nowhere');
  const { code, output } = await run('verify', directory);
  t.is(code, 1);
  t.regex(output, /relation "pgsched\.nowhere" does not exist/);
});

test.serial('a stale module fails the run, and the message says what to do', async (t) => {
  const directory = tree(t);
  edit(join(directory, 'some.sql'), 'one!', 'single!');
  t.deepEqual(await run('verify', directory), {
    code: 1,
    output: 'some.queries.ts is stale\nRun npm run generate:queries.\n',
  });
});

test.serial('a command that does not exist fails', async (t) => {
  t.is((await run('verfy')).code, 2);
});

test.serial('generating a second time finds nothing to do', async (t) => {
  t.deepEqual(first, { differences: ['some.queries.ts is missing'], problems: [] });
  t.deepEqual(await syncQueries('generate', tree(t), database.url), {
    differences: [],
    problems: [],
  });
});

test.serial('every export has an explicit type', (t) => {
  const text = readFileSync(join(fresh, 'some.queries.ts'), 'utf8');
  t.regex(
    text,
    /^\/\*\* Generated from some\.sql by `npm run generate:queries`: do not edit\. \*\/\n/,
  );
  t.regex(text, /^export const one: PreparedQuery<OneParams, OneResult> = new PreparedQuery</m);
  t.regex(text, /interface OneResult \{\n {2}at: Date;\n {2}one: string;\n\}/);
  t.notRegex(text, /^export const \w+ =/m);
});

test.serial(
  'what pgtyped cannot read, and skips, is a problem, and nothing is written',
  async (t) => {
    const directory = tree(t);
    const module = join(directory, 'some.queries.ts');
    const before = readFileSync(module, 'utf8');
    edit(join(directory, 'some.sql'), '/* @name one */', '/* Gives 1. @name one */');
    writeFileSync(join(directory, 'other.sql'), 'select 1 as "a!";\n');
    const { problems } = await syncQueries('generate', directory, database.url);
    t.true(problems.includes('some.sql: nothing was generated for one'));
    t.true(problems.includes('other.sql has no statement with a @name'));
    t.is(readFileSync(module, 'utf8'), before);
  },
);

test.serial('a type that pgtyped does not know is a problem', async (t) => {
  const directory = tree(t);
  edit(join(directory, 'some.sql'), '1::bigint', "'(0,1)'::tid");
  const { problems } = await syncQueries('verify', directory, database.url);
  t.regex(problems.join(), /tid/);
});

test.serial(
  'a module that is missing, lacks an export or is left over is found, and mended',
  async (t) => {
    const directory = tree(t);
    edit(join(directory, 'some.queries.ts'), /^export const one.*\n/m, '');
    cpSync(join(directory, 'some.queries.ts'), join(directory, 'gone.queries.ts'));
    writeFileSync(join(directory, 'other.sql'), '/* @name two */\nselect 2 as "two!";\n');
    const differences = [
      'other.queries.ts is missing',
      'some.queries.ts is stale',
      'gone.queries.ts has no .sql file',
    ];
    for (const command of ['verify', 'generate'] as const) {
      t.deepEqual(await syncQueries(command, directory, database.url), {
        differences,
        problems: [],
      });
    }
    t.deepEqual((await syncQueries('verify', directory, database.url)).differences, []);
  },
);

test.serial('a directory without statements is a problem', async (t) => {
  const directory = tree(t);
  rmSync(join(directory, 'some.sql'));
  const { problems } = await syncQueries('verify', directory, database.url);
  t.regex(problems.join(), /holds no \.sql file/);
});
