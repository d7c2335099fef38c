import { join } from 'node:path';
import test from 'ava';
import { bindClient } from '../../runtime/client/bind-client.js';
import { pgsched } from '../support/cli.js';
import { contractOf, number, object, string } from '../support/contract.js';
import { testDatabase } from '../support/database.js';
import { parsedOutput } from '../support/output-schema.js';
import { copyOf, tsconfig, userProject, write } from '../support/project.js';

const database = await testDatabase();
const manifest = (tasks: string) => `import { defineTasks, task } from 'pgsched';
import * as v from 'valibot';

export default defineTasks({
  ${tasks}
}, { retired: ['mail.fax', 'mail.telex'] });
`;
const base = userProject({
  'src/jobs/tasks.ts': manifest('greet: task<{ name: string }>(),'),
  'tsconfig.json': tsconfig,
});

test.before('what older callers have left in the queue', async () => {
  const any = { kind: 'json' } as const;
  const contract = contractOf({
    greet: { args: object({ name: string }) },
    'mail.send': { args: object({ to: string }) },
    'mail.fax': { args: any },
    gone: { args: object({ n: number }) },
    // Named as what every object inherits.
    constructor: { args: object({ n: number }) },
  });
  const client = bindClient<{
    enqueue: {
      greet: { many(list: unknown[]): Promise<unknown> };
      gone(args: unknown): Promise<unknown>;
      constructor(args: unknown): Promise<unknown>;
      mail: Record<string, (args: unknown) => Promise<unknown>>;
    };
    close(): Promise<void>;
  }>(contract, null, { connectionString: database.url });
  const { enqueue } = client;
  await enqueue.greet.many([{ name: 'Ada' }, { name: '' }, { name: 'Grace' }]);
  await enqueue.mail['send']?.({ to: 'ada@example.com' });
  await enqueue.mail['send']?.({ to: 'nobody' });
  await enqueue.mail['fax']?.(1);
  await enqueue.gone({ n: 1 });
  await enqueue.constructor({ n: 1 });
  await client.close();
});

/** What check says of the queue with these tasks. */
async function check(tasks: string, files: Record<string, string> = {}, ...args: string[]) {
  const cwd = copyOf(base);
  write(cwd, { 'src/jobs/tasks.ts': manifest(tasks) });
  await pgsched(['generate'], { cwd });
  write(cwd, files);
  const ran = await pgsched(['check', '--database', '--database-url', database.url, ...args], {
    cwd,
  });
  return { ...ran, cwd };
}

const upcast = (
  from: string,
) => `import type { PostLetterUpcast } from '../../generated/handlers.js';
export const upcast: PostLetterUpcast = { 1: ${from} };
`;

test('what is queued and would fail, or wait for ever, is told by task, version and path', async (t) => {
  const { code, stdout } = await check(
    `greet: task({ args: v.object({ name: v.pipe(v.string(), v.minLength(1)) }) }),
  mail: { send: task<{ to: string; copies: number }>() },`,
  );
  t.is(code, 4);
  const found = [...stdout.matchAll(/(error|warning|info) (PGS103[45]): (.*)$/gm)].map(
    ([, severity, , message]) => `${severity}: ${message}`,
  );
  t.deepEqual(
    found.map((line) => line.replace(/job \d+/, 'job N')),
    [
      'error: 1 queued job of `constructor` (version 1) would wait for ever: the manifest has no such task. Restore it, name it in `formerly` of the task that it is now, or in `retired`.',
      'error: 1 queued job of `gone` (version 1) would wait for ever: the manifest has no such task. Restore it, name it in `formerly` of the task that it is now, or in `retired`.',
      'error: 1 of 3 queued jobs of `greet` (version 1) would fail: args.name: Invalid length: Expected >=1 but received 0 (job N for one).',
      'warning: 1 queued job of `mail.fax` (version 1) still wait, for workers that know it. It is retired: cancel them, or keep such a worker until they are done.',
      'error: 2 of 2 queued jobs of `mail.send` (version 1) would fail: args.copies: expected number, got nothing (job N for one).',
      'info: No job of the retired `mail.telex` is left here: once that holds everywhere, `retired` can let go of it.',
    ],
    stdout,
  );
});

test('older jobs go through the upcaster, under the names that their task had', async (t) => {
  const tasks = `greet: task<{ name: string }>(),
  gone: task<{ n: number }>(),
  constructor: task<{ n: number }>(),
  post: { letter: task<{ to: string[] }>({ formerly: ['mail.send'] }) },`;
  const history = { 1: { args: object({ to: string }) } };
  const written = contractOf({ 'post.letter': { version: 1, args: history[1].args } });
  const cwd = copyOf(base);
  write(cwd, {
    'src/jobs/generated/contract.json': JSON.stringify(written),
    'src/jobs/tasks.ts': manifest(tasks.replace('formerly', 'version: 2, formerly')),
  });
  await pgsched(['generate'], { cwd });
  write(cwd, {
    'src/jobs/handlers/post/letter.upcast.ts': upcast('({ to }) => ({ to: [to] })'),
  });
  const run = () =>
    pgsched(['check', '--database', '--database-url', database.url, '--json', '--sample', '5'], {
      cwd,
    });
  const good = await run();
  t.is(good.code, 0, good.stdout + good.stderr);
  const { queued } = parsedOutput('check', good.stdout);
  t.deepEqual(
    queued.find(({ task }: { task: string }) => task === 'post.letter'),
    { task: 'post.letter', version: 1, fate: 'decoded', jobs: 2, failures: [] },
  );
  write(cwd, {
    'src/jobs/handlers/post/letter.upcast.ts': upcast(
      '({ to }) => { if (to === "nobody") throw new Error("nobody there"); return { to: [to] }; }',
    ),
  });
  const bad = await run();
  t.is(bad.code, 4);
  t.regex(bad.stdout, /1 of 2 queued jobs .*upcaster from version 1 failed: Error: nobody there/);
});

test('it changes nothing, and says when the database does not answer', async (t) => {
  const before = await rows();
  await check('greet: task<{ name: number }>(),');
  t.deepEqual(await rows(), before);
  const url = database.url.replace(/:\d+\//, ':1/');
  const { code, stderr } = await pgsched(['check', '--database', '--database-url', url], {
    cwd: join(base),
  });
  t.is(code, 2);
  t.regex(stderr, /PGS5001/);

  async function rows() {
    const { rows } = await database.pool.query(
      'select j.*, t.* from pgsched.job j join pgsched.task t using (task) order by id',
    );
    return rows;
  }
});
