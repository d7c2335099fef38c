import test from 'ava';
import fc from 'fast-check';
import { formatDiagnostics } from '../../generator/index.js';
import { readManifest } from '../../generator/read/read-manifest.js';
import type { BackoffPolicy, TaskContract } from '../../runtime/contract/types.js';
import { codeBlocks, readPage } from '../docs/support/markdown.js';
import { manifestText, project } from '../generator/support/fixture.js';
import { testDatabase } from '../support/database.js';
import { startWorker } from '../support/worker.js';

const database = await testDatabase();

/** In milliseconds, after the n-th failed run, as each system reckons. */
const theirs = {
  pgScheduler: (n: number) => Math.min(60 * 2 ** (n - 1), 300) * 1_000,
  pgjobs: (n: number) => 3 * n * 1_000,
  pgQueuer: (n: number) => Math.min(2 ** (n - 1), 300) * 1_000,
};
type System = keyof typeof theirs;
const systems = Object.keys(theirs) as System[];

const tasks = readContracts();

const declared = test.macro({
  title: (_, system: System) => `the policy of ${system} is the one line that the manual gives`,
  exec(t, system: System, policy: BackoffPolicy) {
    t.deepEqual(tasks[system]?.backoff, policy);
  },
});
test(declared, 'pgScheduler', {
  kind: 'exponential',
  base: 60_000,
  factor: 2,
  max: 300_000,
  jitter: 0,
});
test(declared, 'pgjobs', { kind: 'linear', base: 3_000, max: 28 * 3_600_000, jitter: 0 });
test(declared, 'pgQueuer', {
  kind: 'exponential',
  base: 1_000,
  factor: 2,
  max: 300_000,
  jitter: 0,
});

test('each waits as long as its system does, after any number of attempts', async (t) => {
  const attempts = [...Array(40).keys(), 999, 32_765, 32_766].map((n) => n + 1);
  for (const system of systems) {
    const delays = await backoff(attempts.map((attempt) => [tasks[system]?.backoff, attempt, 0.5]));
    t.deepEqual(delays, attempts.map(theirs[system]), system);
  }
});

for (const system of systems) {
  test(`a job that fails runs again when ${system} would have run it`, async (t) => {
    const { backoff: policy } = tasks[system] as TaskContract;
    const { enqueue, event, worker } = await startWorker(t, database, {
      [system]: {
        backoff: policy,
        maxAttempts: 7,
        run: () => {
          throw new Error('no');
        },
      },
    });
    const job = await enqueue(system, {});
    const waits: number[] = [];
    for (let attempt = 1; attempt < 7; attempt++) {
      await event('retried', (e) => e.attempt === attempt);
      waits.push(await waitOf(job.id));
      t.true(await job.reschedule(0));
    }
    t.deepEqual(waits, [1, 2, 3, 4, 5, 6].map(theirs[system]));
    await event('failed');
    t.like(worker.stats(), { retried: 6, failed: 1 });
  });
}

const anyAttempt = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
);
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyDelay = fc.oneof(
  fc.integer({ min: 0, max: 10_000 }),
  fc.integer({ min: 0, max: 3_650 * 86_400_000 }),
);
const anyJitter = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
const anyFactor = fc.oneof(
  fc.constantFrom(1, 1.5, 2, 10),
  fc.double({ min: 1, max: 1e300, noNaN: true }),
);
const anyPolicy: fc.Arbitrary<BackoffPolicy> = fc.oneof(
  fc.tuple(anyDelay, anyFactor, anyDelay, anyJitter).map(([base, factor, more, jitter]) => ({
    kind: 'exponential' as const,
    base,
    factor,
    max: base + more,
    jitter,
  })),
  fc
    .tuple(anyDelay, anyDelay, anyJitter)
    .map(([base, more, jitter]) => ({ kind: 'linear' as const, base, max: base + more, jitter })),
  fc
    .tuple(fc.array(anyDelay, { minLength: 1, maxLength: 5 }), anyJitter)
    .map(([delays, jitter]) => ({ kind: 'list' as const, delays, jitter })),
);

/** Many examples in one statement. */
const examples = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: 200, maxLength: 200 });

test('a delay is what the policy says, capped and then spread by its jitter', async (t) => {
  await fc.assert(
    fc.asyncProperty(examples(fc.tuple(anyPolicy, anyAttempt, anyRandom)), async (cases) => {
      const delays = await backoff(cases);
      for (const [i, [policy, attempt, random]] of cases.entries()) {
        const expected = Math.max(
          0,
          exact(policy, attempt) * (1 + policy.jitter * (2 * random - 1)),
        );
        // Two ways to reckon with floating numbers: a millisecond, or a millionth of a long delay.
        const tolerance = 1 + expected * 1e-6;
        t.true(
          Math.abs((delays[i] as number) - expected) <= tolerance,
          JSON.stringify({ policy, attempt, random, expected, got: delays[i] }),
        );
      }
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

test('without jitter no delay is longer than the cap, and none shorter than the one before', async (t) => {
  await fc.assert(
    fc.asyncProperty(examples(fc.tuple(anyPolicy, anyAttempt)), async (cases) => {
      const growing = cases
        .filter(([policy]) => policy.kind !== 'list')
        .map(([policy, attempt]) => ({ ...policy, jitter: 0, attempt }));
      const delays = await backoff(growing.map(({ attempt, ...p }) => [p, attempt, 0]));
      const later = await backoff(
        growing.map(({ attempt, ...p }) => [p, Math.min(attempt + 1, 2 ** 31 - 1), 0]),
      );
      for (const [i, policy] of growing.entries()) {
        const [delay, next] = [delays[i] as number, later[i] as number];
        const cap = policy.kind === 'list' ? 0 : policy.max;
        t.true(delay <= next && next <= cap, JSON.stringify({ policy, delay, next }));
      }
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

test('the jitter of many jobs that fail at once spreads them over its whole width', async (t) => {
  const { rows } = await database.pool.query(
    `select min(d)::int as least, max(d)::int as most, count(distinct d)::int as different
       from (select pgsched._backoff($1, 3, random()) as d from generate_series(1, 1000)) delays`,
    [{ kind: 'exponential', base: 1_000, factor: 2, max: 300_000, jitter: 0.1 }],
  );
  const { least, most, different } = rows[0];
  t.true(least >= 3_600 && least < 3_640, `${least}`);
  t.true(most <= 4_400 && most > 4_360, `${most}`);
  t.true(different > 300, `${different}`);
});

/** The definition in the manual, without the jitter. */
function exact(policy: BackoffPolicy, attempt: number): number {
  switch (policy.kind) {
    case 'exponential':
      return policy.base === 0
        ? 0
        : Math.min(policy.base * policy.factor ** (attempt - 1), policy.max);
    case 'linear':
      return Math.min(policy.base * attempt, policy.max);
    case 'list':
      return policy.delays[Math.min(attempt, policy.delays.length) - 1] as number;
  }
}

async function backoff(cases: readonly (readonly [unknown, number, number])[]): Promise<number[]> {
  const { rows } = await database.pool.query(
    `select pgsched._backoff(c.policy::jsonb, c.attempt, c.random)::float8 as delay
       from unnest($1::text[], $2::int[], $3::float8[]) with ordinality as c(policy, attempt, random, place)
      order by c.place`,
    [
      cases.map(([policy]) => JSON.stringify(policy)),
      cases.map(([, attempt]) => attempt),
      cases.map(([, , random]) => random),
    ],
  );
  return rows.map(({ delay }) => delay);
}

/** From the instant of the last failure to the next run, to the millisecond. */
async function waitOf(id: string): Promise<number> {
  const { rows } = await database.pool.query(
    `select extract(epoch from run_at - (failures -> -1 ->> 'at')::timestamptz)::float8 * 1000 as wait
       from pgsched.job where id = $1`,
    [id],
  );
  return rows[0].wait;
}

/** The tasks of a manifest that takes its backoffs from the page, by the system's name. */
function readContracts(): Record<string, TaskContract> {
  const block = codeBlocks(readPage('docs/coming-from.md')).find(({ text }) =>
    text.startsWith('// src/jobs/backoffs.ts'),
  );
  const declarations = systems.map((name) => `${name}: task({ backoff: ${name}Backoff }),`);
  const imports = systems.map(
    (name) => `import { ${name} as ${name}Backoff } from './backoffs.js';`,
  );
  let remove = (): void => {};
  const fixture = project(
    { teardown: (end) => (remove = end) },
    {
      'src/jobs/backoffs.ts': block?.text ?? '',
      'src/jobs/tasks.ts': manifestText(declarations.join('\n'), imports.join('\n')),
    },
  );
  const { model, diagnostics } = readManifest(fixture.manifest);
  remove();
  if (model === null) throw new Error(formatDiagnostics(diagnostics, fixture));
  return Object.fromEntries(model.tasks.map(({ name, contract }) => [name, contract]));
}
