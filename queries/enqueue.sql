/* @name declare */
select d.name as "name!", d.task as "task!"
  from pgsched._declare(
    :names!::text[], :versions!::smallint[], :topics!::text[], :priorities!::smallint[], :contracts!::text[],
    :renamed!::text[], :formers!::text[]
  ) as d;

/* @name drawIds */
-- In one call for many enqueues: an insert whose outcome is unknown can be repeated under the same numbers.
-- The sequence by a computed name: our schema's name is not bound inside a literal.
select string_agg(nextval((pgsched._schema() || '.job_id')::regclass)::text, ',') as "ids!"
  from generate_series(1, :count!::integer);

/* @name enqueue */
-- The args as one text: JSON has no control characters, so that none of its quotes needs a mark of its own.
select e.place as "place!", e.job::text as "job!", e.nonce as "nonce!", e.outcome as "outcome!",
       e.status::text as status
  from pgsched._enqueue(
    :ids!::bigint[], :nonce!::integer, :kinds::integer[],
    :tasks!::integer[], :versions!::smallint[], :topics!::text[], :routes!::text[], :priorities!::smallint[],
    :startWithins!::bigint[], :awaited!::bigint[], :histories!::boolean[], :conflicts!::text[],
    string_to_array(:args::text, chr(31), ''), :runAts::timestamptz[], :delays::bigint[], :headers::text[], :keys::text[], :keyWait::integer,
    :repeat!::boolean, :wake::integer[]
  ) as e;

/* @name wake */
-- No column is void: Prisma cannot read one.
select pgsched._wake(:tasks!::integer[])::text as woken;

/* @name redefineTasks */
-- For the deploy step alone: a worker of an older contract that restarts must not put old defaults back.
update pgsched.task t
   set contract = i.contract::jsonb, name = i.name, retired = false
  from unnest(:names!::text[], :contracts!::text[]) as i(name, contract)
  join pgsched.task_name n on n.name = i.name
  join pgsched.task o on o.task = n.task
 where t.task = n.task
   and (t.contract is distinct from i.contract::jsonb or t.name <> i.name or t.retired)
   and not exists (select from pgsched.task x where x.name = i.name and x.task <> n.task)
returning t.name as "name!", o.name as "before!";

/* @name retireTasks */
-- For the deploy step alone. Answers those that were not retired before, with how many of their jobs still wait or run. Scans the queue.
update pgsched.task t
   set retired = true
  from pgsched.task_name n
 where n.name = any(:names!::text[]) and t.task = n.task and not t.retired
returning t.name as "name!", (select count(*) from pgsched.job j where j.task = t.task)::integer as "jobs!";

/* @name differingTasks */
select t.name
  from unnest(:names!::text[], :contracts!::text[]) as i(name, contract)
  join pgsched.task_name n on n.name = i.name
  join pgsched.task t on t.task = n.task
 where t.contract is distinct from i.contract::jsonb
 order by 1;
