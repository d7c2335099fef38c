/** Generated from check.sql by `npm run generate:queries`: do not edit. */
import { PreparedQuery } from '@pgtyped/runtime';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

export type stringArray = (string)[];

/** 'TaskNames' parameters type */
export type TaskNamesParams = void;

/** 'TaskNames' return type */
export interface TaskNamesResult {
  name: string;
  names: stringArray;
  retired: boolean;
  task: number;
}

/** 'TaskNames' query type */
export interface TaskNamesQuery {
  params: TaskNamesParams;
  result: TaskNamesResult;
}

const taskNamesIR: any = {"usedParamSet":{},"params":[],"statement":"-- Every task with all its names.\nselect t.task as \"task!\", t.name as \"name!\", t.retired as \"retired!\",\n       array(select n.name from pgsched.task_name n where n.task = t.task order by 1) as \"names!\"\n  from pgsched.task t"};

/**
 * Query generated from SQL:
 * ```
 * -- Every task with all its names.
 * select t.task as "task!", t.name as "name!", t.retired as "retired!",
 *        array(select n.name from pgsched.task_name n where n.task = t.task order by 1) as "names!"
 *   from pgsched.task t
 * ```
 */
export const taskNames: PreparedQuery<TaskNamesParams, TaskNamesResult> = new PreparedQuery<TaskNamesParams, TaskNamesResult>(taskNamesIR);


/** 'QueuedArgs' parameters type */
export interface QueuedArgsParams {
  after: NumberOrString;
  limit: number;
}

/** 'QueuedArgs' return type */
export interface QueuedArgsResult {
  args: Json | null;
  id: string;
  task: number;
  version: number;
}

/** 'QueuedArgs' query type */
export interface QueuedArgsQuery {
  params: QueuedArgsParams;
  result: QueuedArgsResult;
}

const queuedArgsIR: any = {"usedParamSet":{"after":true,"limit":true},"params":[{"name":"after","required":true,"transform":{"type":"scalar"},"locs":[{"a":171,"b":177}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":209,"b":215}]}],"statement":"-- The next batch of all that wait or run. Index: primary key.\nselect j.id as \"id!\", j.task as \"task!\", j.version as \"version!\", j.args\n  from pgsched.job j\n where j.id > :after!::bigint\n order by j.id\n limit :limit!::integer"};

/**
 * Query generated from SQL:
 * ```
 * -- The next batch of all that wait or run. Index: primary key.
 * select j.id as "id!", j.task as "task!", j.version as "version!", j.args
 *   from pgsched.job j
 *  where j.id > :after!::bigint
 *  order by j.id
 *  limit :limit!::integer
 * ```
 */
export const queuedArgs: PreparedQuery<QueuedArgsParams, QueuedArgsResult> = new PreparedQuery<QueuedArgsParams, QueuedArgsResult>(queuedArgsIR);


/** 'SampledArgs' parameters type */
export interface SampledArgsParams {
  each: number;
}

/** 'SampledArgs' return type */
export interface SampledArgsResult {
  args: Json | null;
  id: string;
  task: number;
  version: number;
}

/** 'SampledArgs' query type */
export interface SampledArgsQuery {
  params: SampledArgsParams;
  result: SampledArgsResult;
}

const sampledArgsIR: any = {"usedParamSet":{"each":true},"params":[{"name":"each","required":true,"transform":{"type":"scalar"},"locs":[{"a":424,"b":429}]}],"statement":"-- The first few that wait in each lane, and in none. Index: job_claim.\nselect s.id as \"id!\", s.task as \"task!\", s.version as \"version!\", s.args\n  from (select 0 as lane union all select x.lane from pgsched.lane x) l\n cross join lateral (\n   select j.id, j.task, j.version, j.args\n     from pgsched.job j\n    where j.lane = l.lane and j.fence is null and not j.blocked\n    order by j.priority desc, j.run_at, j.id\n    limit :each!::integer) s"};

/**
 * Query generated from SQL:
 * ```
 * -- The first few that wait in each lane, and in none. Index: job_claim.
 * select s.id as "id!", s.task as "task!", s.version as "version!", s.args
 *   from (select 0 as lane union all select x.lane from pgsched.lane x) l
 *  cross join lateral (
 *    select j.id, j.task, j.version, j.args
 *      from pgsched.job j
 *     where j.lane = l.lane and j.fence is null and not j.blocked
 *     order by j.priority desc, j.run_at, j.id
 *     limit :each!::integer) s
 * ```
 */
export const sampledArgs: PreparedQuery<SampledArgsParams, SampledArgsResult> = new PreparedQuery<SampledArgsParams, SampledArgsResult>(sampledArgsIR);
