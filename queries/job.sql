/* @name findJobs */
-- One statement, so that a job that moves to the archive meanwhile is found in one place or the other.
-- Indexes: primary key; job_archive_id of each partition.
select j.id as "id!", j.nonce as "nonce!", j.task as "task!",
       (case when j.fence is null then 'pending' else 'running' end)::pgsched.job_status as "status!",
       pgsched._topic_of(j.lane, j.task, j.topic) as "topic!",
       j.attempt as "attempt!", j.priority as "priority!", j.key, j.args, j.headers, j.failures, null::jsonb as result, null::jsonb as error,
       j.created_at as "createdAt!", j.run_at as "runAt!", null::timestamptz as "endedAt"
  from pgsched.job j
 where j.id = any(:ids!::bigint[])
union all
select a.id, a.nonce, a.task, a.status, pgsched._topic_of(a.lane, a.task, a.topic), a.attempt, a.priority, a.key, a.args,
       a.headers, a.failures, a.result, a.error,
       a.created_at, a.run_at, a.ended_at
  from pgsched.job_archive a
 where a.id = any(:ids!::bigint[]);

/* @name findEnded */
-- Of the awaited jobs, those that have ended, and those that are nowhere. Indexes: as above.
select i.id as "id!", i.nonce as "nonce!", coalesce(a.status::text, 'unknown') as "status!", a.result, a.error
  from unnest(:ids!::bigint[], :nonces!::integer[]) as i(id, nonce)
  left join pgsched.job_archive a on a.id = any (array[i.id]) and a.nonce = i.nonce
 where not exists (select from pgsched.job j where j.id = any (array[i.id]) and j.nonce = i.nonce);

/* @name awaitJobs */
-- The settle of an awaited job keeps its result and tells who waits. Index: primary key.
update pgsched.job j
   set awaited_until = greatest(j.awaited_until, clock_timestamp() + i.ms * interval '1 ms')
  from unnest(:ids!::bigint[], :nonces!::integer[], :ms!::bigint[]) as i(id, nonce, ms)
 where j.id = any (array[i.id]) and j.nonce = i.nonce
   and (j.awaited_until is null or j.awaited_until < clock_timestamp() + i.ms * interval '1 ms');

/* @name cancel */
select c.job as "job!", c.outcome as "outcome!"
  from pgsched._cancel(:ids!::bigint[], :nonces!::integer[], null) as c;

/* @name reschedule */
select r as "job!"
  from pgsched._reschedule(:ids!::bigint[], :nonces!::integer[], :runAt::timestamptz, :delay::bigint) as r;

/* @name redrive */
select r.job as "job!", r.outcome as "outcome!" from pgsched._redrive(:ids!::bigint[], :nonces!::integer[]) as r;

/* @name purge */
select pgsched._purge(:ids!::bigint[]) as "purged!";

/* @name find */
-- The next batch of a filter, in order of id.
select f as "id!"
  from pgsched._find(
    :after!::bigint, :limit!::integer, :tasks::integer[], :topic::text, :statuses::pgsched.job_status[], :key::text,
    clock_timestamp() - :olderThan::bigint * interval '1 ms', :ids::bigint[]
  ) as f;

/* @name pause */
select pgsched._pause(:tasks!::integer[], :pattern::text, :paused!::boolean);

/* @name paused */
select t.name as "name!", false as "pattern!" from pgsched.task t where t.paused
union all
select p.pattern, true from pgsched.topic p where p.paused
 order by 2, 1;

/* @name findProgress */
select p.fraction as "fraction!", p.data, p.at as "at!"
  from pgsched.job_progress p
  join pgsched.job j on j.id = p.id and j.fence = p.fence
 where p.id = :id!::bigint and j.nonce = :nonce!::integer;

/* @name listen */
insert into pgsched.event_listener (listener, until)
values (:listener!::bigint, clock_timestamp() + interval '30 s')
on conflict (listener) do update set until = excluded.until;

/* @name tellListening */
-- Workers tell of starts only while somebody listens.
select pg_notify(pgsched._channel(), 'listen');

/* @name unlisten */
delete from pgsched.event_listener where listener = :listener!::bigint or until < clock_timestamp();
