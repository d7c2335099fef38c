/* @name enqueuedJobs */
-- Sent through transactions of any library: texts alone, and names of one lower-case word. Scans the queue.
select j.id::text as "id!", pgsched._topic_of(j.lane, j.task, j.topic) as "topic!", j.priority::text as "priority!", j.key,
       j.args::text as args, j.headers::text as headers, j.attempt::text as "attempt!", j.version::text as "version!",
       to_char(j.run_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "runat!"
  from pgsched.job j
 where j.fence is null
   and j.task = (select n.task from pgsched.task_name n where n.name = :name!)
 order by j.id;

/* @name unfinished */
-- Whether any of these tasks' jobs is due, or runs; what is paused is not due.
select exists (
  select from pgsched.job j
   where j.task = any(:tasks!::integer[])
     and (j.fence is not null
          or j.run_at <= clock_timestamp()
             and not exists (select from pgsched.task t where t.task = j.task and t.paused)
             and not exists (
               select from pgsched.topic p
                where p.paused and pgsched._topic_of(j.lane, j.task, j.topic) ~ pgsched._topic_regex(p.pattern)))
) as "unfinished!";
