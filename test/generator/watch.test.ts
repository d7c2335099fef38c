import { EventEmitter, once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { generate, type Memory, type Project, type Run, watch } from '../../generator/index.js';
import { type Fixture, manifestText, project } from './support/fixture.js';

const tasks = 'src/jobs/tasks.ts';
const client = 'src/jobs/generated/client.ts';

/** A watched project; `next` waits for the run after those seen so far. */
async function watched(
  t: ExecutionContext,
  fixture: Fixture,
  load: Project | (() => Promise<Project>) = fixture,
) {
  const runs: Run[] = [];
  const events = new EventEmitter();
  let seen = 0;
  const watching = await watch(load, (run) => {
    runs.push(run);
    events.emit('run');
  });
  t.teardown(() => watching.close());
  return {
    runs,
    watching,
    async next(): Promise<Run> {
      while (runs.length <= seen) await once(events, 'run');
      return runs[seen++] as Run;
    },
  };
}

/** Longer than a save takes to become a run. */
const settled = () => delay(1_000);

function pings(t: ExecutionContext, files: Readonly<Record<string, string>> = {}): Fixture {
  return project(t, { [tasks]: manifestText('ping: task(),'), ...files });
}

test.serial('it generates at once, and again after a change', async (t) => {
  const fixture = pings(t);
  const { next } = await watched(t, fixture);
  t.true((await next()).generated?.ok);
  t.true(fixture.read(client).includes('PingArgs'));

  fixture.write(tasks, manifestText('ping: task(), pong: task(),'));
  const second = await next();
  t.true(second.written?.written.includes(fixture.path(client)));
  t.true(fixture.read(client).includes('PongArgs'));
});

test.serial(
  'twenty quick saves make two runs at most, and no run is caused by our own files',
  async (t) => {
    const fixture = pings(t);
    const { next, runs } = await watched(t, fixture);
    await next();
    for (let count = 1; count <= 20; count++) {
      fixture.write(tasks, manifestText(`ping: task({ maxAttempts: ${count} }),`));
      await delay(5);
    }
    const last = () => fixture.read('src/jobs/generated/contract.ts').includes('maxAttempts: 20');
    while (!last()) await next();
    await settled();
    t.true(runs.length <= 3, `${runs.length - 1} runs`);
  },
);

test.serial('a run after a change takes a fraction of the first one', async (t) => {
  const twenty = (attempts: number) =>
    manifestText(
      Array.from(
        { length: 20 },
        (_, index) =>
          `task${index}: task<{ id: number; to: string; at: Date }, { ok: boolean }>({ maxAttempts: ${attempts} }),`,
      ).join('\n'),
    );
  const fixture = project(t, { [tasks]: twenty(1) });
  const memory: Memory = {};
  // The processor's time: that of the clock is shared with whatever else runs.
  const run = async () => {
    const before = process.cpuUsage();
    t.true((await generate(fixture, memory)).ok);
    const { user, system } = process.cpuUsage(before);
    return Math.round((user + system) / 1_000);
  };
  const first = await run();
  const others: number[] = [];
  for (let attempts = 2; attempts <= 5; attempts++) {
    fixture.write(tasks, twenty(attempts));
    others.push(await run());
  }
  t.log(`first ${first} ms, then ${others.join(', ')} ms`);
  t.true(Math.min(...others) < 1_000);
});

test.serial('a change of a file that the manifest imports makes a run', async (t) => {
  const fixture = pings(t, {
    [tasks]: manifestText('a: task({ timeout }),', "import { timeout } from './values.js';"),
    'src/jobs/values.ts': "export { timeout } from './deep.js';",
    'src/jobs/deep.ts': 'export const timeout = 1_000;',
  });
  const { next } = await watched(t, fixture);
  t.is((await next()).generated?.contract?.tasks['a']?.timeout, 1_000);
  fixture.write('src/jobs/deep.ts', 'export const timeout = 2_000;');
  t.is((await next()).generated?.contract?.tasks['a']?.timeout, 2_000);
});

test.serial(
  'with an error the last good output stays until the manifest is right again',
  async (t) => {
    const fixture = pings(t);
    const { next } = await watched(t, fixture);
    await next();
    const good = fixture.read(client);
    fixture.write(tasks, manifestText('ping: task({ timeout: 0 }),'));
    const failed = await next();
    t.false(failed.generated?.ok);
    t.is(failed.generated?.diagnostics[0]?.code, 'PGS1007');
    t.is(fixture.read(client), good);
    fixture.write(tasks, manifestText('pong: task(),'));
    t.true((await next()).generated?.ok);
    t.true(fixture.read(client).includes('PongArgs'));
  },
);

test.serial('an editor that saves by renaming, a deletion and a return are noticed', async (t) => {
  const fixture = pings(t);
  const { next } = await watched(t, fixture);
  await next();
  fixture.write('src/jobs/tasks.new', manifestText('pong: task(),'));
  renameSync(fixture.path('src/jobs/tasks.new'), fixture.manifest);
  t.deepEqual(Object.keys((await next()).generated?.contract?.tasks ?? {}), ['pong']);

  rmSync(fixture.manifest);
  t.is((await next()).generated?.diagnostics[0]?.code, 'PGS1002');
  fixture.write(tasks, manifestText('again: task(),'));
  t.deepEqual(Object.keys((await next()).generated?.contract?.tasks ?? {}), ['again']);
});

test.serial('a module that is imported and not there yet is waited for', async (t) => {
  const fixture = pings(t, {
    [tasks]: manifestText('mail,', "import { mail } from './mail/tasks.js';"),
  });
  const { next } = await watched(t, fixture);
  t.false((await next()).generated?.ok);
  fixture.write(
    'src/jobs/mail/tasks.ts',
    "import { task } from 'pgsched';\nexport const mail = { send: task() };\n",
  );
  t.deepEqual(Object.keys((await next()).generated?.contract?.tasks ?? {}), ['mail.send']);
  rmSync(fixture.path('src/jobs/mail/tasks.ts'));
  t.false((await next()).generated?.ok);
});

test.serial('a change of the config or of the tsconfig counts', async (t) => {
  const fixture = pings(t);
  fixture.write('schema.txt', 'one');
  const load = async () => ({
    ...fixture,
    config: fixture.path('schema.txt'),
    schema: fixture.read('schema.txt'),
  });
  const { next } = await watched(t, fixture, load);
  t.is((await next()).generated?.contract?.schema, 'one');
  fixture.write('schema.txt', 'two');
  t.is((await next()).generated?.contract?.schema, 'two');
  fixture.write('tsconfig.json', JSON.stringify({ compilerOptions: { strict: false } }));
  t.is((await next()).generated?.diagnostics[0]?.code, 'PGS1010');
});

test.serial('a config that breaks is reported, and does not end the watch', async (t) => {
  const fixture = pings(t, { 'config.txt': 'good' });
  const load = async () => {
    if (fixture.read('config.txt') !== 'good') throw new Error('The config is broken.');
    return { ...fixture, config: fixture.path('config.txt') };
  };
  const { next } = await watched(t, fixture, load);
  await next();
  fixture.write('config.txt', 'bad');
  t.is((await next()).error?.message, 'The config is broken.');
  fixture.write('config.txt', 'good');
  t.true((await next()).generated?.ok);
});
