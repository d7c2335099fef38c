import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched, startPgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { parsedOutput } from '../support/output-schema.js';
import { copyOf, tsconfig, userProject, write } from '../support/project.js';

const database = await testDatabase();
const env = { PGSCHED_DATABASE_URL: database.url };

const config = {
  manifest: 'src/jobs/tasks.ts',
  workers: {
    mail: { tasks: ['mail.**', 'ping'], handlers: 'src/mail/handlers' },
    media: { tasks: 'media.**', handlers: 'src/media/handlers' },
  },
};
const handler = (task: string, from: string, answer: string) =>
  `import type { ${task}Handler } from '${from}/generated/handlers.js';
export const handler: ${task}Handler = () => '${answer}';
`;
const cwd = userProject({
  'tsconfig.json': tsconfig,
  'pgsched.config.json': JSON.stringify(config),
  'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
export default defineTasks({
  mail: { send: task<void, string>() },
  media: { encode: task<void, string>() },
  ping: task(),
});
`,
  'src/mail/handlers/mail/send.ts': handler('MailSend', '../..', 'sent'),
  'src/media/handlers/media/encode.ts': handler('MediaEncode', '../..', 'encoded'),
});
const generated = await pgsched(['generate'], { cwd });
if (generated.code !== 0) throw new Error(generated.stderr);

test.serial('a worker is started by its name, and runs its own tasks alone', async (t) => {
  const media = startPgsched(['worker', 'media', '--verbose'], { cwd, env });
  t.teardown(() => media.child.kill('SIGKILL'));
  await media.prints(/tasks +media\.encode$/m);
  await media.prints(/pid +\d+/);
  t.notRegex(media.output(), /warning/);
  const { stdout: id } = await pgsched(['enqueue', 'mail.send'], { cwd, env });
  const encoded = await pgsched(['enqueue', 'media.encode', '--wait'], { cwd, env });
  t.is(encoded.stdout, '"encoded"\n', encoded.stderr);

  const mail = startPgsched(['worker', 'mail', '--verbose'], { cwd, env });
  t.teardown(() => mail.child.kill('SIGKILL'));
  await mail.prints(/warning ping has no handler yet/);
  await mail.prints(new RegExp(`completed mail\\.send job ${id.trim()}`));
  t.notRegex(media.output(), /mail\.send/);
  for (const worker of [media, mail]) worker.child.kill('SIGTERM');
  t.deepEqual([(await media.ended).code, (await mail.ended).code], [0, 0]);
});

test('which one must be said, and one that there is not is an error', async (t) => {
  for (const [args, message] of [
    [[], /PGS6004: The config has several workers: mail, media\. Say which: `pgsched worker mail`/],
    [['medai'], /PGS6004: The config has no worker medai\. Did you mean media\?/],
    [['reports'], /PGS6004: The config has no worker reports\. It has mail, media\./],
  ] as const) {
    const { code, stderr } = await pgsched(['worker', ...args], { cwd, env });
    t.is(code, 2);
    t.regex(stderr, message);
  }
  const single = copyOf(cwd);
  write(single, { 'pgsched.config.json': '{ "manifest": "src/jobs/tasks.ts" }' });
  const { stderr } = await pgsched(['worker', 'media'], { cwd: single, env });
  t.regex(
    stderr,
    /PGS6004: The config has no worker media: it has no `workers`\. Leave the name out\./,
  );
});

test.serial('dev runs all of them, each under its name', async (t) => {
  const dev = startPgsched(['dev'], { cwd: copyOf(cwd), env });
  t.teardown(() => dev.child.kill('SIGTERM'));
  const started = async (name: string) => dev.prints(new RegExp(`^${name} +│ +pid +\\d+`, 'm'));
  await Promise.race([started('mail'), started('media')]);
  t.regex(dev.output(), /^(mail|media) +│ +tasks/m);
  for (const [task, answer] of [
    ['mail.send', '"sent"\n'],
    ['media.encode', '"encoded"\n'],
  ] as const) {
    t.is((await pgsched(['enqueue', task, '--wait'], { cwd, env })).stdout, answer);
  }
  dev.child.kill('SIGINT');
  t.is((await dev.ended).code, 0);
  for (const name of ['mail', 'media'])
    t.regex(dev.output(), new RegExp(`^${name} +│ .*stopped`, 'm'));
});

const bad: [what: string, config: object, message: RegExp][] = [
  ['handlers beside workers', { ...config, handlers: 'x' }, /`handlers` stands beside `workers`/],
  ['no worker at all', { workers: {} }, /`workers` is empty/],
  ['no tasks', { workers: { a: { handlers: 'a/h' } } }, /`workers\.a\.tasks` is missing/],
  [
    'an unknown option of a worker',
    { workers: { a: { tasks: '**', handler: 'a/h', handlers: 'a/h' } } },
    /`workers\.a\.handler` is no option\. Did you mean `handlers`\?/,
  ],
  [
    'tasks that are no pattern',
    { workers: { a: { tasks: 'media.*x', handlers: 'a/h' } } },
    /`workers\.a\.tasks` must be patterns of tasks' names, .* got 'media\.\*x'/,
  ],
  [
    'tasks of another type',
    { workers: { a: { tasks: 7, handlers: 'a/h' } } },
    /`workers\.a\.tasks` must be one of string, Array, got 7/,
  ],
  [
    'a name that the command line cannot have',
    { workers: { '-a b': { tasks: '**', handlers: 'a/h' } } },
    /A worker's name is .* got '-a b'/,
  ],
  [
    'two workers that would write the same files',
    {
      workers: {
        a: { tasks: 'mail.**', handlers: 'src/a' },
        b: { tasks: '**', handlers: 'src/b' },
      },
    },
    /The workers a and b would both generate into src\/generated: .* such as 'b\/handlers'/,
  ],
  [
    'a setup that is not there',
    { workers: { a: { tasks: '**', handlers: 'a/h', worker: 'setup.ts' } } },
    /`workers\.a\.worker` names setup\.ts, which is not there/,
  ],
  [
    'a contract that is no package',
    { workers: { a: { tasks: '**', handlers: 'a/h', contract: './jobs' } } },
    /`workers\.a\.contract` must be what the handlers' package imports/,
  ],
];

for (const [what, value, message] of bad) {
  test(`a config with ${what} is refused`, async (t) => {
    const folder = userProject({ 'pgsched.config.json': JSON.stringify(value) });
    const { code, stderr } = await pgsched(['generate'], { cwd: folder });
    t.is(code, 2);
    t.regex(stderr, /^error PGS1012: /);
    t.regex(stderr, message);
  });
}

test.serial('the upcasters of all workers count when the queue is checked', async (t) => {
  const folder = copyOf(cwd);
  const path = 'src/jobs/generated/contract.json';
  const tasks = readFileSync(join(folder, 'src/jobs/tasks.ts'), 'utf8');
  write(folder, {
    'src/jobs/tasks.ts': tasks
      .replace('send: task<void, string>()', 'send: task<{ to: string }, string>({ version: 2 })')
      .replace(
        'encode: task<void, string>()',
        'encode: task<{ url: string }, string>({ version: 2 })',
      ),
    'released.json': readFileSync(join(folder, path), 'utf8'),
  });
  write(folder, {
    'pgsched.config.json': JSON.stringify({ ...config, baseline: 'released.json' }),
  });
  const ran = await pgsched(['generate'], { cwd: folder });
  t.is(ran.code, 0, ran.stderr);
  const upcast = (task: string, args: string) =>
    `import type { ${task}Upcast } from '../../generated/handlers.js';
export const upcast: ${task}Upcast = { 1: () => (${args}) };
`;
  write(folder, {
    'src/mail/handlers/mail/send.upcast.ts': upcast('MailSend', "{ to: 'all' }"),
    'src/media/handlers/media/encode.upcast.ts': upcast('MediaEncode', "{ url: '' }"),
  });
  for (const task of ['mail.send', 'media.encode']) {
    await pgsched(['enqueue', task, '--delay', '1h'], { cwd, env });
  }
  const checked = await pgsched(['check', '--database', '--json'], { cwd: folder, env });
  t.is(checked.code, 0, checked.stdout + checked.stderr);
  t.deepEqual(
    parsedOutput('check', checked.stdout).queued.map(({ task, fate }: Record<string, string>) => [
      task,
      fate,
    ]),
    [
      ['mail.send', 'decoded'],
      ['media.encode', 'decoded'],
    ],
  );
});
