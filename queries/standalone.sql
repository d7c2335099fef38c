/* @name enqueueByName */
-- All in one statement, which is a transaction of its own where it is sent outside of one. No row: the database does not know the task.
with new as materialized (
  select n.task, cardinality(:priorities!::smallint[]) as kinds,
         -- The sequence by a computed name: our schema's name is not bound inside a literal.
         (select array_agg(nextval((pgsched._schema() || '.job_id')::regclass)) from generate_series(1, :count!::integer)) as ids,
         (random() * 4294967295 - 2147483648)::bigint::integer as nonce
    from pgsched.task_name n
   where n.name = :task!::text
), answer as materialized (
  select e.*
    from new
   cross join lateral pgsched._enqueue(
     new.ids, new.nonce, :kinds::integer[], array_fill(new.task, array[new.kinds]),
     array_fill(:version!::smallint, array[new.kinds]), array_fill(:topic!::text, array[new.kinds]),
     :routes!::text[], :priorities!::smallint[], :startWithins!::bigint[], null,
     array_fill(:history!::boolean, array[new.kinds]), array_fill(:conflict!::text, array[new.kinds]),
     string_to_array(:args::text, chr(31), ''), :runAts::timestamptz[], :delays::bigint[], :headers::text[], :keys::text[],
     null, false) as e
), woken as materialized (
  -- Not before the insert is done, which its count says.
  select pgsched._wake(array[new.task])::text from new where (select count(*) from answer) >= 0
)
select i.place::integer as "place!", i.id::text as "id!", coalesce(a.job, i.id)::text as "job!", coalesce(a.nonce, new.nonce) as "nonce!",
       coalesce(a.outcome, 'created') as "outcome!", a.status::text as status
  from new
 cross join woken
 cross join lateral unnest(new.ids) with ordinality as i(id, place)
  left join answer a on a.place = i.place
 order by i.place;

/* @name awaitEnd */
-- The settle of an awaited job keeps its result. Index: primary key.
update pgsched.job j
   set awaited_until = greatest(j.awaited_until, clock_timestamp() + :ms!::bigint * interval '1 ms')
 where j.id = :id!::bigint and j.nonce = :nonce!::integer
returning j.id::text as "job!";

/* @name findEnd */
-- No row while the job waits or runs. `uncommitted`: it is this very transaction that enqueued it; `unknown`: it is nowhere.
-- Indexes: primary key; job_archive_id of each partition.
select case when j.id is null then coalesce(a.status::text, 'unknown') else 'uncommitted' end as "status!",
       a.result::text as result, a.error::text as error
  from (select :id!::bigint as id, :nonce!::integer as nonce) i
  left join pgsched.job j on j.id = any (array[i.id]) and j.nonce = i.nonce
  left join pgsched.job_archive a on a.id = any (array[i.id]) and a.nonce = i.nonce
 where j.id is null or j.xmin = pg_current_xact_id_if_assigned()::xid;

/* @name cancelOne */
select c.job::text as "job!" from pgsched._cancel(array[:id!::bigint], array[:nonce!::integer], null) as c;

/* @name rescheduleOne */
select r::text as "job!"
  from pgsched._reschedule(array[:id!::bigint], array[:nonce!::integer], :runAt::timestamptz, :delay::bigint) as r;

/* @name findProgressOf */
select p.fraction::text as "fraction!", p.data::text as data, round(extract(epoch from p.at) * 1000)::text as "at!"
  from pgsched.job_progress p
  join pgsched.job j on j.id = p.id and j.fence = p.fence
 where p.id = :id!::bigint and j.nonce = :nonce!::integer;
