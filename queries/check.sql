/* @name taskNames */
-- Every task with all its names.
select t.task as "task!", t.name as "name!", t.retired as "retired!",
       array(select n.name from pgsched.task_name n where n.task = t.task order by 1) as "names!"
  from pgsched.task t;

/* @name queuedArgs */
-- The next batch of all that wait or run. Index: primary key.
select j.id as "id!", j.task as "task!", j.version as "version!", j.args
  from pgsched.job j
 where j.id > :after!::bigint
 order by j.id
 limit :limit!::integer;

/* @name sampledArgs */
-- The first few that wait in each lane, and in none. Index: job_claim.
select s.id as "id!", s.task as "task!", s.version as "version!", s.args
  from (select 0 as lane union all select x.lane from pgsched.lane x) l
 cross join lateral (
   select j.id, j.task, j.version, j.args
     from pgsched.job j
    where j.lane = l.lane and j.fence is null and not j.blocked
    order by j.priority desc, j.run_at, j.id
    limit :each!::integer) s;
