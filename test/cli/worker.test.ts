import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched, type Running, start, startPgsched } from '../support/cli.js';
import { testDatabase } from '../support/database.js';
import { copyOf, tsconfig, userProject, write } from '../support/project.js';

const database = await testDatabase();
const other = await testDatabase({ schema: 'media' });
const env = { PGSCHED_DATABASE_URL: database.url };

const cwd = userProject({
  'tsconfig.json': tsconfig,
  'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';
import * as v from 'valibot';
export default defineTasks({
  greet: task<{ name: string }, { greeting: string }>({ maxAttempts: 1 }),
  nap: task<{ ms: number }>(),
  later: task(),
  diary: {
    dayAfter: task<{ day: Date; ids: bigint[] }, { day: Date; ids: bigint[] }>(),
    /** A schema that changes what it gets. */
    trim: task({ args: v.object({ text: v.pipe(v.string(), v.trim(), v.minLength(1)) }), result: v.string() }),
  },
});
`,
});
const generated = await pgsched(['generate'], { cwd });
if (generated.code !== 0) throw new Error(generated.stderr);

const handler = (type: string, body: string, up = '..') =>
  `import type { ${type} } from '${up}/generated/handlers.js';\nimport { Fail } from 'pgsched';\nexport const handler: ${type} = ${body};\n`;
write(cwd, {
  'src/jobs/handlers/greet.ts': handler(
    'GreetHandler',
    `async ({ name }) => {
  if (name === 'nobody') throw new Fail('there is nobody');
  return { greeting: 'Hello, ' + name };
}`,
  ),
  'src/jobs/handlers/nap.ts': handler(
    'NapHandler',
    `({ ms }, job) => new Promise((resolve, reject) => {
  console.log('napping');
  setTimeout(resolve, ms);
  job.signal.addEventListener('abort', () => reject(job.signal.reason));
})`,
  ),
  'src/jobs/handlers/diary/day-after.ts': handler(
    'DiaryDayAfterHandler',
    `async ({ day, ids }) => ({ day: new Date(day.getTime() + 86_400_000), ids: ids.map((id) => id + 1n) })`,
    '../..',
  ),
  'src/jobs/handlers/diary/trim.ts': handler(
    'DiaryTrimHandler',
    'async ({ text }) => text',
    '../..',
  ),
});

function enqueue(...args: string[]) {
  return pgsched(['enqueue', ...args], { cwd, env });
}

async function startWorker(
  t: { teardown(f: () => void): void },
  ...args: string[]
): Promise<Running> {
  const worker = startPgsched(['worker', ...args], { cwd, env });
  t.teardown(() => worker.child.kill('SIGKILL'));
  await worker.prints(/pid +\d+/);
  return worker;
}

async function stop(worker: Running) {
  worker.child.kill('SIGTERM');
  return worker.ended;
}

test.serial('a worker says what it is, runs the jobs, and stops when it is told to', async (t) => {
  const worker = await startWorker(t, '--concurrency', '3', '--verbose');
  const block = worker.output();
  t.regex(block, /warning later has no handler yet/);
  t.regex(block, /^pgsched \d+\.\d+\.\d+ worker$/m);
  t.regex(block, /^ {2}database +postgres(ql)?:\/\/\S+:\*\*\*@/m);
  t.regex(block, /^ {2}schema +pgsched, version \d+$/m);
  t.regex(block, /^ {2}tasks +diary\.dayAfter, diary\.trim, greet, nap$/m);
  t.regex(block, /^ {2}concurrency +3$/m);
  t.regex(block, new RegExp(`^ {2}pid +${worker.pid}$`, 'm'));

  t.like(await enqueue('greet', '{"name":"Ada"}', '--wait'), {
    code: 0,
    stdout: '{"greeting":"Hello, Ada"}\n',
  });
  await worker.prints(/completed greet job \d+/);

  const { code, stdout, stderr } = await stop(worker);
  t.is(code, 0);
  t.is(stdout, '');
  t.regex(stderr, /Stopping\.\n.* stopped\n$/);
});

test.serial('enqueue prints the id; with --wait the result, or what failed', async (t) => {
  const id = (await enqueue('greet', '{"name":"Bob"}')).stdout;
  t.regex(id, /^\d+\n$/);
  const worker = await startWorker(t);
  const failed = await enqueue('greet', '{"name":"nobody"}', '--wait');
  t.is(failed.code, 4);
  t.is(failed.stdout, '');
  t.regex(failed.stderr, /error PGS3003: Job \d+ of greet failed: Fail: there is nobody/);
  await worker.prints(/failed greet job \d+, attempt 1: Fail: there is nobody/);
  await stop(worker);
});

test.serial(
  'args are given in the form in which they are stored, and the result comes in it',
  async (t) => {
    const worker = await startWorker(t);
    const day = await enqueue(
      'diary.dayAfter',
      '{"day":"2030-01-31T00:00:00.000Z","ids":["9007199254740993"]}',
      '--wait',
    );
    t.is(day.stdout, '{"day":"2030-02-01T00:00:00.000Z","ids":["9007199254740994"]}\n', day.stderr);
    const trimmed = await enqueue('diary.trim', '{"text":"  a b "}', '--wait');
    t.is(trimmed.stdout, '"a b"\n', trimmed.stderr);
    await stop(worker);
  },
);

test.serial('what the contract or the task’s schema refuses is not enqueued', async (t) => {
  const count = async () =>
    (await database.pool.query('select count(*)::int as n from pgsched.job')).rows[0].n;
  const before = await count();
  const shape = await enqueue('greet', '{"nme":"Ada"}');
  t.is(shape.code, 2);
  t.regex(shape.stderr, /error PGS2001: The args of greet .*\n {2}name: expected string/);
  t.regex(
    (await enqueue('diary.trim', '{"text":" "}')).stderr,
    /error PGS2001: .*\n {2}text: Invalid length/,
  );
  t.regex((await enqueue('greet')).stderr, /error PGS2001: /);
  t.regex((await enqueue('greet', '{name}')).stderr, /error PGS2004: The args are no JSON/);
  t.regex(
    (await enqueue('diary.dayafter', '{}')).stderr,
    /error PGS2003: .*Did you mean "diary\.dayAfter"\?/,
  );
  t.regex(
    (await enqueue('greet', '{"name":"a"}', '--delay', 'soon')).stderr,
    /error PGS2004: delay/,
  );
  t.is(await count(), before);
});

test.serial('a job can be enqueued from stdin, for later, with priority and key', async (t) => {
  const args = ['greet', '-', '--delay', '1h', '--priority', 'high', '--key', 'once'];
  const first = await pgsched(['enqueue', ...args], { cwd, env, input: '{"name":"Eve"}' });
  t.is(first.code, 0, first.stderr);
  const { rows } = await database.pool.query(
    "select priority, run_at > now() + interval '59 minutes' as later, args from pgsched.job where id = $1",
    [first.stdout.trim()],
  );
  t.like(rows[0], { priority: 10, later: true, args: { name: 'Eve' } });
  const second = await pgsched(['enqueue', ...args], { cwd, env, input: '{"name":"Eve"}' });
  t.is(second.code, 2);
  t.regex(second.stderr, /error PGS3001: /);
});

test.serial('waiting has an end, and the job goes on without it', async (t) => {
  const { code, stdout, stderr } = await enqueue('later', '--wait', '--timeout', '200ms');
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /error PGS3006: Job \d+ of later did not end within 200 ms/);
});

test.serial('the first signal waits for what runs, and says so', async (t) => {
  const worker = await startWorker(t, '--verbose');
  const waiting = enqueue('nap', '{"ms":1500}', '--wait');
  await worker.prints(/napping/);
  worker.child.kill('SIGINT');
  await worker.prints(/Stopping: waiting up to 30 s for 1 running job/);
  await worker.prints(/completed nap/);
  t.is((await worker.ended).code, 0);
  t.is((await waiting).code, 0);
});

test.serial('the second signal ends what runs; its job is not lost', async (t) => {
  const worker = await startWorker(t);
  const id = (await enqueue('nap', '{"ms":60000}')).stdout.trim();
  await worker.prints(/napping/);
  worker.child.kill('SIGINT');
  await worker.prints(/waiting up to 30 s/);
  worker.child.kill('SIGINT');
  t.is((await worker.ended).code, 0);
  const { rows } = await database.pool.query('delete from pgsched.job where id = $1 returning id', [
    id,
  ]);
  t.is(rows.length, 1);
});

test.serial('the third signal ends the process', async (t) => {
  const worker = await startWorker(t);
  await enqueue('nap', '{"ms":60000}');
  await worker.prints(/napping/);
  worker.child.kill('SIGINT');
  await worker.prints(/waiting up to 30 s/);
  worker.child.kill('SIGINT');
  await worker.prints(/Ending 1 running job now/);
  worker.child.kill('SIGINT');
  t.true([0, 130].includes((await worker.ended).code as number));
  await database.pool.query('truncate pgsched.job');
});

test.serial('--json prints an object per event on stdout', async (t) => {
  const worker = startPgsched(['worker', '--json', '--verbose'], { cwd, env });
  t.teardown(() => worker.child.kill('SIGKILL'));
  await worker.prints(/"type":"started".*\n/);
  await enqueue('greet', '{"name":"nobody"}', '--wait');
  const { stdout } = await stop(worker);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.like(
    events.find(({ type }) => type === 'started'),
    { schema: 'pgsched', pid: worker.pid },
  );
  t.like(
    events.find(({ type }) => type === 'failed'),
    { task: 'greet', error: { message: 'there is nobody' } },
  );
  t.is(events.at(-1).type, 'stopped');
});

test.serial('compiled handlers run without tsx', async (t) => {
  const built = copyOf(cwd);
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  const compiled = await start([process.execPath, tsc, '--outDir', 'dist', '--rootDir', 'src'], {
    cwd: built,
  }).ended;
  t.is(compiled.code, 0, compiled.stdout);
  rmSync(join(built, 'src'), { recursive: true });
  // Were tsx loaded, this process would end.
  write(built, {
    'no-tsx.mjs': `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`export async function resolve(name, context, next) {
  if (name.startsWith('tsx') || name === 'esbuild' || name === 'ts-morph') throw new Error('loads ' + name);
  return next(name, context);
}\`));`,
  });
  const worker = startPgsched(['worker', '--handlers', 'dist/jobs/handlers/index.js'], {
    cwd: built,
    env: { ...env, NODE_OPTIONS: '--import=./no-tsx.mjs' },
  });
  t.teardown(() => worker.child.kill('SIGKILL'));
  await worker.prints(/pid +\d+/);
  t.is((await enqueue('greet', '{"name":"Cy"}', '--wait')).stdout, '{"greeting":"Hello, Cy"}\n');
  t.is((await stop(worker)).code, 0);
});

test.serial('an instance in a schema of another name has all that it needs there', async (t) => {
  const there = { cwd, env: { PGSCHED_DATABASE_URL: other.url } };
  const worker = startPgsched(['worker', '--schema', 'media'], there);
  t.teardown(() => worker.child.kill('SIGKILL'));
  await worker.prints(/schema +media, version \d+/);
  const args = ['enqueue', 'greet', '{"name":"Flo"}', '--wait', '--schema', 'media'];
  t.like(await pgsched(args, there), { code: 0, stdout: '{"greeting":"Hello, Flo"}\n' });
  t.is((await stop(worker)).code, 0);
});

test.serial('a database without the schema: the command to run', async (t) => {
  const { code, stdout, stderr } = await pgsched(['worker', '--schema', 'elsewhere'], { cwd, env });
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /error PGS5002: .*"elsewhere".*npx pgsched migrate/);
});

test.serial('handlers that are not there, or do not load, are named', async (t) => {
  const missing = await pgsched(['worker'], { cwd: userProject(), env });
  t.is(missing.code, 2);
  t.regex(
    missing.stderr,
    /^error PGS6001: There are no handlers at src\/jobs\/handlers\/index\.ts\. Run `npx pgsched generate`/,
  );

  const broken = copyOf(cwd);
  write(broken, {
    'src/jobs/handlers/greet.ts': `import 'nodemailer-that-is-not-there';\nexport const handler = null;`,
  });
  const { code, stderr } = await pgsched(['worker'], { cwd: broken, env });
  t.is(code, 2);
  t.regex(
    stderr,
    /^error PGS6002: src\/jobs\/handlers\/index\.ts does not load: .*nodemailer-that-is-not-there/,
  );
});

test.serial('--topic takes only what fits, and may be repeated', async (t) => {
  const topics = ['a.eu', 'b', 'c.us'];
  const enqueueTo = async (topic: string) => {
    const { rows } = await database.pool.query(
      `select id from pgsched.enqueue('greet', '{"name": "Ada"}', topic => $1)`,
      [topic],
    );
    return rows[0].id as string;
  };
  const statusOf = async (id: string) => {
    const { rows } = await database.pool.query(
      'select status from pgsched.all_jobs where id = $1',
      [id],
    );
    return rows[0].status as string;
  };
  const declared = await enqueue('greet', '{"name":"first"}');
  t.is(declared.code, 0);
  const [a, b, c] = await Promise.all(topics.map(enqueueTo));
  const worker = await startWorker(t, '--topic', 'a.*', '--topic', 'b', '--verbose');
  await worker.prints(/completed greet job \d+/);
  await worker.prints(/completed greet job \d+/);
  await stop(worker);
  t.is(await statusOf(a as string), 'completed');
  t.is(await statusOf(b as string), 'completed');
  t.is(await statusOf(c as string), 'pending');
  t.is(await statusOf(declared.stdout.trim()), 'pending');
  const { code, stderr } = await pgsched(['worker', '--topic', 'a..b'], { cwd, env });
  t.is(code, 2);
  t.regex(stderr, /PGS2004: topics are names with dots/);
});

test.serial(
  'the context of the worker file reaches the handlers, and is disposed of at the end',
  async (t) => {
    const copy = copyOf(cwd);
    write(copy, {
      'src/jobs/worker.ts': `import { defineWorker } from 'pgsched';
export default defineWorker({
  context: async () => ({ greeting: 'Welcome' }),
  dispose: ({ greeting }) => console.log('disposed of', greeting),
  middleware: [async (run, next) => {
    console.log('around', run.task);
    return next();
  }],
});
`,
      'src/jobs/handlers/greet.ts': handler(
        'GreetHandler',
        "async ({ name }, job) => ({ greeting: job.context.greeting + ', ' + name })",
      ),
    });
    t.is((await pgsched(['generate'], { cwd: copy })).code, 0);
    const worker = startPgsched(['worker'], { cwd: copy, env });
    t.teardown(() => worker.child.kill('SIGKILL'));
    await worker.prints(/pid +\d+/);
    const { stdout } = await enqueue('greet', '{"name":"Ada"}', '--wait');
    t.is(stdout, '{"greeting":"Welcome, Ada"}\n');
    const ended = await stop(worker);
    t.is(ended.code, 0);
    t.regex(ended.stdout, /around greet\n/);
    t.regex(ended.stdout, /disposed of Welcome\n$/);
  },
);
