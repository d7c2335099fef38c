/** Generated from job.sql by `npm run generate:queries`: do not edit. */
import { PreparedQuery } from '@pgtyped/runtime';

export type job_status = 'cancelled' | 'completed' | 'expired' | 'failed' | 'pending' | 'running';

export type DateOrString = Date | string;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString)[];

export type job_statusArray = (job_status)[];

export type numberArray = (number)[];

/** 'FindJobs' parameters type */
export interface FindJobsParams {
  ids: NumberOrStringArray;
}

/** 'FindJobs' return type */
export interface FindJobsResult {
  args: Json | null;
  attempt: number;
  createdAt: Date;
  endedAt: Date | null;
  error: Json | null;
  failures: Json | null;
  headers: Json | null;
  id: string;
  key: string | null;
  nonce: number;
  priority: number;
  result: Json | null;
  runAt: Date;
  status: job_status;
  task: number;
  topic: string;
}

/** 'FindJobs' query type */
export interface FindJobsQuery {
  params: FindJobsParams;
  result: FindJobsResult;
}

const findJobsIR: any = {"usedParamSet":{"ids":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":662,"b":666},{"a":949,"b":953}]}],"statement":"-- One statement, so that a job that moves to the archive meanwhile is found in one place or the other.\n-- Indexes: primary key; job_archive_id of each partition.\nselect j.id as \"id!\", j.nonce as \"nonce!\", j.task as \"task!\",\n       (case when j.fence is null then 'pending' else 'running' end)::pgsched.job_status as \"status!\",\n       pgsched._topic_of(j.lane, j.task, j.topic) as \"topic!\",\n       j.attempt as \"attempt!\", j.priority as \"priority!\", j.key, j.args, j.headers, j.failures, null::jsonb as result, null::jsonb as error,\n       j.created_at as \"createdAt!\", j.run_at as \"runAt!\", null::timestamptz as \"endedAt\"\n  from pgsched.job j\n where j.id = any(:ids!::bigint[])\nunion all\nselect a.id, a.nonce, a.task, a.status, pgsched._topic_of(a.lane, a.task, a.topic), a.attempt, a.priority, a.key, a.args,\n       a.headers, a.failures, a.result, a.error,\n       a.created_at, a.run_at, a.ended_at\n  from pgsched.job_archive a\n where a.id = any(:ids!::bigint[])"};

/**
 * Query generated from SQL:
 * ```
 * -- One statement, so that a job that moves to the archive meanwhile is found in one place or the other.
 * -- Indexes: primary key; job_archive_id of each partition.
 * select j.id as "id!", j.nonce as "nonce!", j.task as "task!",
 *        (case when j.fence is null then 'pending' else 'running' end)::pgsched.job_status as "status!",
 *        pgsched._topic_of(j.lane, j.task, j.topic) as "topic!",
 *        j.attempt as "attempt!", j.priority as "priority!", j.key, j.args, j.headers, j.failures, null::jsonb as result, null::jsonb as error,
 *        j.created_at as "createdAt!", j.run_at as "runAt!", null::timestamptz as "endedAt"
 *   from pgsched.job j
 *  where j.id = any(:ids!::bigint[])
 * union all
 * select a.id, a.nonce, a.task, a.status, pgsched._topic_of(a.lane, a.task, a.topic), a.attempt, a.priority, a.key, a.args,
 *        a.headers, a.failures, a.result, a.error,
 *        a.created_at, a.run_at, a.ended_at
 *   from pgsched.job_archive a
 *  where a.id = any(:ids!::bigint[])
 * ```
 */
export const findJobs: PreparedQuery<FindJobsParams, FindJobsResult> = new PreparedQuery<FindJobsParams, FindJobsResult>(findJobsIR);


/** 'FindEnded' parameters type */
export interface FindEndedParams {
  ids: NumberOrStringArray;
  nonces: numberArray;
}

/** 'FindEnded' return type */
export interface FindEndedResult {
  error: Json | null;
  id: string;
  nonce: number;
  result: Json | null;
  status: string;
}

/** 'FindEnded' query type */
export interface FindEndedQuery {
  params: FindEndedParams;
  result: FindEndedResult;
}

const findEndedIR: any = {"usedParamSet":{"ids":true,"nonces":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":219,"b":223}]},{"name":"nonces","required":true,"transform":{"type":"scalar"},"locs":[{"a":236,"b":243}]}],"statement":"-- Of the awaited jobs, those that have ended, and those that are nowhere. Indexes: as above.\nselect i.id as \"id!\", i.nonce as \"nonce!\", coalesce(a.status::text, 'unknown') as \"status!\", a.result, a.error\n  from unnest(:ids!::bigint[], :nonces!::integer[]) as i(id, nonce)\n  left join pgsched.job_archive a on a.id = any (array[i.id]) and a.nonce = i.nonce\n where not exists (select from pgsched.job j where j.id = any (array[i.id]) and j.nonce = i.nonce)"};

/**
 * Query generated from SQL:
 * ```
 * -- Of the awaited jobs, those that have ended, and those that are nowhere. Indexes: as above.
 * select i.id as "id!", i.nonce as "nonce!", coalesce(a.status::text, 'unknown') as "status!", a.result, a.error
 *   from unnest(:ids!::bigint[], :nonces!::integer[]) as i(id, nonce)
 *   left join pgsched.job_archive a on a.id = any (array[i.id]) and a.nonce = i.nonce
 *  where not exists (select from pgsched.job j where j.id = any (array[i.id]) and j.nonce = i.nonce)
 * ```
 */
export const findEnded: PreparedQuery<FindEndedParams, FindEndedResult> = new PreparedQuery<FindEndedParams, FindEndedResult>(findEndedIR);


/** 'AwaitJobs' parameters type */
export interface AwaitJobsParams {
  ids: NumberOrStringArray;
  ms: NumberOrStringArray;
  nonces: numberArray;
}

/** 'AwaitJobs' return type */
export type AwaitJobsResult = void;

/** 'AwaitJobs' query type */
export interface AwaitJobsQuery {
  params: AwaitJobsParams;
  result: AwaitJobsResult;
}

const awaitJobsIR: any = {"usedParamSet":{"ids":true,"nonces":true,"ms":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":218,"b":222}]},{"name":"nonces","required":true,"transform":{"type":"scalar"},"locs":[{"a":235,"b":242}]},{"name":"ms","required":true,"transform":{"type":"scalar"},"locs":[{"a":256,"b":259}]}],"statement":"-- The settle of an awaited job keeps its result and tells who waits. Index: primary key.\nupdate pgsched.job j\n   set awaited_until = greatest(j.awaited_until, clock_timestamp() + i.ms * interval '1 ms')\n  from unnest(:ids!::bigint[], :nonces!::integer[], :ms!::bigint[]) as i(id, nonce, ms)\n where j.id = any (array[i.id]) and j.nonce = i.nonce\n   and (j.awaited_until is null or j.awaited_until < clock_timestamp() + i.ms * interval '1 ms')"};

/**
 * Query generated from SQL:
 * ```
 * -- The settle of an awaited job keeps its result and tells who waits. Index: primary key.
 * update pgsched.job j
 *    set awaited_until = greatest(j.awaited_until, clock_timestamp() + i.ms * interval '1 ms')
 *   from unnest(:ids!::bigint[], :nonces!::integer[], :ms!::bigint[]) as i(id, nonce, ms)
 *  where j.id = any (array[i.id]) and j.nonce = i.nonce
 *    and (j.awaited_until is null or j.awaited_until < clock_timestamp() + i.ms * interval '1 ms')
 * ```
 */
export const awaitJobs: PreparedQuery<AwaitJobsParams, AwaitJobsResult> = new PreparedQuery<AwaitJobsParams, AwaitJobsResult>(awaitJobsIR);


/** 'Cancel' parameters type */
export interface CancelParams {
  ids: NumberOrStringArray;
  nonces: numberArray;
}

/** 'Cancel' return type */
export interface CancelResult {
  job: string;
  outcome: string;
}

/** 'Cancel' query type */
export interface CancelQuery {
  params: CancelParams;
  result: CancelResult;
}

const cancelIR: any = {"usedParamSet":{"ids":true,"nonces":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":71,"b":75}]},{"name":"nonces","required":true,"transform":{"type":"scalar"},"locs":[{"a":88,"b":95}]}],"statement":"select c.job as \"job!\", c.outcome as \"outcome!\"\n  from pgsched._cancel(:ids!::bigint[], :nonces!::integer[], null) as c"};

/**
 * Query generated from SQL:
 * ```
 * select c.job as "job!", c.outcome as "outcome!"
 *   from pgsched._cancel(:ids!::bigint[], :nonces!::integer[], null) as c
 * ```
 */
export const cancel: PreparedQuery<CancelParams, CancelResult> = new PreparedQuery<CancelParams, CancelResult>(cancelIR);


/** 'Reschedule' parameters type */
export interface RescheduleParams {
  delay?: NumberOrString | null | void;
  ids: NumberOrStringArray;
  nonces: numberArray;
  runAt?: DateOrString | null | void;
}

/** 'Reschedule' return type */
export interface RescheduleResult {
  job: string;
}

/** 'Reschedule' query type */
export interface RescheduleQuery {
  params: RescheduleParams;
  result: RescheduleResult;
}

const rescheduleIR: any = {"usedParamSet":{"ids":true,"nonces":true,"runAt":true,"delay":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":46,"b":50}]},{"name":"nonces","required":true,"transform":{"type":"scalar"},"locs":[{"a":63,"b":70}]},{"name":"runAt","required":false,"transform":{"type":"scalar"},"locs":[{"a":84,"b":89}]},{"name":"delay","required":false,"transform":{"type":"scalar"},"locs":[{"a":105,"b":110}]}],"statement":"select r as \"job!\"\n  from pgsched._reschedule(:ids!::bigint[], :nonces!::integer[], :runAt::timestamptz, :delay::bigint) as r"};

/**
 * Query generated from SQL:
 * ```
 * select r as "job!"
 *   from pgsched._reschedule(:ids!::bigint[], :nonces!::integer[], :runAt::timestamptz, :delay::bigint) as r
 * ```
 */
export const reschedule: PreparedQuery<RescheduleParams, RescheduleResult> = new PreparedQuery<RescheduleParams, RescheduleResult>(rescheduleIR);


/** 'Redrive' parameters type */
export interface RedriveParams {
  ids: NumberOrStringArray;
  nonces: numberArray;
}

/** 'Redrive' return type */
export interface RedriveResult {
  job: string;
  outcome: string;
}

/** 'Redrive' query type */
export interface RedriveQuery {
  params: RedriveParams;
  result: RedriveResult;
}

const redriveIR: any = {"usedParamSet":{"ids":true,"nonces":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":70,"b":74}]},{"name":"nonces","required":true,"transform":{"type":"scalar"},"locs":[{"a":87,"b":94}]}],"statement":"select r.job as \"job!\", r.outcome as \"outcome!\" from pgsched._redrive(:ids!::bigint[], :nonces!::integer[]) as r"};

/**
 * Query generated from SQL:
 * ```
 * select r.job as "job!", r.outcome as "outcome!" from pgsched._redrive(:ids!::bigint[], :nonces!::integer[]) as r
 * ```
 */
export const redrive: PreparedQuery<RedriveParams, RedriveResult> = new PreparedQuery<RedriveParams, RedriveResult>(redriveIR);


/** 'Purge' parameters type */
export interface PurgeParams {
  ids: NumberOrStringArray;
}

/** 'Purge' return type */
export interface PurgeResult {
  purged: number;
}

/** 'Purge' query type */
export interface PurgeQuery {
  params: PurgeParams;
  result: PurgeResult;
}

const purgeIR: any = {"usedParamSet":{"ids":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":22,"b":26}]}],"statement":"select pgsched._purge(:ids!::bigint[]) as \"purged!\""};

/**
 * Query generated from SQL:
 * ```
 * select pgsched._purge(:ids!::bigint[]) as "purged!"
 * ```
 */
export const purge: PreparedQuery<PurgeParams, PurgeResult> = new PreparedQuery<PurgeParams, PurgeResult>(purgeIR);


/** 'Find' parameters type */
export interface FindParams {
  after: NumberOrString;
  ids?: NumberOrStringArray | null | void;
  key?: string | null | void;
  limit: number;
  olderThan?: NumberOrString | null | void;
  statuses?: job_statusArray | null | void;
  tasks?: numberArray | null | void;
  topic?: string | null | void;
}

/** 'Find' return type */
export interface FindResult {
  id: string;
}

/** 'Find' query type */
export interface FindQuery {
  params: FindParams;
  result: FindResult;
}

const findIR: any = {"usedParamSet":{"after":true,"limit":true,"tasks":true,"topic":true,"statuses":true,"key":true,"olderThan":true,"ids":true},"params":[{"name":"after","required":true,"transform":{"type":"scalar"},"locs":[{"a":91,"b":97}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":108,"b":114}]},{"name":"tasks","required":false,"transform":{"type":"scalar"},"locs":[{"a":126,"b":131}]},{"name":"topic","required":false,"transform":{"type":"scalar"},"locs":[{"a":145,"b":150}]},{"name":"statuses","required":false,"transform":{"type":"scalar"},"locs":[{"a":159,"b":167}]},{"name":"key","required":false,"transform":{"type":"scalar"},"locs":[{"a":192,"b":195}]},{"name":"olderThan","required":false,"transform":{"type":"scalar"},"locs":[{"a":228,"b":237}]},{"name":"ids","required":false,"transform":{"type":"scalar"},"locs":[{"a":266,"b":269}]}],"statement":"-- The next batch of a filter, in order of id.\nselect f as \"id!\"\n  from pgsched._find(\n    :after!::bigint, :limit!::integer, :tasks::integer[], :topic::text, :statuses::pgsched.job_status[], :key::text,\n    clock_timestamp() - :olderThan::bigint * interval '1 ms', :ids::bigint[]\n  ) as f"};

/**
 * Query generated from SQL:
 * ```
 * -- The next batch of a filter, in order of id.
 * select f as "id!"
 *   from pgsched._find(
 *     :after!::bigint, :limit!::integer, :tasks::integer[], :topic::text, :statuses::pgsched.job_status[], :key::text,
 *     clock_timestamp() - :olderThan::bigint * interval '1 ms', :ids::bigint[]
 *   ) as f
 * ```
 */
export const find: PreparedQuery<FindParams, FindResult> = new PreparedQuery<FindParams, FindResult>(findIR);


/** 'Pause' parameters type */
export interface PauseParams {
  pattern?: string | null | void;
  paused: boolean;
  tasks: numberArray;
}

/** 'Pause' return type */
export interface PauseResult {
  _pause: undefined | null;
}

/** 'Pause' query type */
export interface PauseQuery {
  params: PauseParams;
  result: PauseResult;
}

const pauseIR: any = {"usedParamSet":{"tasks":true,"pattern":true,"paused":true},"params":[{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":22,"b":28}]},{"name":"pattern","required":false,"transform":{"type":"scalar"},"locs":[{"a":42,"b":49}]},{"name":"paused","required":true,"transform":{"type":"scalar"},"locs":[{"a":58,"b":65}]}],"statement":"select pgsched._pause(:tasks!::integer[], :pattern::text, :paused!::boolean)"};

/**
 * Query generated from SQL:
 * ```
 * select pgsched._pause(:tasks!::integer[], :pattern::text, :paused!::boolean)
 * ```
 */
export const pause: PreparedQuery<PauseParams, PauseResult> = new PreparedQuery<PauseParams, PauseResult>(pauseIR);


/** 'Paused' parameters type */
export type PausedParams = void;

/** 'Paused' return type */
export interface PausedResult {
  name: string;
  pattern: boolean;
}

/** 'Paused' query type */
export interface PausedQuery {
  params: PausedParams;
  result: PausedResult;
}

const pausedIR: any = {"usedParamSet":{},"params":[],"statement":"select t.name as \"name!\", false as \"pattern!\" from pgsched.task t where t.paused\nunion all\nselect p.pattern, true from pgsched.topic p where p.paused\n order by 2, 1"};

/**
 * Query generated from SQL:
 * ```
 * select t.name as "name!", false as "pattern!" from pgsched.task t where t.paused
 * union all
 * select p.pattern, true from pgsched.topic p where p.paused
 *  order by 2, 1
 * ```
 */
export const paused: PreparedQuery<PausedParams, PausedResult> = new PreparedQuery<PausedParams, PausedResult>(pausedIR);


/** 'FindProgress' parameters type */
export interface FindProgressParams {
  id: NumberOrString;
  nonce: number;
}

/** 'FindProgress' return type */
export interface FindProgressResult {
  at: Date;
  data: Json | null;
  fraction: number;
}

/** 'FindProgress' query type */
export interface FindProgressQuery {
  params: FindProgressParams;
  result: FindProgressResult;
}

const findProgressIR: any = {"usedParamSet":{"id":true,"nonce":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[{"a":158,"b":161}]},{"name":"nonce","required":true,"transform":{"type":"scalar"},"locs":[{"a":185,"b":191}]}],"statement":"select p.fraction as \"fraction!\", p.data, p.at as \"at!\"\n  from pgsched.job_progress p\n  join pgsched.job j on j.id = p.id and j.fence = p.fence\n where p.id = :id!::bigint and j.nonce = :nonce!::integer"};

/**
 * Query generated from SQL:
 * ```
 * select p.fraction as "fraction!", p.data, p.at as "at!"
 *   from pgsched.job_progress p
 *   join pgsched.job j on j.id = p.id and j.fence = p.fence
 *  where p.id = :id!::bigint and j.nonce = :nonce!::integer
 * ```
 */
export const findProgress: PreparedQuery<FindProgressParams, FindProgressResult> = new PreparedQuery<FindProgressParams, FindProgressResult>(findProgressIR);


/** 'Listen' parameters type */
export interface ListenParams {
  listener: NumberOrString;
}

/** 'Listen' return type */
export type ListenResult = void;

/** 'Listen' query type */
export interface ListenQuery {
  params: ListenParams;
  result: ListenResult;
}

const listenIR: any = {"usedParamSet":{"listener":true},"params":[{"name":"listener","required":true,"transform":{"type":"scalar"},"locs":[{"a":61,"b":70}]}],"statement":"insert into pgsched.event_listener (listener, until)\nvalues (:listener!::bigint, clock_timestamp() + interval '30 s')\non conflict (listener) do update set until = excluded.until"};

/**
 * Query generated from SQL:
 * ```
 * insert into pgsched.event_listener (listener, until)
 * values (:listener!::bigint, clock_timestamp() + interval '30 s')
 * on conflict (listener) do update set until = excluded.until
 * ```
 */
export const listen: PreparedQuery<ListenParams, ListenResult> = new PreparedQuery<ListenParams, ListenResult>(listenIR);


/** 'TellListening' parameters type */
export type TellListeningParams = void;

/** 'TellListening' return type */
export interface TellListeningResult {
  pg_notify: undefined | null;
}

/** 'TellListening' query type */
export interface TellListeningQuery {
  params: TellListeningParams;
  result: TellListeningResult;
}

const tellListeningIR: any = {"usedParamSet":{},"params":[],"statement":"-- Workers tell of starts only while somebody listens.\nselect pg_notify(pgsched._channel(), 'listen')"};

/**
 * Query generated from SQL:
 * ```
 * -- Workers tell of starts only while somebody listens.
 * select pg_notify(pgsched._channel(), 'listen')
 * ```
 */
export const tellListening: PreparedQuery<TellListeningParams, TellListeningResult> = new PreparedQuery<TellListeningParams, TellListeningResult>(tellListeningIR);


/** 'Unlisten' parameters type */
export interface UnlistenParams {
  listener: NumberOrString;
}

/** 'Unlisten' return type */
export type UnlistenResult = void;

/** 'Unlisten' query type */
export interface UnlistenQuery {
  params: UnlistenParams;
  result: UnlistenResult;
}

const unlistenIR: any = {"usedParamSet":{"listener":true},"params":[{"name":"listener","required":true,"transform":{"type":"scalar"},"locs":[{"a":52,"b":61}]}],"statement":"delete from pgsched.event_listener where listener = :listener!::bigint or until < clock_timestamp()"};

/**
 * Query generated from SQL:
 * ```
 * delete from pgsched.event_listener where listener = :listener!::bigint or until < clock_timestamp()
 * ```
 */
export const unlisten: PreparedQuery<UnlistenParams, UnlistenResult> = new PreparedQuery<UnlistenParams, UnlistenResult>(unlistenIR);
