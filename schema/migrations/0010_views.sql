-- What there is, for people and dashboards. No function of ours in a view: who may read it would need EXECUTE as well.

create view pgsched.all_jobs as
select j.id, t.name as task, j.version, coalesce(j.topic, l.topic, t.contract ->> 'topic', t.name) as topic,
       (case when j.fence is null then 'pending' else 'running' end)::pgsched.job_status as status,
       j.priority, j.key, j.args, j.headers, null::jsonb as result, null::jsonb as error, j.failures,
       j.attempt, j.rescues, j.created_at, coalesce(j.due_at, j.run_at) as due_at, j.run_at, j.claimed_at,
       null::timestamptz as ended_at
  from pgsched.job j
  left join pgsched.lane l on l.lane = j.lane
  left join pgsched.task t on t.task = j.task
union all
select a.id, t.name, a.version, coalesce(a.topic, l.topic, t.contract ->> 'topic', t.name), a.status,
       a.priority, a.key, a.args, a.headers, a.result, a.error, a.failures,
       a.attempt, a.rescues, a.created_at, coalesce(a.due_at, a.run_at), a.run_at, a.claimed_at, a.ended_at
  from pgsched.job_archive a
  left join pgsched.lane l on l.lane = a.lane
  left join pgsched.task t on t.task = a.task;

create view pgsched.running_jobs as
select j.id, t.name as task, coalesce(j.topic, l.topic, t.contract ->> 'topic', t.name) as topic, j.attempt, j.priority, j.key, j.args,
       j.claimed_at, j.deadline, j.cancel_requested, nullif(j.instance, 0) as instance, w.host, w.pid, w.beat_at,
       p.fraction, p.data as progress
  from pgsched.job j
  left join pgsched.lane l on l.lane = j.lane
  left join pgsched.task t on t.task = j.task
  left join pgsched.worker w on w.instance = j.instance
  left join pgsched.job_progress p on p.id = j.id and p.fence = j.fence
 where j.instance is not null;

create view pgsched.expired_jobs as
select * from pgsched.all_jobs a where a.status = 'expired';

create view pgsched.queue_stats as
select t.name as task, coalesce(j.topic, l.topic, t.contract ->> 'topic', t.name) as topic, j.priority,
       count(*) filter (where j.fence is null and j.run_at <= clock_timestamp()) as due,
       count(*) filter (where j.fence is null and j.run_at > clock_timestamp()) as scheduled,
       count(*) filter (where j.fence is not null) as running,
       min(j.run_at) filter (where j.fence is null and j.run_at <= clock_timestamp()) as oldest_due
  from pgsched.job j
  left join pgsched.lane l on l.lane = j.lane
  left join pgsched.task t on t.task = j.task
 group by 1, 2, 3;

comment on schema pgsched is 'Background jobs: the functions without a leading _ and the views are for all to use, the rest is pgsched''s own.';
comment on view pgsched.all_jobs is 'Every job: pending, running, and ended until retention drops it.';
comment on view pgsched.running_jobs is 'Claimed jobs with who holds them, until when (SQL consumers), and how far they have come.';
comment on view pgsched.expired_jobs is 'Jobs that were not started within their startWithin.';
comment on view pgsched.queue_stats is 'How many jobs wait and run, by task, topic and priority. Counts the rows: on a long queue it takes its time.';

-- Nothing is for everybody: grant EXECUTE on what a role may do, SELECT on what it may see.
do $$
declare
  _function record;
begin
  for _function in
    select p.oid::regprocedure as signature from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = :'schema'
  loop
    execute format('revoke execute on function %s from public', _function.signature);
  end loop;
end
$$;
