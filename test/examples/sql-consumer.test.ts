import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { testDatabase } from '../support/database.js';
import { declare, enqueue, job } from '../support/sql.js';

const database = await testDatabase();
const { pool } = database;
const consumer = fileURLToPath(new URL('../../examples/sql-consumer/consume.sh', import.meta.url));

const psql = spawnSync('psql', ['--version']).status === 0;
const consumed = psql ? test.serial : test.serial.skip;
const why = psql ? '' : ' (psql is not installed)';

/** Runs the script, with the connection in libpq's variables alone. */
function consume(task: string, ...command: string[]): { status: number | null; stderr: string } {
  const { hostname, port, username, password, pathname, searchParams } = new URL(database.url);
  return spawnSync(consumer, [task, ...command], {
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      ...process.env,
      PGHOST: searchParams.get('host') ?? hostname,
      PGPORT: port || '5432',
      PGUSER: decodeURIComponent(username),
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: pathname.slice(1),
    },
  });
}

consumed(
  `a shell script runs every due job of a task, and keeps what its command printed${why}`,
  async (t) => {
    await declare(pool, { greet: {} });
    const awkward = `it's "Ada" \t\\ $HOME \n :'task' é💥`;
    const [one, two, later] = [
      await enqueue(pool, `'greet', '{"name": "Grace"}'`),
      await enqueue(pool, `'greet', jsonb_build_object('name', $1::text)`, [awkward]),
      await enqueue(pool, `'greet', delay => '1 h'`),
    ];
    const ran = consume('greet', 'node', '-p', 'JSON.parse(fs.readFileSync(0, "utf8")).name');
    t.like(ran, { status: 0, stderr: '' });
    t.like(await job(pool, one.id), { status: 'completed', result: 'Grace' });
    t.like(await job(pool, two.id), { status: 'completed', result: awkward });
    t.like(await job(pool, later.id), { status: 'pending' });
  },
);

consumed(`a command that fails fails the run, and its words are the error${why}`, async (t) => {
  await declare(pool, {
    broken: { maxAttempts: 2, backoff: { kind: 'list', delays: [0], jitter: 0 } },
  });
  const { id } = await enqueue(pool, `'broken'`);
  t.like(consume('broken', 'sh', '-c', `echo "it's the printer" >&2; exit 3`), {
    status: 0,
    stderr: '',
  });
  t.like(await job(pool, id), {
    status: 'failed',
    attempt: 2,
    error: { message: "it's the printer" },
  });
});

consumed(`a task that is not there ends the script with the reason${why}`, async (t) => {
  const { status, stderr } = consume('gret', 'true');
  t.not(status, 0);
  t.regex(stderr, /There is no task 'gret'[\s\S]*Did you mean 'greet'\?/);
});
