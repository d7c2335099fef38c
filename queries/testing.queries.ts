/** Generated from testing.sql by `npm run generate:queries`: do not edit. */
import { PreparedQuery } from '@pgtyped/runtime';

export type numberArray = (number)[];

/** 'EnqueuedJobs' parameters type */
export interface EnqueuedJobsParams {
  name: string;
}

/** 'EnqueuedJobs' return type */
export interface EnqueuedJobsResult {
  args: string | null;
  attempt: string;
  headers: string | null;
  id: string;
  key: string | null;
  priority: string;
  runat: string;
  topic: string;
  version: string;
}

/** 'EnqueuedJobs' query type */
export interface EnqueuedJobsQuery {
  params: EnqueuedJobsParams;
  result: EnqueuedJobsResult;
}

const enqueuedJobsIR: any = {"usedParamSet":{"name":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":556,"b":561}]}],"statement":"-- Sent through transactions of any library: texts alone, and names of one lower-case word. Scans the queue.\nselect j.id::text as \"id!\", pgsched._topic_of(j.lane, j.task, j.topic) as \"topic!\", j.priority::text as \"priority!\", j.key,\n       j.args::text as args, j.headers::text as headers, j.attempt::text as \"attempt!\", j.version::text as \"version!\",\n       to_char(j.run_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') as \"runat!\"\n  from pgsched.job j\n where j.fence is null\n   and j.task = (select n.task from pgsched.task_name n where n.name = :name!)\n order by j.id"};

/**
 * Query generated from SQL:
 * ```
 * -- Sent through transactions of any library: texts alone, and names of one lower-case word. Scans the queue.
 * select j.id::text as "id!", pgsched._topic_of(j.lane, j.task, j.topic) as "topic!", j.priority::text as "priority!", j.key,
 *        j.args::text as args, j.headers::text as headers, j.attempt::text as "attempt!", j.version::text as "version!",
 *        to_char(j.run_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "runat!"
 *   from pgsched.job j
 *  where j.fence is null
 *    and j.task = (select n.task from pgsched.task_name n where n.name = :name!)
 *  order by j.id
 * ```
 */
export const enqueuedJobs: PreparedQuery<EnqueuedJobsParams, EnqueuedJobsResult> = new PreparedQuery<EnqueuedJobsParams, EnqueuedJobsResult>(enqueuedJobsIR);


/** 'Unfinished' parameters type */
export interface UnfinishedParams {
  tasks: numberArray;
}

/** 'Unfinished' return type */
export interface UnfinishedResult {
  unfinished: boolean;
}

/** 'Unfinished' query type */
export interface UnfinishedQuery {
  params: UnfinishedParams;
  result: UnfinishedResult;
}

const unfinishedIR: any = {"usedParamSet":{"tasks":true},"params":[{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":146,"b":152}]}],"statement":"-- Whether any of these tasks' jobs is due, or runs; what is paused is not due.\nselect exists (\n  select from pgsched.job j\n   where j.task = any(:tasks!::integer[])\n     and (j.fence is not null\n          or j.run_at <= clock_timestamp()\n             and not exists (select from pgsched.task t where t.task = j.task and t.paused)\n             and not exists (\n               select from pgsched.topic p\n                where p.paused and pgsched._topic_of(j.lane, j.task, j.topic) ~ pgsched._topic_regex(p.pattern)))\n) as \"unfinished!\""};

/**
 * Query generated from SQL:
 * ```
 * -- Whether any of these tasks' jobs is due, or runs; what is paused is not due.
 * select exists (
 *   select from pgsched.job j
 *    where j.task = any(:tasks!::integer[])
 *      and (j.fence is not null
 *           or j.run_at <= clock_timestamp()
 *              and not exists (select from pgsched.task t where t.task = j.task and t.paused)
 *              and not exists (
 *                select from pgsched.topic p
 *                 where p.paused and pgsched._topic_of(j.lane, j.task, j.topic) ~ pgsched._topic_regex(p.pattern)))
 * ) as "unfinished!"
 * ```
 */
export const unfinished: PreparedQuery<UnfinishedParams, UnfinishedResult> = new PreparedQuery<UnfinishedParams, UnfinishedResult>(unfinishedIR);
