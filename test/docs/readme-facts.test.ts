import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { exitCodes } from '../../cli/exit-codes.js';
import { argsLimit } from '../../runtime/client/new-job.js';
import { priorityLevels, taskDefaults } from '../../runtime/contract/defaults.js';
import { resolveConnection } from '../../runtime/database/connection.js';
import { pgsched, repository } from '../support/cli.js';
import { pages, readPage, tableOf } from './support/markdown.js';

const { retention } = taskDefaults;

const readme = readPage('README.md');
async function help(...args: string[]): Promise<string> {
  const { code, stdout } = await pgsched([...args, '--help']);
  return code === 0 ? stdout : `exit code ${code}`;
}

test('every link leads to a file, and to a heading where it names one', (t) => {
  let links = 0;
  for (const page of pages()) {
    const text = readPage(page).replaceAll(/```[\s\S]*?```/g, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      t.true(existsSync(join(repository, file)), `${page}: ${target}`);
      if (anchor !== undefined) t.true(anchors(file).includes(anchor), `${page}: ${target}`);
      links += 1;
    }
  }
  t.true(links > 50);
});

function anchors(page: string): string[] {
  return [...readPage(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('the table of commands has every command, with options and arguments that exist', async (t) => {
  const usage = tableOf(readme, 'command').map(([cell = '']) => cell.replaceAll('`', ''));
  const [, list = ''] = /^Commands:\n((?: .*\n)+)/m.exec(await help()) ?? [];
  const commands = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name as string);
  t.deepEqual(
    usage.map((line) => line.split(' ')[1]),
    commands.filter((name) => name !== 'help'),
  );
  for (const line of usage) {
    const [, name = '', ...rest] = line.split(' ');
    const text = await help(name);
    for (const [option] of rest.join(' ').matchAll(/--\w[\w-]*/g)) {
      t.regex(text, new RegExp(`^  ${option}\\b`, 'm'), line);
    }
    for (const [, word] of rest.join(' ').matchAll(/[[|](\w+)(?=[|\]])/g)) {
      t.regex(text, new RegExp(`^  ${word}\\b`, 'm'), line);
    }
  }
});

test('the exit codes are those of the command and of its help', async (t) => {
  const [, sentence = ''] = /^Exit codes: (.+?)\.(?: |$)/m.exec(readme) ?? [];
  const [, lines = ''] = /^Exit codes:\n((?: .*\n?)+)/m.exec(await help()) ?? [];
  const told = lines
    .trim()
    .split(/\n */)
    .map((line) =>
      line
        .replace(/^130, 143/, '130 and 143')
        .replace(/: (.+)$/, ' ($1)')
        .replaceAll(/ +/g, ' '),
    );
  t.is(sentence, told.join(', '));
  const numbers = told.flatMap((line) => line.match(/\d+/g) ?? []).map(Number);
  t.deepEqual(numbers, Object.values(exitCodes));
});

test('the database is looked for in the order that is told', (t) => {
  const [sentence = ''] = /^The database is .+$/m.exec(readme) ?? [];
  const [first, ...names] = [...sentence.matchAll(/`([A-Z_]+|--[\w-]+)`/g)].map(
    ([, name]) => name as string,
  );
  t.is(first, '--database-url');
  t.deepEqual(names, ['PGSCHED_DATABASE_URL', 'DATABASE_URL', 'PGHOST']);
  const env = Object.fromEntries(names.map((name) => [name, `postgres://${name}.invalid/x`]));
  for (const name of names) {
    t.is(resolveConnection(undefined, env).source, name === 'PGHOST' ? 'PG*' : name);
    t.is(resolveConnection('postgres://given.invalid/x', env).source, 'connectionString');
    delete env[name];
  }
});

const defaults = Object.fromEntries(
  tableOf(readme, 'of a task').flatMap(([task, ofTask, worker, ofWorker]) => [
    [task, ofTask],
    [worker, ofWorker],
  ]),
) as Record<string, string>;

test('the defaults of a task are those of the contract', (t) => {
  const { maxAttempts, maxRescues, backoff, timeout, priority } = taskDefaults;
  if (backoff.kind !== 'exponential') return t.fail();
  const { low, normal, high, critical } = priorityLevels;
  t.is(normal, priority);
  t.like(defaults, {
    '`maxAttempts`': `${maxAttempts} runs`,
    '`maxRescues`': `${maxRescues} starts that killed their worker`,
    '`backoff`': `exponential, ${seconds(backoff.base)} × ${backoff.factor}, at most ${backoff.max / 60_000} min, ± ${backoff.jitter * 100} %`,
    '`timeout`': `${seconds(timeout)} for one run`,
    '`priority`':
      `\`'normal'\` = ${normal} (low ${low}, high ${high}, critical ${critical})`.replace('-', '−'),
  });
});

test('the defaults of a worker are those of its code', (t) => {
  const code = readPage('runtime/worker/settings.ts') + readPage('runtime/worker/worker.ts');
  const of = (option: string) => {
    const [, value = ''] = new RegExp(`options\\.${option} \\?\\? '(\\w+)'`).exec(code) ?? [];
    return value.replace(/(\d+)(\w+)/, '$1 $2');
  };
  const [, concurrency] = /\{ concurrency = (\d+) \} = options/.exec(code) ?? [];
  t.like(defaults, {
    '`concurrency`': concurrency,
    '`poll`': `${of('poll\\?\\.min')} to ${of('poll\\?\\.max')}`,
    '`beat`': of('beat'),
    '`lease`': of('lease'),
    '`maxBlock`': of('maxBlock'),
    '`drain`': `${of('drain')}, at \`stop\``,
  });
  t.true(readme.includes(`longer than its lease (${of('lease')})`));
});

test('the limits of a client are those of its code', (t) => {
  const number = (file: string, name: string) => {
    const [, text = ''] = new RegExp(`const ${name}\\b.*? = ([^;]+);`).exec(readPage(file)) ?? [];
    return text.replaceAll(/[_']/g, '');
  };
  t.is(argsLimit, 1024 ** 2);
  t.true(readme.includes('Args may be 1 MiB of JSON.'));
  t.is(number('runtime/client/enqueuer.ts', 'callLimit'), '30s');
  t.true(readme.includes('A call waits 30 s.'));
  t.is(number('runtime/client/insert.ts', 'batchSize'), '1000');
  t.true(readme.includes('one insert per 1,000'));
  t.is(number('runtime/client/insert.ts', 'keyWait'), '2000');
  t.true(readme.includes('two seconds at most, then `KeyBusy`'));
  t.is(number('runtime/client/session.ts', 'ownConnections'), '5');
  t.true(readme.includes('A client holds at most five'));
});

test('ended jobs are kept as long as the table of states says', (t) => {
  const words: Record<number, string> = { 1: 'one day', 3: 'three days', 7: 'seven days' };
  const states = Object.fromEntries(tableOf(readme, 'a job is'));
  t.deepEqual(Object.keys(states), [
    '`pending`',
    '`running`',
    '`completed`',
    '`failed`',
    '`cancelled`',
    '`expired`',
  ]);
  for (const status of ['completed', 'failed', 'cancelled', 'expired'] as const) {
    const days = (retention[status] as number) / 86_400_000;
    t.true(states[`\`${status}\``]?.startsWith(`retention: ${words[days]}`), status);
  }
});

test('the Node that is asked for is the one of the package', (t) => {
  const { engines } = JSON.parse(readPage('package.json'));
  const [, version] = /^Node (\S+) or later/m.exec(readme) ?? [];
  t.is(engines.node, `>=${version}`);
  t.true(readme.includes(`You need Node ${version} or later.`));
});

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
