/** Generated from enqueue.sql by `npm run generate:queries`: do not edit. */
import { PreparedQuery } from '@pgtyped/runtime';

export type DateOrString = Date | string;

export type DateOrStringArray = (DateOrString)[];

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString)[];

export type booleanArray = (boolean)[];

export type numberArray = (number)[];

export type stringArray = (string)[];

/** 'Declare' parameters type */
export interface DeclareParams {
  contracts: stringArray;
  formers: stringArray;
  names: stringArray;
  priorities: numberArray;
  renamed: stringArray;
  topics: stringArray;
  versions: numberArray;
}

/** 'Declare' return type */
export interface DeclareResult {
  name: string;
  task: number;
}

/** 'Declare' query type */
export interface DeclareQuery {
  params: DeclareParams;
  result: DeclareResult;
}

const declareIR: any = {"usedParamSet":{"names":true,"versions":true,"topics":true,"priorities":true,"contracts":true,"renamed":true,"formers":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[{"a":73,"b":79}]},{"name":"versions","required":true,"transform":{"type":"scalar"},"locs":[{"a":90,"b":99}]},{"name":"topics","required":true,"transform":{"type":"scalar"},"locs":[{"a":114,"b":121}]},{"name":"priorities","required":true,"transform":{"type":"scalar"},"locs":[{"a":132,"b":143}]},{"name":"contracts","required":true,"transform":{"type":"scalar"},"locs":[{"a":158,"b":168}]},{"name":"renamed","required":true,"transform":{"type":"scalar"},"locs":[{"a":183,"b":191}]},{"name":"formers","required":true,"transform":{"type":"scalar"},"locs":[{"a":202,"b":210}]}],"statement":"select d.name as \"name!\", d.task as \"task!\"\n  from pgsched._declare(\n    :names!::text[], :versions!::smallint[], :topics!::text[], :priorities!::smallint[], :contracts!::text[],\n    :renamed!::text[], :formers!::text[]\n  ) as d"};

/**
 * Query generated from SQL:
 * ```
 * select d.name as "name!", d.task as "task!"
 *   from pgsched._declare(
 *     :names!::text[], :versions!::smallint[], :topics!::text[], :priorities!::smallint[], :contracts!::text[],
 *     :renamed!::text[], :formers!::text[]
 *   ) as d
 * ```
 */
export const declare: PreparedQuery<DeclareParams, DeclareResult> = new PreparedQuery<DeclareParams, DeclareResult>(declareIR);


/** 'DrawIds' parameters type */
export interface DrawIdsParams {
  count: number;
}

/** 'DrawIds' return type */
export interface DrawIdsResult {
  ids: string;
}

/** 'DrawIds' query type */
export interface DrawIdsQuery {
  params: DrawIdsParams;
  result: DrawIdsResult;
}

const drawIdsIR: any = {"usedParamSet":{"count":true},"params":[{"name":"count","required":true,"transform":{"type":"scalar"},"locs":[{"a":312,"b":318}]}],"statement":"-- In one call for many enqueues: an insert whose outcome is unknown can be repeated under the same numbers.\n-- The sequence by a computed name: our schema's name is not bound inside a literal.\nselect string_agg(nextval((pgsched._schema() || '.job_id')::regclass)::text, ',') as \"ids!\"\n  from generate_series(1, :count!::integer)"};

/**
 * Query generated from SQL:
 * ```
 * -- In one call for many enqueues: an insert whose outcome is unknown can be repeated under the same numbers.
 * -- The sequence by a computed name: our schema's name is not bound inside a literal.
 * select string_agg(nextval((pgsched._schema() || '.job_id')::regclass)::text, ',') as "ids!"
 *   from generate_series(1, :count!::integer)
 * ```
 */
export const drawIds: PreparedQuery<DrawIdsParams, DrawIdsResult> = new PreparedQuery<DrawIdsParams, DrawIdsResult>(drawIdsIR);


/** 'Enqueue' parameters type */
export interface EnqueueParams {
  args?: string | null | void;
  awaited: NumberOrStringArray;
  conflicts: stringArray;
  delays?: NumberOrStringArray | null | void;
  headers?: stringArray | null | void;
  histories: booleanArray;
  ids: NumberOrStringArray;
  keys?: stringArray | null | void;
  keyWait?: number | null | void;
  kinds?: numberArray | null | void;
  nonce: number;
  priorities: numberArray;
  repeat: boolean;
  routes: stringArray;
  runAts?: DateOrStringArray | null | void;
  startWithins: NumberOrStringArray;
  tasks: numberArray;
  topics: stringArray;
  versions: numberArray;
  wake?: numberArray | null | void;
}

/** 'Enqueue' return type */
export interface EnqueueResult {
  job: string;
  nonce: number;
  outcome: string;
  place: number;
  status: string | null;
}

/** 'Enqueue' query type */
export interface EnqueueQuery {
  params: EnqueueParams;
  result: EnqueueResult;
}

const enqueueIR: any = {"usedParamSet":{"ids":true,"nonce":true,"kinds":true,"tasks":true,"versions":true,"topics":true,"routes":true,"priorities":true,"startWithins":true,"awaited":true,"histories":true,"conflicts":true,"args":true,"runAts":true,"delays":true,"headers":true,"keys":true,"keyWait":true,"repeat":true,"wake":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":267,"b":271}]},{"name":"nonce","required":true,"transform":{"type":"scalar"},"locs":[{"a":284,"b":290}]},{"name":"kinds","required":false,"transform":{"type":"scalar"},"locs":[{"a":302,"b":307}]},{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":325,"b":331}]},{"name":"versions","required":true,"transform":{"type":"scalar"},"locs":[{"a":345,"b":354}]},{"name":"topics","required":true,"transform":{"type":"scalar"},"locs":[{"a":369,"b":376}]},{"name":"routes","required":true,"transform":{"type":"scalar"},"locs":[{"a":387,"b":394}]},{"name":"priorities","required":true,"transform":{"type":"scalar"},"locs":[{"a":405,"b":416}]},{"name":"startWithins","required":true,"transform":{"type":"scalar"},"locs":[{"a":435,"b":448}]},{"name":"awaited","required":true,"transform":{"type":"scalar"},"locs":[{"a":461,"b":469}]},{"name":"histories","required":true,"transform":{"type":"scalar"},"locs":[{"a":482,"b":492}]},{"name":"conflicts","required":true,"transform":{"type":"scalar"},"locs":[{"a":506,"b":516}]},{"name":"args","required":false,"transform":{"type":"scalar"},"locs":[{"a":547,"b":551}]},{"name":"runAts","required":false,"transform":{"type":"scalar"},"locs":[{"a":574,"b":580}]},{"name":"delays","required":false,"transform":{"type":"scalar"},"locs":[{"a":598,"b":604}]},{"name":"headers","required":false,"transform":{"type":"scalar"},"locs":[{"a":617,"b":624}]},{"name":"keys","required":false,"transform":{"type":"scalar"},"locs":[{"a":635,"b":639}]},{"name":"keyWait","required":false,"transform":{"type":"scalar"},"locs":[{"a":650,"b":657}]},{"name":"repeat","required":true,"transform":{"type":"scalar"},"locs":[{"a":673,"b":680}]},{"name":"wake","required":false,"transform":{"type":"scalar"},"locs":[{"a":692,"b":696}]}],"statement":"-- The args as one text: JSON has no control characters, so that none of its quotes needs a mark of its own.\nselect e.place as \"place!\", e.job::text as \"job!\", e.nonce as \"nonce!\", e.outcome as \"outcome!\",\n       e.status::text as status\n  from pgsched._enqueue(\n    :ids!::bigint[], :nonce!::integer, :kinds::integer[],\n    :tasks!::integer[], :versions!::smallint[], :topics!::text[], :routes!::text[], :priorities!::smallint[],\n    :startWithins!::bigint[], :awaited!::bigint[], :histories!::boolean[], :conflicts!::text[],\n    string_to_array(:args::text, chr(31), ''), :runAts::timestamptz[], :delays::bigint[], :headers::text[], :keys::text[], :keyWait::integer,\n    :repeat!::boolean, :wake::integer[]\n  ) as e"};

/**
 * Query generated from SQL:
 * ```
 * -- The args as one text: JSON has no control characters, so that none of its quotes needs a mark of its own.
 * select e.place as "place!", e.job::text as "job!", e.nonce as "nonce!", e.outcome as "outcome!",
 *        e.status::text as status
 *   from pgsched._enqueue(
 *     :ids!::bigint[], :nonce!::integer, :kinds::integer[],
 *     :tasks!::integer[], :versions!::smallint[], :topics!::text[], :routes!::text[], :priorities!::smallint[],
 *     :startWithins!::bigint[], :awaited!::bigint[], :histories!::boolean[], :conflicts!::text[],
 *     string_to_array(:args::text, chr(31), ''), :runAts::timestamptz[], :delays::bigint[], :headers::text[], :keys::text[], :keyWait::integer,
 *     :repeat!::boolean, :wake::integer[]
 *   ) as e
 * ```
 */
export const enqueue: PreparedQuery<EnqueueParams, EnqueueResult> = new PreparedQuery<EnqueueParams, EnqueueResult>(enqueueIR);


/** 'Wake' parameters type */
export interface WakeParams {
  tasks: numberArray;
}

/** 'Wake' return type */
export interface WakeResult {
  woken: string | null;
}

/** 'Wake' query type */
export interface WakeQuery {
  params: WakeParams;
  result: WakeResult;
}

const wakeIR: any = {"usedParamSet":{"tasks":true},"params":[{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[{"a":67,"b":73}]}],"statement":"-- No column is void: Prisma cannot read one.\nselect pgsched._wake(:tasks!::integer[])::text as woken"};

/**
 * Query generated from SQL:
 * ```
 * -- No column is void: Prisma cannot read one.
 * select pgsched._wake(:tasks!::integer[])::text as woken
 * ```
 */
export const wake: PreparedQuery<WakeParams, WakeResult> = new PreparedQuery<WakeParams, WakeResult>(wakeIR);


/** 'RedefineTasks' parameters type */
export interface RedefineTasksParams {
  contracts: stringArray;
  names: stringArray;
}

/** 'RedefineTasks' return type */
export interface RedefineTasksResult {
  before: string;
  name: string;
}

/** 'RedefineTasks' query type */
export interface RedefineTasksQuery {
  params: RedefineTasksParams;
  result: RedefineTasksResult;
}

const redefineTasksIR: any = {"usedParamSet":{"names":true,"contracts":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[{"a":210,"b":216}]},{"name":"contracts","required":true,"transform":{"type":"scalar"},"locs":[{"a":227,"b":237}]}],"statement":"-- For the deploy step alone: a worker of an older contract that restarts must not put old defaults back.\nupdate pgsched.task t\n   set contract = i.contract::jsonb, name = i.name, retired = false\n  from unnest(:names!::text[], :contracts!::text[]) as i(name, contract)\n  join pgsched.task_name n on n.name = i.name\n  join pgsched.task o on o.task = n.task\n where t.task = n.task\n   and (t.contract is distinct from i.contract::jsonb or t.name <> i.name or t.retired)\n   and not exists (select from pgsched.task x where x.name = i.name and x.task <> n.task)\nreturning t.name as \"name!\", o.name as \"before!\""};

/**
 * Query generated from SQL:
 * ```
 * -- For the deploy step alone: a worker of an older contract that restarts must not put old defaults back.
 * update pgsched.task t
 *    set contract = i.contract::jsonb, name = i.name, retired = false
 *   from unnest(:names!::text[], :contracts!::text[]) as i(name, contract)
 *   join pgsched.task_name n on n.name = i.name
 *   join pgsched.task o on o.task = n.task
 *  where t.task = n.task
 *    and (t.contract is distinct from i.contract::jsonb or t.name <> i.name or t.retired)
 *    and not exists (select from pgsched.task x where x.name = i.name and x.task <> n.task)
 * returning t.name as "name!", o.name as "before!"
 * ```
 */
export const redefineTasks: PreparedQuery<RedefineTasksParams, RedefineTasksResult> = new PreparedQuery<RedefineTasksParams, RedefineTasksResult>(redefineTasksIR);


/** 'RetireTasks' parameters type */
export interface RetireTasksParams {
  names: stringArray;
}

/** 'RetireTasks' return type */
export interface RetireTasksResult {
  jobs: number;
  name: string;
}

/** 'RetireTasks' query type */
export interface RetireTasksQuery {
  params: RetireTasksParams;
  result: RetireTasksResult;
}

const retireTasksIR: any = {"usedParamSet":{"names":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[{"a":229,"b":235}]}],"statement":"-- For the deploy step alone. Answers those that were not retired before, with how many of their jobs still wait or run. Scans the queue.\nupdate pgsched.task t\n   set retired = true\n  from pgsched.task_name n\n where n.name = any(:names!::text[]) and t.task = n.task and not t.retired\nreturning t.name as \"name!\", (select count(*) from pgsched.job j where j.task = t.task)::integer as \"jobs!\""};

/**
 * Query generated from SQL:
 * ```
 * -- For the deploy step alone. Answers those that were not retired before, with how many of their jobs still wait or run. Scans the queue.
 * update pgsched.task t
 *    set retired = true
 *   from pgsched.task_name n
 *  where n.name = any(:names!::text[]) and t.task = n.task and not t.retired
 * returning t.name as "name!", (select count(*) from pgsched.job j where j.task = t.task)::integer as "jobs!"
 * ```
 */
export const retireTasks: PreparedQuery<RetireTasksParams, RetireTasksResult> = new PreparedQuery<RetireTasksParams, RetireTasksResult>(retireTasksIR);


/** 'DifferingTasks' parameters type */
export interface DifferingTasksParams {
  contracts: stringArray;
  names: stringArray;
}

/** 'DifferingTasks' return type */
export interface DifferingTasksResult {
  name: string;
}

/** 'DifferingTasks' query type */
export interface DifferingTasksQuery {
  params: DifferingTasksParams;
  result: DifferingTasksResult;
}

const differingTasksIR: any = {"usedParamSet":{"names":true,"contracts":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[{"a":28,"b":34}]},{"name":"contracts","required":true,"transform":{"type":"scalar"},"locs":[{"a":45,"b":55}]}],"statement":"select t.name\n  from unnest(:names!::text[], :contracts!::text[]) as i(name, contract)\n  join pgsched.task_name n on n.name = i.name\n  join pgsched.task t on t.task = n.task\n where t.contract is distinct from i.contract::jsonb\n order by 1"};

/**
 * Query generated from SQL:
 * ```
 * select t.name
 *   from unnest(:names!::text[], :contracts!::text[]) as i(name, contract)
 *   join pgsched.task_name n on n.name = i.name
 *   join pgsched.task t on t.task = n.task
 *  where t.contract is distinct from i.contract::jsonb
 *  order by 1
 * ```
 */
export const differingTasks: PreparedQuery<DifferingTasksParams, DifferingTasksResult> = new PreparedQuery<DifferingTasksParams, DifferingTasksResult>(differingTasksIR);
