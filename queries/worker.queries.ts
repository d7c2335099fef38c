/** Generated from worker.sql by `npm run generate:queries`: do not edit. */
import { PreparedQuery } from '@pgtyped/runtime';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString)[];

export type numberArray = (number)[];

export type stringArray = (string)[];

/** 'Register' parameters type */
export interface RegisterParams {
  host: string;
  instance: NumberOrString;
  pid: number;
}

/** 'Register' return type */
export interface RegisterResult {
  listened: boolean;
}

/** 'Register' query type */
export interface RegisterQuery {
  params: RegisterParams;
  result: RegisterResult;
}

const registerIR: any = {"usedParamSet":{"instance":true,"host":true,"pid":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":57,"b":66}]},{"name":"host","required":true,"transform":{"type":"scalar"},"locs":[{"a":77,"b":82}]},{"name":"pid","required":true,"transform":{"type":"scalar"},"locs":[{"a":85,"b":89}]}],"statement":"insert into pgsched.worker (instance, host, pid)\nvalues (:instance!::bigint, :host!, :pid!)\nreturning pgsched._listened() as \"listened!\""};

/**
 * Query generated from SQL:
 * ```
 * insert into pgsched.worker (instance, host, pid)
 * values (:instance!::bigint, :host!, :pid!)
 * returning pgsched._listened() as "listened!"
 * ```
 */
export const register: PreparedQuery<RegisterParams, RegisterResult> = new PreparedQuery<RegisterParams, RegisterResult>(registerIR);


/** 'Unregister' parameters type */
export interface UnregisterParams {
  instance: NumberOrString;
}

/** 'Unregister' return type */
export type UnregisterResult = void;

/** 'Unregister' query type */
export interface UnregisterQuery {
  params: UnregisterParams;
  result: UnregisterResult;
}

const unregisterIR: any = {"usedParamSet":{"instance":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":44,"b":53}]}],"statement":"delete from pgsched.worker where instance = :instance!::bigint"};

/**
 * Query generated from SQL:
 * ```
 * delete from pgsched.worker where instance = :instance!::bigint
 * ```
 */
export const unregister: PreparedQuery<UnregisterParams, UnregisterResult> = new PreparedQuery<UnregisterParams, UnregisterResult>(unregisterIR);


/** 'Beat' parameters type */
export interface BeatParams {
  instance: NumberOrString;
}

/** 'Beat' return type */
export interface BeatResult {
  listened: boolean;
}

/** 'Beat' query type */
export interface BeatQuery {
  params: BeatParams;
  result: BeatResult;
}

const beatIR: any = {"usedParamSet":{"instance":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":88,"b":97}]}],"statement":"update pgsched.worker set beat = beat + 1, beat_at = clock_timestamp() where instance = :instance!::bigint\nreturning pgsched._listened() as \"listened!\""};

/**
 * Query generated from SQL:
 * ```
 * update pgsched.worker set beat = beat + 1, beat_at = clock_timestamp() where instance = :instance!::bigint
 * returning pgsched._listened() as "listened!"
 * ```
 */
export const beat: PreparedQuery<BeatParams, BeatResult> = new PreparedQuery<BeatParams, BeatResult>(beatIR);


/** 'Beats' parameters type */
export type BeatsParams = void;

/** 'Beats' return type */
export interface BeatsResult {
  beat: string;
  instance: string;
}

/** 'Beats' query type */
export interface BeatsQuery {
  params: BeatsParams;
  result: BeatsResult;
}

const beatsIR: any = {"usedParamSet":{},"params":[],"statement":"select w.instance as \"instance!\", w.beat as \"beat!\" from pgsched.worker w"};

/**
 * Query generated from SQL:
 * ```
 * select w.instance as "instance!", w.beat as "beat!" from pgsched.worker w
 * ```
 */
export const beats: PreparedQuery<BeatsParams, BeatsResult> = new PreparedQuery<BeatsParams, BeatsResult>(beatsIR);


/** 'RemoveWorker' parameters type */
export interface RemoveWorkerParams {
  beat: NumberOrString;
  instance: NumberOrString;
}

/** 'RemoveWorker' return type */
export interface RemoveWorkerResult {
  instance: string;
}

/** 'RemoveWorker' query type */
export interface RemoveWorkerQuery {
  params: RemoveWorkerParams;
  result: RemoveWorkerResult;
}

const removeWorkerIR: any = {"usedParamSet":{"instance":true,"beat":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":108,"b":117}]},{"name":"beat","required":true,"transform":{"type":"scalar"},"locs":[{"a":138,"b":143}]}],"statement":"-- Only while the beat still stands where it was seen to stand.\ndelete from pgsched.worker where instance = :instance!::bigint and beat = :beat!::bigint returning instance"};

/**
 * Query generated from SQL:
 * ```
 * -- Only while the beat still stands where it was seen to stand.
 * delete from pgsched.worker where instance = :instance!::bigint and beat = :beat!::bigint returning instance
 * ```
 */
export const removeWorker: PreparedQuery<RemoveWorkerParams, RemoveWorkerResult> = new PreparedQuery<RemoveWorkerParams, RemoveWorkerResult>(removeWorkerIR);


/** 'Claim' parameters type */
export interface ClaimParams {
  alone: numberArray;
  durable: boolean;
  fence: NumberOrString;
  free: number;
  instance: NumberOrString;
  limit: number;
  position?: Json | null | void;
  tasks: numberArray;
  topics?: stringArray | null | void;
  versions: numberArray;
}

/** 'Claim' return type */
export interface ClaimResult {
  args: Json | null;
  attempt: number | null;
  dueIn: number | null;
  headers: Json | null;
  id: string | null;
  late: number | null;
  nextPosition: string | null;
  rescues: number | null;
  startWithin: string | null;
  suspect: boolean | null;
  task: number | null;
  topic: string | null;
  version: number | null;
}

/** 'Claim' query type */
export interface ClaimQuery {
  params: ClaimParams;
  result: ClaimResult;
}

const claimIR: any = {"usedParamSet":{"instance":true,"fence":true,"tasks":true,"versions":true,"topics":true,"alone":true,"free":true,"limit":true,"durable":true,"position":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":313,"b":322}]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[{"a":333,"b":339}]},{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":350,"b":356}]},{"name":"versions","required":true,"transform":{"type":"scalar"},"locs":[{"a":370,"b":379}]},{"name":"topics","required":false,"transform":{"type":"scalar"},"locs":[{"a":394,"b":400}]},{"name":"alone","required":true,"transform":{"type":"scalar"},"locs":[{"a":411,"b":417}]},{"name":"free","required":true,"transform":{"type":"scalar"},"locs":[{"a":435,"b":440}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":452,"b":458}]},{"name":"durable","required":true,"transform":{"type":"scalar"},"locs":[{"a":470,"b":478}]},{"name":"position","required":false,"transform":{"type":"scalar"},"locs":[{"a":490,"b":498}]}],"statement":"-- The last row is no job: it says where to look from next, and when the next job is due.\nselect c.id, c.task, c.version, c.attempt, c.suspect, c.rescues, c.topic, c.args, c.headers, c.late, c.start_within as \"startWithin\",\n       c.next_position as \"nextPosition\", c.due_in as \"dueIn\"\n  from pgsched._claim(\n    :instance!::bigint, :fence!::bigint, :tasks!::integer[], :versions!::smallint[], :topics::text[], :alone!::integer[],\n    :free!::integer, :limit!::integer, :durable!::boolean, :position::jsonb\n  ) as c"};

/**
 * Query generated from SQL:
 * ```
 * -- The last row is no job: it says where to look from next, and when the next job is due.
 * select c.id, c.task, c.version, c.attempt, c.suspect, c.rescues, c.topic, c.args, c.headers, c.late, c.start_within as "startWithin",
 *        c.next_position as "nextPosition", c.due_in as "dueIn"
 *   from pgsched._claim(
 *     :instance!::bigint, :fence!::bigint, :tasks!::integer[], :versions!::smallint[], :topics::text[], :alone!::integer[],
 *     :free!::integer, :limit!::integer, :durable!::boolean, :position::jsonb
 *   ) as c
 * ```
 */
export const claim: PreparedQuery<ClaimParams, ClaimResult> = new PreparedQuery<ClaimParams, ClaimResult>(claimIR);


/** 'Idle' parameters type */
export interface IdleParams {
  instance: NumberOrString;
  wakeable: NumberOrString;
}

/** 'Idle' return type */
export interface IdleResult {
  lookAgain: boolean;
  unfiled: boolean;
}

/** 'Idle' query type */
export interface IdleQuery {
  params: IdleParams;
  result: IdleResult;
}

const idleIR: any = {"usedParamSet":{"instance":true,"wakeable":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":80,"b":89}]},{"name":"wakeable","required":true,"transform":{"type":"scalar"},"locs":[{"a":100,"b":109}]}],"statement":"select i.look_again as \"lookAgain!\", i.unfiled as \"unfiled!\" from pgsched._idle(:instance!::bigint, :wakeable!::bigint) as i"};

/**
 * Query generated from SQL:
 * ```
 * select i.look_again as "lookAgain!", i.unfiled as "unfiled!" from pgsched._idle(:instance!::bigint, :wakeable!::bigint) as i
 * ```
 */
export const idle: PreparedQuery<IdleParams, IdleResult> = new PreparedQuery<IdleParams, IdleResult>(idleIR);


/** 'File' parameters type */
export interface FileParams {
  limit: number;
}

/** 'File' return type */
export interface FileResult {
  filed: number;
}

/** 'File' query type */
export interface FileQuery {
  params: FileParams;
  result: FileResult;
}

const fileIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":21,"b":27}]}],"statement":"select pgsched._file(:limit!::integer) as \"filed!\""};

/**
 * Query generated from SQL:
 * ```
 * select pgsched._file(:limit!::integer) as "filed!"
 * ```
 */
export const file: PreparedQuery<FileParams, FileResult> = new PreparedQuery<FileParams, FileResult>(fileIR);


/** 'Settle' parameters type */
export interface SettleParams {
  delays?: NumberOrStringArray | null | void;
  fences: NumberOrStringArray;
  ids: NumberOrStringArray;
  outcomes?: stringArray | null | void;
  policies?: stringArray | null | void;
  retains?: NumberOrStringArray | null | void;
  values: string;
  wait?: number | null | void;
}

/** 'Settle' return type */
export interface SettleResult {
  exception: string;
  job: string;
}

/** 'Settle' query type */
export interface SettleQuery {
  params: SettleParams;
  result: SettleResult;
}

const settleIR: any = {"usedParamSet":{"ids":true,"fences":true,"outcomes":true,"values":true,"delays":true,"policies":true,"retains":true,"wait":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":197,"b":201}]},{"name":"fences","required":true,"transform":{"type":"scalar"},"locs":[{"a":214,"b":221}]},{"name":"outcomes","required":false,"transform":{"type":"scalar"},"locs":[{"a":234,"b":242}]},{"name":"values","required":true,"transform":{"type":"scalar"},"locs":[{"a":269,"b":276}]},{"name":"delays","required":false,"transform":{"type":"scalar"},"locs":[{"a":299,"b":305}]},{"name":"policies","required":false,"transform":{"type":"scalar"},"locs":[{"a":322,"b":330}]},{"name":"retains","required":false,"transform":{"type":"scalar"},"locs":[{"a":341,"b":348}]},{"name":"wait","required":false,"transform":{"type":"scalar"},"locs":[{"a":361,"b":365}]}],"statement":"-- The values as one text: JSON has no control characters, so that none of its quotes needs a mark of its own.\nselect s.job::text as \"job!\", s.exception as \"exception!\"\n  from pgsched._settle(\n    :ids!::bigint[], :fences!::bigint[], :outcomes::text[], string_to_array(:values!::text, chr(31), ''), :delays::bigint[],\n    :policies::text[], :retains::bigint[], :wait::integer\n  ) as s"};

/**
 * Query generated from SQL:
 * ```
 * -- The values as one text: JSON has no control characters, so that none of its quotes needs a mark of its own.
 * select s.job::text as "job!", s.exception as "exception!"
 *   from pgsched._settle(
 *     :ids!::bigint[], :fences!::bigint[], :outcomes::text[], string_to_array(:values!::text, chr(31), ''), :delays::bigint[],
 *     :policies::text[], :retains::bigint[], :wait::integer
 *   ) as s
 * ```
 */
export const settle: PreparedQuery<SettleParams, SettleResult> = new PreparedQuery<SettleParams, SettleResult>(settleIR);


/** 'WasSettled' parameters type */
export interface WasSettledParams {
  fence: NumberOrString;
  id: NumberOrString;
  kept: boolean;
}

/** 'WasSettled' return type */
export interface WasSettledResult {
  id: string | null;
}

/** 'WasSettled' query type */
export interface WasSettledQuery {
  params: WasSettledParams;
  result: WasSettledResult;
}

const wasSettledIR: any = {"usedParamSet":{"id":true,"fence":true,"kept":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[{"a":210,"b":213},{"a":270,"b":273},{"a":364,"b":367}]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[{"a":237,"b":243},{"a":391,"b":397}]},{"name":"kept","required":true,"transform":{"type":"scalar"},"locs":[{"a":293,"b":298}]}],"statement":"-- Whether the archive has this run; of a task whose jobs it does not keep, whether the run is over. Index: job_archive_id of each\n-- partition, primary key.\nselect a.id from pgsched.job_archive a where a.id = :id!::bigint and a.fence = :fence!::bigint\nunion all\nselect :id!::bigint where not :kept!::boolean and not exists (select from pgsched.job j where j.id = :id!::bigint and j.fence = :fence!::bigint)"};

/**
 * Query generated from SQL:
 * ```
 * -- Whether the archive has this run; of a task whose jobs it does not keep, whether the run is over. Index: job_archive_id of each
 * -- partition, primary key.
 * select a.id from pgsched.job_archive a where a.id = :id!::bigint and a.fence = :fence!::bigint
 * union all
 * select :id!::bigint where not :kept!::boolean and not exists (select from pgsched.job j where j.id = :id!::bigint and j.fence = :fence!::bigint)
 * ```
 */
export const wasSettled: PreparedQuery<WasSettledParams, WasSettledResult> = new PreparedQuery<WasSettledParams, WasSettledResult>(wasSettledIR);


/** 'Held' parameters type */
export interface HeldParams {
  instance: NumberOrString;
}

/** 'Held' return type */
export interface HeldResult {
  fence: string;
  id: string;
}

/** 'Held' query type */
export interface HeldQuery {
  params: HeldParams;
  result: HeldResult;
}

const heldIR: any = {"usedParamSet":{"instance":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":153,"b":162}]}],"statement":"-- What this worker holds, as the database knows it. Index: job_running.\nselect j.id as \"id!\", j.fence as \"fence!\" from pgsched.job j where j.instance = :instance!::bigint"};

/**
 * Query generated from SQL:
 * ```
 * -- What this worker holds, as the database knows it. Index: job_running.
 * select j.id as "id!", j.fence as "fence!" from pgsched.job j where j.instance = :instance!::bigint
 * ```
 */
export const held: PreparedQuery<HeldParams, HeldResult> = new PreparedQuery<HeldParams, HeldResult>(heldIR);


/** 'RecordStart' parameters type */
export interface RecordStartParams {
  fence: NumberOrString;
  id: NumberOrString;
}

/** 'RecordStart' return type */
export interface RecordStartResult {
  id: string;
}

/** 'RecordStart' query type */
export interface RecordStartQuery {
  params: RecordStartParams;
  result: RecordStartResult;
}

const recordStartIR: any = {"usedParamSet":{"id":true,"fence":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[{"a":121,"b":124}]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[{"a":146,"b":152}]}],"statement":"-- Durable before a suspect's handler runs. Index: primary key.\nupdate pgsched.job set start_recorded = true\n where id = :id!::bigint and fence = :fence!::bigint and not cancel_requested\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * -- Durable before a suspect's handler runs. Index: primary key.
 * update pgsched.job set start_recorded = true
 *  where id = :id!::bigint and fence = :fence!::bigint and not cancel_requested
 * returning id
 * ```
 */
export const recordStart: PreparedQuery<RecordStartParams, RecordStartResult> = new PreparedQuery<RecordStartParams, RecordStartResult>(recordStartIR);


/** 'CancelRequests' parameters type */
export interface CancelRequestsParams {
  instance: NumberOrString;
}

/** 'CancelRequests' return type */
export interface CancelRequestsResult {
  id: string;
}

/** 'CancelRequests' query type */
export interface CancelRequestsQuery {
  params: CancelRequestsParams;
  result: CancelRequestsResult;
}

const cancelRequestsIR: any = {"usedParamSet":{"instance":true},"params":[{"name":"instance","required":true,"transform":{"type":"scalar"},"locs":[{"a":82,"b":91}]}],"statement":"-- Index: job_running.\nselect j.id as \"id!\" from pgsched.job j where j.instance = :instance!::bigint and j.cancel_requested"};

/**
 * Query generated from SQL:
 * ```
 * -- Index: job_running.
 * select j.id as "id!" from pgsched.job j where j.instance = :instance!::bigint and j.cancel_requested
 * ```
 */
export const cancelRequests: PreparedQuery<CancelRequestsParams, CancelRequestsResult> = new PreparedQuery<CancelRequestsParams, CancelRequestsResult>(cancelRequestsIR);


/** 'Rescue' parameters type */
export interface RescueParams {
  error: string;
  limit: number;
  maxRescues: numberArray;
  tasks: numberArray;
}

/** 'Rescue' return type */
export interface RescueResult {
  failed: number;
  rescued: string;
}

/** 'Rescue' query type */
export interface RescueQuery {
  params: RescueParams;
  result: RescueResult;
}

const rescueIR: any = {"usedParamSet":{"limit":true,"tasks":true,"maxRescues":true,"error":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":77,"b":83}]},{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":95,"b":101}]},{"name":"maxRescues","required":true,"transform":{"type":"scalar"},"locs":[{"a":115,"b":126}]},{"name":"error","required":true,"transform":{"type":"scalar"},"locs":[{"a":147,"b":153}]}],"statement":"select r.rescued as \"rescued!\", r.failed as \"failed!\"\n  from pgsched._rescue(:limit!::integer, :tasks!::integer[], :maxRescues!::smallint[], null, :error!::text) as r"};

/**
 * Query generated from SQL:
 * ```
 * select r.rescued as "rescued!", r.failed as "failed!"
 *   from pgsched._rescue(:limit!::integer, :tasks!::integer[], :maxRescues!::smallint[], null, :error!::text) as r
 * ```
 */
export const rescue: PreparedQuery<RescueParams, RescueResult> = new PreparedQuery<RescueParams, RescueResult>(rescueIR);


/** 'WaitingStrangers' parameters type */
export interface WaitingStrangersParams {
  tasks: numberArray;
  versions: numberArray;
}

/** 'WaitingStrangers' return type */
export interface WaitingStrangersResult {
  name: string;
  retired: boolean;
  version: number;
}

/** 'WaitingStrangers' query type */
export interface WaitingStrangersQuery {
  params: WaitingStrangersParams;
  result: WaitingStrangersResult;
}

const waitingStrangersIR: any = {"usedParamSet":{"tasks":true,"versions":true},"params":[{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":355,"b":361}]},{"name":"versions","required":true,"transform":{"type":"scalar"},"locs":[{"a":375,"b":384}]}],"statement":"-- The kinds of job that wait and that this worker does not take. One probe of the claim index for each foreign lane.\nselect coalesce(t.name, 'task ' || l.task) as \"name!\", l.version as \"version!\", coalesce(t.retired, false) as \"retired!\"\n  from pgsched.lane l\n  left join pgsched.task t on t.task = l.task\n where not exists (\n         select from unnest(:tasks!::integer[], :versions!::smallint[]) as k(task, version)\n          where k.task = l.task and k.version = l.version)\n   and exists (select from pgsched.job j where j.lane = l.lane and j.fence is null and not j.blocked)\n group by 1, 2, 3\n order by 1, 2"};

/**
 * Query generated from SQL:
 * ```
 * -- The kinds of job that wait and that this worker does not take. One probe of the claim index for each foreign lane.
 * select coalesce(t.name, 'task ' || l.task) as "name!", l.version as "version!", coalesce(t.retired, false) as "retired!"
 *   from pgsched.lane l
 *   left join pgsched.task t on t.task = l.task
 *  where not exists (
 *          select from unnest(:tasks!::integer[], :versions!::smallint[]) as k(task, version)
 *           where k.task = l.task and k.version = l.version)
 *    and exists (select from pgsched.job j where j.lane = l.lane and j.fence is null and not j.blocked)
 *  group by 1, 2, 3
 *  order by 1, 2
 * ```
 */
export const waitingStrangers: PreparedQuery<WaitingStrangersParams, WaitingStrangersResult> = new PreparedQuery<WaitingStrangersParams, WaitingStrangersResult>(waitingStrangersIR);


/** 'TopicRegexes' parameters type */
export interface TopicRegexesParams {
  patterns: stringArray;
}

/** 'TopicRegexes' return type */
export interface TopicRegexesResult {
  regex: string;
}

/** 'TopicRegexes' query type */
export interface TopicRegexesQuery {
  params: TopicRegexesParams;
  result: TopicRegexesResult;
}

const topicRegexesIR: any = {"usedParamSet":{"patterns":true},"params":[{"name":"patterns","required":true,"transform":{"type":"scalar"},"locs":[{"a":130,"b":139}]}],"statement":"-- The patterns of a worker, and the lanes of those that are plain topics.\nselect pgsched._topic_regex(p) as \"regex!\" from unnest(:patterns!::text[]) p"};

/**
 * Query generated from SQL:
 * ```
 * -- The patterns of a worker, and the lanes of those that are plain topics.
 * select pgsched._topic_regex(p) as "regex!" from unnest(:patterns!::text[]) p
 * ```
 */
export const topicRegexes: PreparedQuery<TopicRegexesParams, TopicRegexesResult> = new PreparedQuery<TopicRegexesParams, TopicRegexesResult>(topicRegexesIR);


/** 'Sweep' parameters type */
export interface SweepParams {
  limit: number;
}

/** 'Sweep' return type */
export interface SweepResult {
  swept: number;
}

/** 'Sweep' query type */
export interface SweepQuery {
  params: SweepParams;
  result: SweepResult;
}

const sweepIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":22,"b":28}]}],"statement":"select pgsched._sweep(:limit!::integer) as \"swept!\""};

/**
 * Query generated from SQL:
 * ```
 * select pgsched._sweep(:limit!::integer) as "swept!"
 * ```
 */
export const sweep: PreparedQuery<SweepParams, SweepResult> = new PreparedQuery<SweepParams, SweepResult>(sweepIR);


/** 'Emit' parameters type */
export interface EmitParams {
  attempts: numberArray;
  ids: NumberOrStringArray;
  tasks: numberArray;
  type: string;
}

/** 'Emit' return type */
export interface EmitResult {
  _emit: undefined | null;
}

/** 'Emit' query type */
export interface EmitQuery {
  params: EmitParams;
  result: EmitResult;
}

const emitIR: any = {"usedParamSet":{"type":true,"ids":true,"tasks":true,"attempts":true},"params":[{"name":"type","required":true,"transform":{"type":"scalar"},"locs":[{"a":53,"b":58}]},{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":67,"b":71}]},{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":84,"b":90}]},{"name":"attempts","required":true,"transform":{"type":"scalar"},"locs":[{"a":104,"b":113}]}],"statement":"-- Only while somebody listens.\nselect pgsched._emit(:type!::text, :ids!::bigint[], :tasks!::integer[], :attempts!::integer[])\n where pgsched._listened()"};

/**
 * Query generated from SQL:
 * ```
 * -- Only while somebody listens.
 * select pgsched._emit(:type!::text, :ids!::bigint[], :tasks!::integer[], :attempts!::integer[])
 *  where pgsched._listened()
 * ```
 */
export const emit: PreparedQuery<EmitParams, EmitResult> = new PreparedQuery<EmitParams, EmitResult>(emitIR);


/** 'Progress' parameters type */
export interface ProgressParams {
  data: stringArray;
  fences: NumberOrStringArray;
  fractions: numberArray;
  ids: NumberOrStringArray;
}

/** 'Progress' return type */
export interface ProgressResult {
  _progress: undefined | null;
}

/** 'Progress' query type */
export interface ProgressQuery {
  params: ProgressParams;
  result: ProgressResult;
}

const progressIR: any = {"usedParamSet":{"ids":true,"fences":true,"fractions":true,"data":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":25,"b":29}]},{"name":"fences","required":true,"transform":{"type":"scalar"},"locs":[{"a":42,"b":49}]},{"name":"fractions","required":true,"transform":{"type":"scalar"},"locs":[{"a":62,"b":72}]},{"name":"data","required":true,"transform":{"type":"scalar"},"locs":[{"a":83,"b":88}]}],"statement":"select pgsched._progress(:ids!::bigint[], :fences!::bigint[], :fractions!::real[], :data!::text[])"};

/**
 * Query generated from SQL:
 * ```
 * select pgsched._progress(:ids!::bigint[], :fences!::bigint[], :fractions!::real[], :data!::text[])
 * ```
 */
export const progress: PreparedQuery<ProgressParams, ProgressResult> = new PreparedQuery<ProgressParams, ProgressResult>(progressIR);
