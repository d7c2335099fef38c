import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  beat,
  claim as claimQuery,
  progress as progressQuery,
  recordStart as recordStartQuery,
  register,
  removeWorker,
  rescue as rescueQuery,
  settle as settleQuery,
  sweep as sweepQuery,
  topicRegexes,
  unregister,
} from '../../queries/worker.queries.js';
import { type Run, Statements } from '../../runtime/database/statements.js';
import { joinJson } from '../../runtime/database/text-parameters.js';
import type { Holding, Machine } from './machine.js';
import {
  failRun,
  file,
  holder,
  type Model,
  type ModelJob,
  type Outcome,
  rescue,
  settle,
  sweep,
} from './model.js';
import { type Claim, hold, isTooLate, take, toClaim } from './model-claim.js';
import {
  type AnyOperation,
  hour,
  isFree,
  lockedJobs,
  type Operation,
  pick,
  some,
  subset,
} from './operation.js';
import { contractOfTask, patterns, taskNames } from './tasks.js';

interface Asked {
  worker: number;
  tasks: number;
  patterns: string[] | null;
  alone: number;
  free: number;
  more: number;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  worker: some,
  tasks: fc.constantFrom(0, 0, 0, 1, 5, 14),
  patterns: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.subarray([...patterns], { minLength: 1 }) },
  ),
  alone: fc.constantFrom(0, 1, 2, 15),
  free: fc.integer({ min: 0, max: 4 }),
  more: fc.integer({ min: 0, max: 4 }),
});

const claim: Operation<Asked> = {
  name: 'claim',
  weight: 10,
  params: asked,
  async apply(machine, params) {
    const wanted = toClaimOf(machine, params);
    if (wanted === undefined) return;
    const ids = await send(machine.run, machine, wanted);
    assert.deepEqual(
      ids,
      take(machine.model, wanted).map(({ id }) => id),
    );
    machine.claims.push(...ids.map((id) => ({ id, fence: wanted.fence })));
  },
};

/** Its worker may die before it commits. */
const openClaim: Operation<Asked & { who: number }> = {
  name: 'claim in a transaction that stays open',
  weight: 2,
  params: fc.tuple(asked, some).map(([params, who]) => ({ ...params, who })),
  async apply(machine, { who, ...params }) {
    const index = who % machine.strangers.length;
    const client = machine.strangers[index];
    const wanted = toClaimOf(machine, params);
    if (client === undefined || machine.open.has(index) || wanted === undefined) return;
    await client.query('begin');
    const ids = await send(new Statements('pgsched').on(client), machine, wanted);
    assert.deepEqual(
      ids,
      toClaim(machine.model, wanted).map(({ id }) => id),
    );
    machine.open.set(index, {
      client,
      keys: new Set([`worker ${wanted.instance}`]),
      jobs: new Set(ids),
      commit: (model) => {
        for (const id of ids) hold(model, model.jobs.get(id) as ModelJob, wanted);
        machine.claims.push(...ids.map((id) => ({ id, fence: wanted.fence })));
      },
    });
  },
};

interface Held {
  readonly claim: number;
  readonly late?: boolean;
}

const held = { claim: some, late: fc.constantFrom(false, false, true) };

const settlement = fc.record({
  ...held,
  outcome: fc.constantFrom<Outcome>(
    'completed',
    'completed',
    'completed',
    'failed',
    'retry',
    'retry',
    'snooze',
    'interrupt',
    'release',
    'cancelled',
  ),
  delay: fc.constantFrom(null, null, 0, hour),
});

/** Of what is held, of what was held once, and of what was never held like this. */
const settleRuns: Operation<{
  settlements: (typeof settlement extends fc.Arbitrary<infer S> ? S : never)[];
  wait: number | null;
}> = {
  name: 'settle',
  weight: 10,
  params: fc.record({
    settlements: fc.array(settlement, { minLength: 1, maxLength: 4 }),
    wait: fc.constantFrom(null, 5),
  }),
  async apply(machine, { settlements, wait }) {
    const seen = new Set<string>();
    const sent = settlements.flatMap(({ outcome, delay, ...which }) => {
      const held = holdingOf(machine, which);
      const job = machine.model.jobs.get(held?.id ?? '');
      if (held === undefined || seen.has(held.id) || (job && !isFree(machine, job))) return [];
      seen.add(held.id);
      const task = contractOfTask(job?.task ?? 'plain');
      return [{ ...held, outcome, delay: outcome === 'snooze' ? (delay ?? 0) : delay, task }];
    });
    if (sent.length === 0) return;
    const result = machine.count;
    const rows = await machine.run(settleQuery, {
      ids: sent.map(({ id }) => id),
      fences: sent.map(({ fence }) => fence),
      outcomes: sent.map(({ outcome }) => outcome),
      values: joinJson(
        sent.map(({ outcome }) =>
          outcome === 'completed'
            ? String(result)
            : outcome === 'failed' || outcome === 'retry'
              ? '{"name":"Oops"}'
              : null,
        ),
      ),
      delays: sent.map(({ delay }) => delay) as number[],
      policies: sent.map(({ task }) => JSON.stringify(task.backoff)),
      wait,
    });
    const expected = sent.flatMap(({ id, fence, outcome, delay }) => {
      const exception = settle(machine.model, id, fence, outcome, { result, error: 'Oops', delay });
      return exception === undefined ? [] : [`${id} ${exception}`];
    });
    assert.deepEqual(
      rows.map(({ job, exception }) => `${job} ${exception}`).sort(),
      expected.sort(),
    );
  },
};

const claimBySql: Operation<{ n: number; tasks: number; pattern: string | null }> = {
  name: 'pgsched.claim',
  weight: 3,
  params: fc.record({
    n: fc.integer({ min: 1, max: 4 }),
    tasks: fc.constantFrom(0, 0, 1, 5, 14),
    pattern: fc.constantFrom(null, null, ...patterns),
  }),
  async apply(machine, { n, tasks, pattern }) {
    if (machine.open.size > 0) return;
    const names = pattern === null ? subset(taskNames, tasks) : taskNames;
    const { rows } = await machine.client.query(
      pattern === null
        ? 'select id::text, fence::text from pgsched.claim($1, $2)'
        : 'select id::text, fence::text from pgsched.claim_topic($2, $1)',
      [n, pattern ?? names],
    );
    const fence = rows[0]?.fence ?? 'none';
    const { taken, late } = claimAsSql(machine.model, n, names, pattern, fence);
    assert.deepEqual(rows.map(({ id }) => id).sort(), taken.sort());
    if (rows.length === 0 && late.length > 0) await learnFence(machine, late);
    machine.claims.push(...rows.map(({ id }) => ({ id, fence })));
  },
};

const acknowledge: Operation<Held & { good: boolean; delay: number | null }> = {
  name: 'ack or nack',
  weight: 4,
  params: fc.record({ ...held, good: fc.boolean(), delay: fc.constantFrom(null, 0, hour) }),
  async apply(machine, { good, delay, ...which }) {
    const held = holdingOf(machine, which);
    const job = machine.model.jobs.get(held?.id ?? '');
    if (held === undefined || (job && !isFree(machine, job))) return;
    const { id, fence } = held;
    if (good) {
      const { rows } = await machine.client.query('select pgsched.ack($1, $2, $3) as done', [
        id,
        fence,
        '7',
      ]);
      assert.equal(
        rows[0].done,
        settle(machine.model, id, fence, 'completed', { result: 7 }) === undefined,
      );
      return;
    }
    const { rows } = await machine.client.query(
      `select pgsched.nack($1, $2, 'no', clock_timestamp() + $3 * interval '1 ms') as done`,
      [id, fence, delay],
    );
    const mine = holder(machine.model, id, fence);
    // An instant that is sent has passed by a little when it is read: only the hour is to be found again.
    assert.equal(
      rows[0].done,
      mine === undefined ? null : failRun(machine.model, mine, 'Error', delay),
    );
    if (mine?.status === 'pending' && delay !== null) {
      mine.runAt = { from: machine.model.now - 1_000, after: delay * 1_000 };
    }
  },
};

const recordStart: Operation<Held> = {
  name: 'record a start',
  weight: 4,
  params: fc.record(held),
  async apply(machine, which) {
    const held = holdingOf(machine, which);
    if (held === undefined) return;
    const rows = await machine.run(recordStartQuery, held);
    const job = holder(machine.model, held.id, held.fence);
    const counts = job !== undefined && !job.cancelRequested;
    assert.equal(rows.length, counts ? 1 : 0);
    if (counts) job.startRecorded = true;
  },
};

const progress: Operation<Held> = {
  name: 'say how far it is',
  weight: 1,
  params: fc.record(held),
  async apply(machine, which) {
    const held = holdingOf(machine, which);
    if (held === undefined) return;
    const { id, fence } = held;
    await machine.run(progressQuery, { ids: [id], fences: [fence], fractions: [0.5], data: ['1'] });
    if (holder(machine.model, id, fence)) machine.model.progress.set(id, fence);
  },
};

const begin: Operation<{ n: number }> = {
  name: 'a worker begins',
  weight: 3,
  params: fc.record({ n: some }),
  async apply(machine) {
    machine.count += 1;
    // Random as those of real ones, so that their order is not that of their coming.
    const instance = String((machine.count * 7919) % 1_000_003);
    await machine.run(register, { instance, host: 'here', pid: 1 });
    machine.model.workers.set(instance, 0);
  },
};

const leave: Operation<{ worker: number; stale: boolean; proper: boolean }> = {
  name: 'a worker beats, is removed, or leaves',
  weight: 4,
  params: fc.record({ worker: some, stale: fc.boolean(), proper: fc.boolean() }),
  async apply(machine, { worker, stale, proper }) {
    const instance = pick([...machine.model.workers.keys()], worker);
    // A claim that is under way keeps its worker's row.
    if (instance === undefined || isClaiming(machine, instance)) return;
    const seen = machine.model.workers.get(instance) as number;
    if (proper) {
      await machine.run(unregister, { instance });
    } else {
      if (stale) await machine.run(beat, { instance });
      const rows = await machine.run(removeWorker, { instance, beat: seen });
      assert.equal(rows.length, stale ? 0 : 1, 'only a worker whose beat stands still is removed');
    }
    if (stale && !proper) machine.model.workers.set(instance, seen + 1);
    else machine.model.workers.delete(instance);
  },
};

const rescueJobs: Operation<{ limit: number; known: number }> = {
  name: 'rescue',
  weight: 4,
  params: fc.record({ limit: fc.integer({ min: 1, max: 6 }), known: fc.constantFrom(0, 3) }),
  async apply(machine, { limit, known }) {
    const names = subset(taskNames, known);
    const [row] = await machine.run(rescueQuery, {
      limit,
      tasks: names.map((name) => machine.numbers.get(name) as number),
      maxRescues: names.map((name) => contractOfTask(name).maxRescues),
      error: '{"name":"WorkerLost"}',
    });
    const expected = rescue(machine.model, limit, names);
    assert.deepEqual({ rescued: Number(row?.rescued ?? 0), failed: row?.failed ?? 0 }, expected);
  },
};

/** What a sequence would seldom come to by itself. */
const die: Operation<{ worker: number; started: boolean }> = {
  name: 'a worker dies with all it holds',
  weight: 4,
  params: fc.record({ worker: some, started: fc.boolean() }),
  async apply(machine, { worker, started }) {
    const claims = machine.claims.length;
    await claim.apply(machine, { worker, tasks: 0, patterns: null, alone: 0, free: 2, more: 2 });
    const taken = machine.claims.length - claims;
    for (let i = 0; started && i < taken; i++) await recordStart.apply(machine, { claim: i });
    await leave.apply(machine, { worker, stale: false, proper: false });
    await begin.apply(machine, { n: 0 });
    await rescueJobs.apply(machine, { limit: 100, known: 0 });
  },
};

const sweepJobs: Operation<{ limit: number }> = {
  name: 'sweep',
  weight: 2,
  params: fc.record({ limit: fc.integer({ min: 1, max: 4 }) }),
  async apply(machine, { limit }) {
    const [row] = await machine.run(sweepQuery, { limit });
    assert.equal(row?.swept, sweep(machine.model, limit));
  },
};

export const runOperations: readonly AnyOperation[] = [
  claim,
  openClaim,
  settleRuns,
  claimBySql,
  acknowledge,
  recordStart,
  progress,
  begin,
  leave,
  rescueJobs,
  die,
  sweepJobs,
];

/** What is held, or, `late`, what was held at some time. The latest come first. */
function holdingOf({ claims, model }: Machine, { claim, late }: Held): Holding | undefined {
  const latest = [...claims].reverse();
  const held = latest.filter(({ id, fence }) => holder(model, id, fence));
  return pick(late ? latest : held, claim);
}

function toClaimOf(machine: Machine, params: Asked): Claim | undefined {
  const instance = pick([...machine.model.workers.keys()], params.worker);
  if (instance === undefined) return undefined;
  machine.count += 1;
  return {
    instance,
    fence: String(lastFence++),
    tasks: subset(taskNames, params.tasks),
    patterns: params.patterns,
    alone: params.alone === 0 ? [] : subset(taskNames, params.alone),
    free: params.free,
    limit: params.free + params.more,
    locked: lockedJobs(machine),
  };
}

/** Never used again, as those of real claims. */
let lastFence = 5_000_000_000;

async function send(run: Run, machine: Machine, claim: Claim): Promise<string[]> {
  const { numbers, positions } = machine;
  const number = (name: string): number => numbers.get(name) as number;
  const topics =
    claim.patterns === null ? null : await run(topicRegexes, { patterns: [...claim.patterns] });
  const rows = await run(claimQuery, {
    instance: claim.instance,
    fence: claim.fence,
    tasks: claim.tasks.map(number),
    versions: claim.tasks.map(() => 1),
    topics: topics?.map(({ regex }) => regex) ?? null,
    alone: claim.alone.map(number),
    free: claim.free,
    limit: claim.limit,
    durable: true,
    position: positions.get(claim.instance) ?? null,
  });
  const last = rows.pop();
  // What a transaction has seen that is still open is nobody's to use.
  if (run === machine.run) positions.set(claim.instance, last?.nextPosition ?? null);
  return rows.map(({ id }) => id as string);
}

function isClaiming(machine: Machine, instance: string): boolean {
  return [...machine.open.values()].some(({ keys }) => keys.has(`worker ${instance}`));
}

/** Ends what is over its deadline, files, and claims; what is too late to start expires, and others come in its place. */
function claimAsSql(
  model: Model,
  n: number,
  tasks: readonly string[],
  pattern: string | null,
  fence: string,
): { taken: string[]; late: string[] } {
  sweep(model, 1_000);
  file(model, 1_000, new Set());
  const taken: string[] = [];
  const late: string[] = [];
  for (;;) {
    const left = n - taken.length;
    const jobs = take(model, {
      instance: '0',
      fence,
      tasks,
      patterns: pattern === null ? null : [pattern],
      alone: [],
      free: left,
      limit: left,
      locked: new Set(),
    });
    const tooLate = jobs.filter((job) => isTooLate(model, job));
    for (const job of tooLate) settle(model, job.id, fence, 'expired');
    late.push(...tooLate.map(({ id }) => id));
    taken.push(...jobs.filter((job) => !tooLate.includes(job)).map(({ id }) => id));
    if (tooLate.length === 0 || taken.length === n) return { taken, late };
  }
}

/** Only the database knows the fence of a claim that answered nothing because all was too late. */
async function learnFence(machine: Machine, ids: readonly string[]): Promise<void> {
  const { rows } = await machine.client.query(
    'select id::text, fence::text from pgsched.job_archive where id = any($1)',
    [ids],
  );
  for (const { id, fence } of rows) {
    const job = machine.model.jobs.get(id);
    if (job !== undefined) job.fence = fence;
  }
}
