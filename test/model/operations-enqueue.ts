import assert from 'node:assert/strict';
import fc from 'fast-check';
import { enqueue as enqueueQuery } from '../../queries/enqueue.queries.js';
import { type Run, Statements } from '../../runtime/database/statements.js';
import { joinJson } from '../../runtime/database/text-parameters.js';
import type { Machine } from './machine.js';
import { isPast, keyOf, type Model } from './model.js';
import { type Answer, type Conflict, enqueue, type NewModelJob } from './model-enqueue.js';
import {
  type AnyOperation,
  delays,
  hour,
  lockedJobs,
  type Operation,
  pick,
  some,
} from './operation.js';
import { contractOfTask, taskNames, topics } from './tasks.js';

const items = fc.array(
  fc.record({
    task: fc.constantFrom(...taskNames),
    key: fc.constantFrom(null, null, 'a', 'b'),
    delay: delays,
    priority: fc.constantFrom(0, 0, 3, 10, -10),
    topic: fc.constantFrom(null, null, null, ...topics),
    startWithin: fc.constantFrom(null, null, -1, hour / 2),
    awaited: fc.constantFrom(null, null, 240 * hour),
  }),
  { minLength: 1, maxLength: 4 },
);
type Item = Parameters<Parameters<typeof items.map>[0]>[0][number];

const conflicts = fc.constantFrom<Conflict>('raise', 'ignore', 'replace');

const call: Operation<{ items: Item[]; conflict: Conflict }> = {
  name: 'enqueue',
  weight: 8,
  params: fc.record({ items, conflict: conflicts }),
  async apply(machine, { items, conflict }) {
    const jobs = newJobs(machine, items);
    machine.calls.push({ jobs, conflict });
    if (isBusy(machine, jobs, conflict)) {
      await assert.rejects(send(machine.run, machine, jobs, conflict), { code: '55P03' });
      return;
    }
    expectAnswers(await send(machine.run, machine, jobs, conflict), machine.model, jobs, conflict);
  },
};

/** The answer of an earlier call was lost: the same again, under the same numbers. */
const repeat: Operation<{ call: number }> = {
  name: 'repeat an enqueue',
  weight: 3,
  params: fc.record({ call: some }),
  async apply(machine, { call }) {
    const sent = pick(machine.calls, call);
    // A replaced job may have been claimed since, and what was purged is forgotten: neither can be told any more.
    if (
      sent === undefined ||
      sent.conflict === 'replace' ||
      isBusy(machine, sent.jobs, sent.conflict) ||
      // A claim of it that is not over: the repeat would wait to see whether the row stays.
      sent.jobs.some(({ id }) => lockedJobs(machine).has(id))
    )
      return;
    const rows = await send(machine.run, machine, sent.jobs, sent.conflict, true);
    expectAnswers(rows, machine.model, sent.jobs, sent.conflict, true);
  },
};

const rolledBack: Operation<{ items: Item[]; conflict: Conflict }> = {
  name: 'enqueue and roll back',
  weight: 2,
  params: fc.record({ items, conflict: conflicts }),
  async apply(machine, { items, conflict }) {
    const jobs = newJobs(machine, items);
    machine.calls.push({ jobs, conflict });
    if (isBusy(machine, jobs, conflict)) return;
    await machine.client.query('begin');
    await send(machine.run, machine, jobs, conflict);
    await machine.client.query('rollback');
  },
};

const inTransaction: Operation<{ who: number; items: Item[]; conflict: Conflict }> = {
  name: 'enqueue in a transaction that stays open',
  weight: 3,
  params: fc.record({ who: some, items, conflict: fc.constantFrom('raise', 'ignore') }),
  async apply(machine, { who, items, conflict }) {
    const index = who % machine.strangers.length;
    const client = machine.strangers[index];
    const jobs = newJobs(machine, items);
    if (client === undefined || machine.open.has(index) || isBusy(machine, jobs, conflict)) return;
    // Also of a call that is refused: what it inserted and took back is not free before the transaction ends.
    const touched = jobs
      .filter(({ key }) => key !== null)
      .map(({ task, key }) => keyOf(task, key as string))
      .filter((at) => isFreeKey(machine.model, at));
    await client.query('begin');
    const before = {
      ...machine.model,
      jobs: new Map(machine.model.jobs),
      keys: new Map(machine.model.keys),
    };
    const rows = await send(new Statements('pgsched').on(client), machine, jobs, conflict);
    // The model of what the transaction sees: others see it when it commits.
    expectAnswers(rows, before, jobs, conflict);
    const created = [...before.jobs.values()].filter(({ id }) => !machine.model.jobs.has(id));
    const keys = [...before.keys].filter(
      ([at, key]) => machine.model.keys.get(at)?.job !== key.job,
    );
    const gone = [...machine.model.keys.keys()].filter((at) => !before.keys.has(at));
    machine.open.set(index, {
      client,
      jobs: new Set(),
      keys: new Set(touched),
      commit: (model) => {
        for (const job of created) model.jobs.set(job.id, job);
        for (const [at, key] of keys) model.keys.set(at, key);
        for (const at of gone) model.keys.delete(at);
      },
    });
  },
};

const endTransaction: Operation<{ who: number; commits: boolean }> = {
  name: 'end a transaction',
  weight: 5,
  params: fc.record({ who: some, commits: fc.boolean() }),
  async apply(machine, { who, commits }) {
    const index = who % machine.strangers.length;
    const open = machine.open.get(index);
    if (open === undefined) return;
    await open.client.query(commits ? 'commit' : 'rollback');
    machine.open.delete(index);
    if (commits) open.commit(machine.model);
  },
};

const bySql: Operation<{ items: Item[]; conflict: Conflict | null }> = {
  name: 'pgsched.enqueue_many',
  weight: 3,
  params: fc.record({ items, conflict: fc.oneof(fc.constant(null), conflicts) }),
  async apply(machine, { items, conflict }) {
    const jobs = newJobs(machine, items).map((job) => ({ ...job, awaited: null }));
    if (isBusy(machine, jobs, conflict)) return;
    const { rows } = await machine.client.query(
      `select m.id::text, m.outcome
         from pgsched.enqueue_many(array(
           select row(i.task, i.args, case when i.delay < 0 then clock_timestamp() + i.delay * interval '1 ms' end,
                      case when i.delay >= 0 then i.delay * interval '1 ms' end, i.priority::smallint, i.topic, i.key,
                      null, i.within * interval '1 ms')::pgsched.new_job
             from unnest($1::text[], $2::jsonb[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::bigint[]) with ordinality
                  as i(task, args, delay, priority, topic, key, within, place) order by i.place), $8) m`,
      [
        jobs.map(({ task }) => task),
        jobs.map(({ args }) => args),
        jobs.map(({ delay }) => delay),
        jobs.map(({ priority }) => priority),
        jobs.map(({ topic }) => topic),
        jobs.map(({ key }) => key),
        jobs.map(({ startWithin }) => startWithin),
        conflict,
      ],
    );
    const told = await withNumbers(machine, jobs, rows);
    const answers = enqueue(machine.model, told, conflict ?? 'ignore');
    const refused = answers.some(({ outcome }) => outcome === 'duplicate');
    const expected = told.map((_, i) => {
      const answer = answers.find(({ place }) => place === i + 1);
      return answer?.outcome ?? (refused ? 'refused' : 'created');
    });
    const outcomes = rows.map(({ outcome }) => outcome);
    // Of a call that is refused, what the others would have come to is nobody's concern.
    if (refused) assert.ok(outcomes.includes('duplicate') && !outcomes.includes('created'));
    else assert.deepEqual(outcomes, expected);
  },
};

export const enqueueOperations: readonly AnyOperation[] = [
  call,
  repeat,
  rolledBack,
  inTransaction,
  endTransaction,
  bySql,
];

/** Never used again, in no sequence: what the database has forgotten must not be met by chance. */
let lastId = 1_000_000;

function newJobs(machine: Machine, items: readonly Item[]): NewModelJob[] {
  const nonce = machine.count;
  return items.map((item) => {
    machine.count += 1;
    lastId += 1;
    const topic = item.topic === contractOfTask(item.task).topic ? null : item.topic;
    return { ...item, topic, id: String(lastId), nonce, args: machine.count };
  });
}

function isFreeKey(model: Model, at: string): boolean {
  const held = model.keys.get(at);
  return held === undefined || isPast(model, held.freeAt);
}

/** Whether a key of these, or a job to be replaced, is in the hands of an open transaction. */
function isBusy(
  machine: Machine,
  jobs: readonly NewModelJob[],
  conflict: Conflict | null,
): boolean {
  return jobs.some(({ task, key }) => {
    const at = key === null ? '' : keyOf(task, key);
    const holder = machine.model.keys.get(at)?.job ?? '';
    return [...machine.open.values()].some(
      ({ keys, jobs }) => keys.has(at) || (conflict === 'replace' && jobs.has(holder)),
    );
  });
}

/** Only the database knows the numbers that it gave. */
async function withNumbers(
  { client }: Machine,
  jobs: readonly NewModelJob[],
  answers: readonly { id: string; outcome: string }[],
): Promise<NewModelJob[]> {
  const { rows } = await client.query(
    'select id::text, nonce from pgsched.job where id = any($1)',
    [answers.map(({ id }) => id)],
  );
  const nonces = new Map(rows.map(({ id, nonce }) => [id, nonce]));
  return jobs.map((job, i) => {
    const { id, outcome } = answers[i] ?? { id: job.id, outcome: '' };
    return outcome === 'created' ? { ...job, id, nonce: nonces.get(id) } : job;
  });
}

interface Row {
  readonly place: number;
  readonly job: string;
  readonly outcome: string;
}

async function send(
  run: Run,
  { numbers }: Machine,
  jobs: readonly NewModelJob[],
  conflict: Conflict,
  again = false,
): Promise<readonly Row[]> {
  const past = ({ delay }: NewModelJob): string => new Date(Date.now() + delay).toISOString();
  return run(enqueueQuery, {
    ids: jobs.map(({ id }) => id),
    nonce: jobs[0]?.nonce as number,
    // Each job is of a kind of its own.
    kinds: jobs.map((_, i) => i + 1),
    tasks: jobs.map(({ task }) => numbers.get(task) as number),
    versions: jobs.map(() => 1),
    topics: jobs.map(({ task }) => contractOfTask(task).topic),
    routes: jobs.map(({ topic }) => topic) as string[],
    priorities: jobs.map(({ priority }) => priority),
    startWithins: jobs.map(({ startWithin }) => startWithin) as number[],
    awaited: jobs.map(({ awaited }) => awaited) as number[],
    histories: jobs.map(({ task }) => contractOfTask(task).keyScope === 'history'),
    conflicts: jobs.map(() => conflict),
    args: joinJson(jobs.map(({ args }) => String(args))),
    runAts: jobs.map((job) => (job.delay < 0 ? past(job) : null)) as string[],
    delays: jobs.map(({ delay }) => (delay < 0 ? null : delay)) as number[],
    headers: null,
    keys: jobs.some(({ key }) => key !== null) ? (jobs.map(({ key }) => key) as string[]) : null,
    keyWait: 5,
    repeat: again,
    wake: null,
  });
}

function expectAnswers(
  rows: readonly Row[],
  model: Model,
  jobs: readonly NewModelJob[],
  conflict: Conflict,
  again = false,
): void {
  const expected = enqueue(model, jobs, conflict, again);
  const answers = rows
    .map(({ place, job, outcome }) => ({ place, job, outcome }) as Answer)
    .sort((a, b) => a.place - b.place);
  const refused = answers.filter(({ outcome }) => outcome === 'duplicate');
  assert.deepEqual(refused.length > 0 ? refused : answers, expected);
}
