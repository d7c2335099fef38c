import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { testDatabase } from '../support/database.js';

const demo = fileURLToPath(new URL('../../examples/movies/demo.ts', import.meta.url));

const whole = await testDatabase({ migrated: false });
const interrupted = await testDatabase({ migrated: false });

test('the demo accounts for every record, and a worker killed in the middle changes nothing', async (t) => {
  t.timeout(120_000);
  const first = await runDemo(whole.url);
  t.is(first.code, 0);
  t.regex(first.output, /3167 stored \+ 34 refused = 3201 records/);
  t.regex(first.output, /1408 +│ Title +│ expected string, got 1408/);

  const killed = await runDemo(interrupted.url, /^stored 951\//);
  t.is(killed.signal, 'SIGKILL');
  const left = await count(interrupted);
  t.true(left < 3167, `killed with ${left} stored`);

  const second = await runDemo(interrupted.url);
  t.is(second.code, 0);
  t.regex(second.output, /3167 stored \+ 34 refused = 3201 records/);
  t.deepEqual(await movies(interrupted), await movies(whole));
});

/** Runs the demo to its end, or kills it when it prints a line that matches. */
async function runDemo(
  url: string,
  killAt?: RegExp,
): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(process.execPath, ['--import=tsx', demo], {
    env: { ...process.env, PGSCHED_DATABASE_URL: url, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`;
    if (killAt?.test(line)) child.kill('SIGKILL');
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}

async function count({ pool }: typeof whole): Promise<number> {
  const { rows } = await pool.query('select count(*)::int as n from movie');
  return rows[0].n;
}

async function movies({ pool }: typeof whole): Promise<unknown[]> {
  const { rows } = await pool.query('select * from movie order by id');
  return rows;
}
