/** Generated from standalone.sql by `npm run generate:queries`: do not edit. */
import type { LightQuery } from './light-query.js';

export type DateOrString = Date | string;

export type DateOrStringArray = (DateOrString)[];

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString)[];

export type numberArray = (number)[];

export type stringArray = (string)[];

/** 'EnqueueByName' parameters type */
export interface EnqueueByNameParams {
  args?: string | null | void;
  conflict: string;
  count: number;
  delays?: NumberOrStringArray | null | void;
  headers?: stringArray | null | void;
  history: boolean;
  keys?: stringArray | null | void;
  kinds?: numberArray | null | void;
  priorities: numberArray;
  routes: stringArray;
  runAts?: DateOrStringArray | null | void;
  startWithins: NumberOrStringArray;
  task: string;
  topic: string;
  version: number;
}

/** 'EnqueueByName' return type */
export interface EnqueueByNameResult {
  id: string;
  job: string;
  nonce: number;
  outcome: string;
  place: number;
  status: string | null;
}

/** 'EnqueueByName' query type */
export interface EnqueueByNameQuery {
  params: EnqueueByNameParams;
  result: EnqueueByNameResult;
}

/**
 * Query generated from SQL:
 * ```
 * -- All in one statement, which is a transaction of its own where it is sent outside of one. No row: the database does not know the task.
 * with new as materialized (
 *   select n.task, cardinality(:priorities!::smallint[]) as kinds,
 *          -- The sequence by a computed name: our schema's name is not bound inside a literal.
 *          (select array_agg(nextval((pgsched._schema() || '.job_id')::regclass)) from generate_series(1, :count!::integer)) as ids,
 *          (random() * 4294967295 - 2147483648)::bigint::integer as nonce
 *     from pgsched.task_name n
 *    where n.name = :task!::text
 * ), answer as materialized (
 *   select e.*
 *     from new
 *    cross join lateral pgsched._enqueue(
 *      new.ids, new.nonce, :kinds::integer[], array_fill(new.task, array[new.kinds]),
 *      array_fill(:version!::smallint, array[new.kinds]), array_fill(:topic!::text, array[new.kinds]),
 *      :routes!::text[], :priorities!::smallint[], :startWithins!::bigint[], null,
 *      array_fill(:history!::boolean, array[new.kinds]), array_fill(:conflict!::text, array[new.kinds]),
 *      string_to_array(:args::text, chr(31), ''), :runAts::timestamptz[], :delays::bigint[], :headers::text[], :keys::text[],
 *      null, false) as e
 * ), woken as materialized (
 *   -- Not before the insert is done, which its count says.
 *   select pgsched._wake(array[new.task])::text from new where (select count(*) from answer) >= 0
 * )
 * select i.place::integer as "place!", i.id::text as "id!", coalesce(a.job, i.id)::text as "job!", coalesce(a.nonce, new.nonce) as "nonce!",
 *        coalesce(a.outcome, 'created') as "outcome!", a.status::text as status
 *   from new
 *  cross join woken
 *  cross join lateral unnest(new.ids) with ordinality as i(id, place)
 *   left join answer a on a.place = i.place
 *  order by i.place
 * ```
 */
export const enqueueByName: LightQuery<EnqueueByNameParams, EnqueueByNameResult> = {
  text: "-- All in one statement, which is a transaction of its own where it is sent outside of one. No row: the database does not know the task.\nwith new as materialized (\n  select n.task, cardinality($1::smallint[]) as kinds,\n         -- The sequence by a computed name: our schema's name is not bound inside a literal.\n         (select array_agg(nextval((pgsched._schema() || '.job_id')::regclass)) from generate_series(1, $2::integer)) as ids,\n         (random() * 4294967295 - 2147483648)::bigint::integer as nonce\n    from pgsched.task_name n\n   where n.name = $3::text\n), answer as materialized (\n  select e.*\n    from new\n   cross join lateral pgsched._enqueue(\n     new.ids, new.nonce, $4::integer[], array_fill(new.task, array[new.kinds]),\n     array_fill($5::smallint, array[new.kinds]), array_fill($6::text, array[new.kinds]),\n     $7::text[], $1::smallint[], $8::bigint[], null,\n     array_fill($9::boolean, array[new.kinds]), array_fill($10::text, array[new.kinds]),\n     string_to_array($11::text, chr(31), ''), $12::timestamptz[], $13::bigint[], $14::text[], $15::text[],\n     null, false) as e\n), woken as materialized (\n  -- Not before the insert is done, which its count says.\n  select pgsched._wake(array[new.task])::text from new where (select count(*) from answer) >= 0\n)\nselect i.place::integer as \"place\", i.id::text as \"id\", coalesce(a.job, i.id)::text as \"job\", coalesce(a.nonce, new.nonce) as \"nonce\",\n       coalesce(a.outcome, 'created') as \"outcome\", a.status::text as status\n  from new\n cross join woken\n cross join lateral unnest(new.ids) with ordinality as i(id, place)\n  left join answer a on a.place = i.place\n order by i.place",
  parameters: [
    "priorities",
    "count",
    "task",
    "kinds",
    "version",
    "topic",
    "routes",
    "startWithins",
    "history",
    "conflict",
    "args",
    "runAts",
    "delays",
    "headers",
    "keys"
  ]
};


/** 'AwaitEnd' parameters type */
export interface AwaitEndParams {
  id: NumberOrString;
  ms: NumberOrString;
  nonce: number;
}

/** 'AwaitEnd' return type */
export interface AwaitEndResult {
  job: string;
}

/** 'AwaitEnd' query type */
export interface AwaitEndQuery {
  params: AwaitEndParams;
  result: AwaitEndResult;
}

/**
 * Query generated from SQL:
 * ```
 * -- The settle of an awaited job keeps its result. Index: primary key.
 * update pgsched.job j
 *    set awaited_until = greatest(j.awaited_until, clock_timestamp() + :ms!::bigint * interval '1 ms')
 *  where j.id = :id!::bigint and j.nonce = :nonce!::integer
 * returning j.id::text as "job!"
 * ```
 */
export const awaitEnd: LightQuery<AwaitEndParams, AwaitEndResult> = {
  text: "-- The settle of an awaited job keeps its result. Index: primary key.\nupdate pgsched.job j\n   set awaited_until = greatest(j.awaited_until, clock_timestamp() + $1::bigint * interval '1 ms')\n where j.id = $2::bigint and j.nonce = $3::integer\nreturning j.id::text as \"job\"",
  parameters: [
    "ms",
    "id",
    "nonce"
  ]
};


/** 'FindEnd' parameters type */
export interface FindEndParams {
  id: NumberOrString;
  nonce: number;
}

/** 'FindEnd' return type */
export interface FindEndResult {
  error: string | null;
  result: string | null;
  status: string;
}

/** 'FindEnd' query type */
export interface FindEndQuery {
  params: FindEndParams;
  result: FindEndResult;
}

/**
 * Query generated from SQL:
 * ```
 * -- No row while the job waits or runs. `uncommitted`: it is this very transaction that enqueued it; `unknown`: it is nowhere.
 * -- Indexes: primary key; job_archive_id of each partition.
 * select case when j.id is null then coalesce(a.status::text, 'unknown') else 'uncommitted' end as "status!",
 *        a.result::text as result, a.error::text as error
 *   from (select :id!::bigint as id, :nonce!::integer as nonce) i
 *   left join pgsched.job j on j.id = any (array[i.id]) and j.nonce = i.nonce
 *   left join pgsched.job_archive a on a.id = any (array[i.id]) and a.nonce = i.nonce
 *  where j.id is null or j.xmin = pg_current_xact_id_if_assigned()::xid
 * ```
 */
export const findEnd: LightQuery<FindEndParams, FindEndResult> = {
  text: "-- No row while the job waits or runs. `uncommitted`: it is this very transaction that enqueued it; `unknown`: it is nowhere.\n-- Indexes: primary key; job_archive_id of each partition.\nselect case when j.id is null then coalesce(a.status::text, 'unknown') else 'uncommitted' end as \"status\",\n       a.result::text as result, a.error::text as error\n  from (select $1::bigint as id, $2::integer as nonce) i\n  left join pgsched.job j on j.id = any (array[i.id]) and j.nonce = i.nonce\n  left join pgsched.job_archive a on a.id = any (array[i.id]) and a.nonce = i.nonce\n where j.id is null or j.xmin = pg_current_xact_id_if_assigned()::xid",
  parameters: [
    "id",
    "nonce"
  ]
};


/** 'CancelOne' parameters type */
export interface CancelOneParams {
  id: NumberOrString;
  nonce: number;
}

/** 'CancelOne' return type */
export interface CancelOneResult {
  job: string;
}

/** 'CancelOne' query type */
export interface CancelOneQuery {
  params: CancelOneParams;
  result: CancelOneResult;
}

/**
 * Query generated from SQL:
 * ```
 * select c.job::text as "job!" from pgsched._cancel(array[:id!::bigint], array[:nonce!::integer], null) as c
 * ```
 */
export const cancelOne: LightQuery<CancelOneParams, CancelOneResult> = {
  text: "select c.job::text as \"job\" from pgsched._cancel(array[$1::bigint], array[$2::integer], null) as c",
  parameters: [
    "id",
    "nonce"
  ]
};


/** 'RescheduleOne' parameters type */
export interface RescheduleOneParams {
  delay?: NumberOrString | null | void;
  id: NumberOrString;
  nonce: number;
  runAt?: DateOrString | null | void;
}

/** 'RescheduleOne' return type */
export interface RescheduleOneResult {
  job: string;
}

/** 'RescheduleOne' query type */
export interface RescheduleOneQuery {
  params: RescheduleOneParams;
  result: RescheduleOneResult;
}

/**
 * Query generated from SQL:
 * ```
 * select r::text as "job!"
 *   from pgsched._reschedule(array[:id!::bigint], array[:nonce!::integer], :runAt::timestamptz, :delay::bigint) as r
 * ```
 */
export const rescheduleOne: LightQuery<RescheduleOneParams, RescheduleOneResult> = {
  text: "select r::text as \"job\"\n  from pgsched._reschedule(array[$1::bigint], array[$2::integer], $3::timestamptz, $4::bigint) as r",
  parameters: [
    "id",
    "nonce",
    "runAt",
    "delay"
  ]
};


/** 'FindProgressOf' parameters type */
export interface FindProgressOfParams {
  id: NumberOrString;
  nonce: number;
}

/** 'FindProgressOf' return type */
export interface FindProgressOfResult {
  at: string;
  data: string | null;
  fraction: string;
}

/** 'FindProgressOf' query type */
export interface FindProgressOfQuery {
  params: FindProgressOfParams;
  result: FindProgressOfResult;
}

/**
 * Query generated from SQL:
 * ```
 * select p.fraction::text as "fraction!", p.data::text as data, round(extract(epoch from p.at) * 1000)::text as "at!"
 *   from pgsched.job_progress p
 *   join pgsched.job j on j.id = p.id and j.fence = p.fence
 *  where p.id = :id!::bigint and j.nonce = :nonce!::integer
 * ```
 */
export const findProgressOf: LightQuery<FindProgressOfParams, FindProgressOfResult> = {
  text: "select p.fraction::text as \"fraction\", p.data::text as data, round(extract(epoch from p.at) * 1000)::text as \"at\"\n  from pgsched.job_progress p\n  join pgsched.job j on j.id = p.id and j.fence = p.fence\n where p.id = $1::bigint and j.nonce = $2::integer",
  parameters: [
    "id",
    "nonce"
  ]
};
