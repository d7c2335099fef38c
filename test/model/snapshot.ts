import assert from 'node:assert/strict';
import type pg from 'pg';
import { ended, type Instant, inOrder, live, type Model } from './model.js';

/** Everything that the database holds, and when it was looked at. Instants are microseconds since 1970. */
interface Snapshot {
  readonly now: number;
  readonly lanes: readonly string[];
  readonly live: readonly Row[];
  readonly ended: readonly Row[];
  readonly keys: readonly Row[];
  readonly workers: readonly Row[];
  readonly progress: readonly Row[];
  readonly paused: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

const us = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint`;
const list = (query: string): string => `(select coalesce(json_agg(r), '[]') from (${query}) r)`;

const lane = (l: string): string =>
  `(select t.name from pgsched.task t where t.task = ${l}.task) || '/' || ${l}.level || '/' || ${l}.topic`;

const read = `
  select json_build_object(
    'now', ${us('clock_timestamp()')},
    'lanes', (select json_agg(${lane('l')} order by 1) from pgsched.lane l),
    'live', ${list(`
      select j.id::text, j.nonce, t.name as task, j.key, j.args::text::int as args, pgsched._topic_of(j.lane, j.task, j.topic) as topic,
             case when j.fence is null then 'pending' else 'running' end as status,
             (select ${lane('l')} from pgsched.lane l where l.lane = j.lane) as lane, j.priority, ${us('j.run_at')} as "runAt", ${us('j.due_at')} as "dueAt", j.start_within as "startWithin",
             ${us('j.awaited_until')} as "awaitedUntil", j.attempt, j.rescues, coalesce(jsonb_array_length(j.failures), 0) as failures,
             j.suspect, j.started, j.start_recorded as "startRecorded", j.cancel_requested as "cancelRequested",
             j.fence::text, j.instance::text, ${us('j.deadline')} as deadline
        from pgsched.job j left join pgsched.task t using (task) order by j.id`)},
    'ended', ${list(`
      select a.id::text, a.nonce, t.name as task, a.key, a.args::text::int as args, pgsched._topic_of(a.lane, a.task, a.topic) as topic,
             a.status, (select ${lane('l')} from pgsched.lane l where l.lane = a.lane) as lane, a.priority, ${us('a.run_at')} as "runAt", ${us('a.due_at')} as "dueAt", a.attempt, a.rescues,
             coalesce(jsonb_array_length(a.failures), 0) as failures, a.fence::text, a.result::text::int as result,
             coalesce(a.error ->> 'name', null) as error, ${us('a.purge_at')} as "purgeAt"
        from pgsched.job_archive a left join pgsched.task t using (task) order by a.id`)},
    'keys', ${list(`
      select t.name || '/' || k.key as at, k.job::text, k.history, ${us('k.free_at')} as "freeAt"
        from pgsched.job_key k join pgsched.task t using (task) order by t.name || '/' || k.key collate "C"`)},
    'workers', ${list('select w.instance::text, w.beat from pgsched.worker w order by w.instance::text collate "C"')},
    'progress', ${list('select p.id::text, p.fence::text from pgsched.job_progress p join pgsched.job j on j.id = p.id and j.fence = p.fence order by p.id')},
    'paused', ${list(`
      select 'task ' || t.name as it from pgsched.task t where t.paused
      union all select 'topic ' || p.pattern from pgsched.topic p where p.paused order by 1`)}) as all`;

/** Compares the whole database with the model, which learns the instants and lanes that only the database could know. */
export async function check(client: pg.ClientBase, model: Model): Promise<void> {
  const { rows } = await client.query(read);
  const actual = rows[0].all as Snapshot;
  learn(model, actual);
  assert.deepEqual(
    {
      lanes: [...actual.lanes].sort(),
      live: actual.live,
      ended: actual.ended,
      keys: actual.keys,
      workers: actual.workers,
      progress: actual.progress,
      paused: actual.paused.map((row) => (row as unknown as { it: string }).it),
    },
    {
      lanes: [...model.lanes].sort(),
      live: live(model).map(({ result: _result, error: _error, purgeAt: _purgeAt, ...job }) => job),
      ended: ended(model).map((job) => ({
        id: job.id,
        nonce: job.nonce,
        task: job.task,
        key: job.key,
        args: job.args,
        topic: job.topic,
        status: job.status,
        lane: job.lane,
        priority: job.priority,
        runAt: job.runAt,
        dueAt: job.dueAt,
        attempt: job.attempt,
        rescues: job.rescues,
        failures: job.failures,
        fence: job.fence,
        result: job.result,
        error: job.error,
        purgeAt: job.purgeAt,
      })),
      keys: [...model.keys]
        .map(([at, key]) => ({ at, ...key }))
        .sort((a, b) => (a.at < b.at ? -1 : 1)),
      workers: [...model.workers]
        .map(([instance, beat]) => ({ instance, beat }))
        .sort((a, b) => (a.instance < b.instance ? -1 : 1)),
      progress: [...model.progress]
        .map(([id, fence]) => ({ id, fence }))
        .sort((a, b) => Number(BigInt(a.id) - BigInt(b.id))),
      paused: [
        ...[...model.pausedTasks].map((task) => `task ${task}`).sort(),
        ...[...model.pausedPatterns].map((pattern) => `topic ${pattern}`).sort(),
      ],
    },
  );
}

const instants = ['runAt', 'dueAt', 'awaitedUntil', 'deadline', 'purgeAt'] as const;

function learn(model: Model, actual: Snapshot): void {
  const told = new Map([...actual.live, ...actual.ended].map((row) => [row['id'], row]));
  assert.equal(told.size, actual.live.length + actual.ended.length, 'no job is in two places');
  for (const job of inOrder(model)) {
    const row = told.get(job.id);
    assert.ok(row !== undefined, `job ${job.id} (${job.status}) is lost`);
    for (const field of instants)
      job[field] = resolve(job[field], row[field], actual.now, field) as never;
  }
  const keys = new Map(actual.keys.map((row) => [row['at'], row]));
  for (const [at, key] of model.keys) {
    key.freeAt = resolve(key.freeAt, keys.get(at)?.['freeAt'], actual.now, `freeAt of ${at}`);
  }
  model.now = actual.now;
}

/** What the database has stored, if it lies within the operation that stored it. */
function resolve(
  expected: Instant | null,
  stored: unknown,
  now: number,
  what: string,
): Instant | null {
  if (expected === null || typeof expected === 'number') return expected;
  // Not stored any more, as the instants of an ended job's run.
  if (stored === undefined) return expected;
  assert.ok(typeof stored === 'number', `${what} is stored; got ${String(stored)}`);
  const { from, after } = expected;
  assert.ok(
    stored >= from + after && stored <= now + after,
    `${what}: ${stored} is between ${from + after} and ${now + after}`,
  );
  return stored;
}
