import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  cancel as cancelQuery,
  pause as pauseQuery,
  purge as purgeQuery,
  redrive as redriveQuery,
  reschedule as rescheduleQuery,
} from '../../queries/job.queries.js';
import { freeKeys as freeKeysQuery } from '../../queries/maintenance.queries.js';
import { file as fileQuery } from '../../queries/worker.queries.js';
import type { Machine } from './machine.js';
import {
  cancel,
  ended,
  file,
  inOrder,
  isPast,
  live,
  type ModelJob,
  purge,
  redrive,
  reschedule,
} from './model.js';
import {
  type AnyOperation,
  hour,
  isFree,
  lockedJobs,
  type Operation,
  pickAll,
  some,
} from './operation.js';
import { patterns, taskNames } from './tasks.js';

const several = fc.record({ jobs: fc.array(some, { minLength: 1, maxLength: 3 }) });

/** By handle, that is by number and nonce, or by number alone. */
const cancelJobs: Operation<{ jobs: number[]; nonce: 'right' | 'wrong' | 'none' }> = {
  name: 'cancel',
  weight: 5,
  params: fc.record({
    jobs: fc.array(some, { minLength: 1, maxLength: 3 }),
    nonce: fc.constantFrom('right', 'none', 'wrong'),
  }),
  async apply(machine, { jobs, nonce }) {
    const chosen = choose(machine, inOrder(machine.model), jobs);
    const nonces = chosen.map((job) =>
      nonce === 'none' ? null : job.nonce + (nonce === 'wrong' ? 1 : 0),
    );
    const rows = await machine.run(cancelQuery, {
      ids: chosen.map(({ id }) => id),
      nonces: nonces as number[],
    });
    const expected = chosen.flatMap(({ id }, i) => {
      const outcome = cancel(machine.model, id, nonces[i] ?? null);
      return outcome === undefined ? [] : [`${id} ${outcome}`];
    });
    assert.deepEqual(rows.map(({ job, outcome }) => `${job} ${outcome}`).sort(), expected.sort());
  },
};

const redriveJobs: Operation<{ jobs: number[] }> = {
  name: 'redrive',
  weight: 4,
  params: several,
  async apply(machine, { jobs }) {
    const chosen = choose(machine, [...ended(machine.model), ...live(machine.model)], jobs);
    const ids = chosen.map(({ id }) => id);
    const rows = await machine.run(redriveQuery, { ids, nonces: ids.map(() => null) as never[] });
    const expected = [...redrive(machine.model, ids)].map(([id, outcome]) => `${id} ${outcome}`);
    assert.deepEqual(rows.map(({ job, outcome }) => `${job} ${outcome}`).sort(), expected.sort());
  },
};

const rescheduleJobs: Operation<{ jobs: number[]; delay: number }> = {
  name: 'reschedule',
  weight: 3,
  params: fc.record({ jobs: several.map(({ jobs }) => jobs), delay: fc.constantFrom(0, hour) }),
  async apply(machine, { jobs, delay }) {
    const chosen = choose(machine, inOrder(machine.model), jobs);
    const ids = chosen.map(({ id }) => id);
    const nonces = ids.map(() => null) as never[];
    const rows = await machine.run(rescheduleQuery, { ids, nonces, runAt: null, delay });
    const moved = ids.filter((id) => reschedule(machine.model, id, delay));
    assert.deepEqual(rows.map(({ job }) => job).sort(), moved.sort());
  },
};

const purgeJobs: Operation<{ jobs: number[] }> = {
  name: 'purge',
  weight: 1,
  params: several,
  async apply(machine, { jobs }) {
    const ids = choose(machine, inOrder(machine.model), jobs).map(({ id }) => id);
    const gone = new Set(ids.filter((id) => ended(machine.model).some((job) => job.id === id)));
    const [row] = await machine.run(purgeQuery, { ids });
    assert.equal(row?.purged, purge(machine.model, ids));
    machine.calls = machine.calls.filter(({ jobs }) => !jobs.some(({ id }) => gone.has(id)));
  },
};

const pause: Operation<{ what: string; pattern: boolean; paused: boolean }> = {
  name: 'pause or resume',
  weight: 3,
  params: fc.oneof(
    fc.record({
      what: fc.constantFrom(...taskNames),
      pattern: fc.constant(false),
      paused: fc.boolean(),
    }),
    fc.record({
      what: fc.constantFrom(...patterns),
      pattern: fc.constant(true),
      paused: fc.boolean(),
    }),
  ),
  async apply(machine, { what, pattern, paused }) {
    await machine.run(pauseQuery, {
      tasks: pattern ? [] : [machine.numbers.get(what) as number],
      pattern: pattern ? what : null,
      paused,
    });
    const { pausedPatterns, pausedTasks } = machine.model;
    const set = pattern ? pausedPatterns : pausedTasks;
    if (paused) set.add(what);
    else set.delete(what);
  },
};

const fileJobs: Operation<{ limit: number }> = {
  name: 'file',
  weight: 4,
  params: fc.record({ limit: fc.integer({ min: 1, max: 4 }) }),
  async apply(machine, { limit }) {
    const [row] = await machine.run(fileQuery, { limit });
    assert.equal(row?.filed, file(machine.model, limit, lockedJobs(machine)));
  },
};

/** Time passes: everything that is stored moves into the past. */
const tick: Operation<{ hours: number }> = {
  name: 'time passes',
  weight: 4,
  params: fc.record({ hours: fc.constantFrom(1, 1, 2, 30, 24 * 8) }),
  async apply(machine, { hours }) {
    if (machine.open.size > 0) return;
    const past = (column: string): string => `${column} = ${column} - interval '${hours} hours'`;
    await machine.client.query(`
      update pgsched.job set ${['run_at', 'due_at', 'deadline', 'awaited_until'].map(past)};
      update pgsched.job_archive set ${['run_at', 'due_at'].map(past)};
      update pgsched.job_key set ${past('free_at')} where free_at is not null`);
    // By the database's clock no time has passed: what jobs came to lie below the marks of claims is this test's doing.
    machine.positions.clear();
    const move = (at: ModelJob['dueAt']): ModelJob['dueAt'] =>
      typeof at === 'number' ? at - hours * hour * 1_000 : at;
    for (const job of machine.model.jobs.values()) {
      job.runAt = move(job.runAt) as number;
      job.dueAt = move(job.dueAt);
      job.deadline = move(job.deadline);
      job.awaitedUntil = move(job.awaitedUntil);
    }
    for (const key of machine.model.keys.values()) key.freeAt = move(key.freeAt);
  },
};

const freeKeys: Operation<Record<never, never>> = {
  name: 'free the keys of what is forgotten',
  weight: 2,
  params: fc.record({}),
  async apply(machine) {
    const held = new Set([...machine.open.values()].flatMap(({ keys }) => [...keys]));
    await machine.run(freeKeysQuery, undefined);
    for (const [at, key] of machine.model.keys) {
      if (isPast(machine.model, key.freeAt) && !held.has(at)) machine.model.keys.delete(at);
    }
  },
};

export const controlOperations: readonly AnyOperation[] = [
  cancelJobs,
  redriveJobs,
  rescheduleJobs,
  purgeJobs,
  pause,
  fileJobs,
  tick,
  freeKeys,
];

function choose(
  machine: Machine,
  jobs: readonly ModelJob[],
  indexes: readonly number[],
): ModelJob[] {
  return pickAll(jobs, indexes).filter((job) => isFree(machine, job));
}
