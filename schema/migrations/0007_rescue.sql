-- What happens when those who hold jobs are gone.

-- Gives back the jobs of workers that have no row. A job that was only claimed loses nothing but becomes suspect;
-- one whose start was recorded has killed a worker: that counts, and at the task's maxRescues it fails.
-- _retain: milliseconds to keep what has failed; null: as its task says.
-- In order of id, past locked rows, at most _limit. Index: job_running, hopping from instance to instance.
create function pgsched._rescue(
  _limit integer, _tasks integer[], _max_rescues smallint[], _retain bigint, _error text,
  out rescued bigint, out failed integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  _clock timestamptz := clock_timestamp();
  _dead bigint[];
  _ended bigint[];
  _statuses text[];
  _ended_tasks integer[];
  _attempts integer[];
  _awaited bigint[];
  _rewound integer[];
begin
  rescued := 0;
  failed := 0;
  with recursive holder as (
    (select j.instance from pgsched.job j where j.instance is not null order by j.instance limit 1)
    union all
    select (select j.instance from pgsched.job j where j.instance > h.instance order by j.instance limit 1)
      from holder h
     where h.instance is not null
  )
  select array_agg(h.instance) into _dead
    from holder h
   -- Instance 0 is SQL's: its jobs have deadlines.
   where h.instance <> 0 and not exists (select from pgsched.worker w where w.instance = h.instance);
  if _dead is null then
    return;
  end if;

  with lost as materialized (
    select l.id, l.spot, l.start_recorded and l.rescues + 1 >= coalesce(m.max_rescues, 3) as poison, l.cancel_requested
      from unnest(_dead) as d(instance)
     cross join lateral (
       select j.id, j.ctid as spot, j.task, j.start_recorded, j.rescues, j.cancel_requested
         from pgsched.job j
        where j.instance = d.instance
        order by j.id
        limit _limit
          for update skip locked) l
      left join unnest(_tasks, _max_rescues) as m(task, max_rescues) on m.task = l.task
     limit _limit
  ), ended as (
    delete from pgsched.job j
     where j.ctid = any (array(select l.spot from lost l where l.poison or l.cancel_requested))
    returning j.*, case when j.cancel_requested then 'cancelled' else 'failed' end as status,
              pgsched._purge_at(
                _clock,
                case when j.cancel_requested then pgsched._retention_of(j.task, 'cancelled')
                     else coalesce(_retain, pgsched._retention_of(j.task, 'failed')) end,
                j.awaited_until) as purge_at
  ), archived as (
    insert into pgsched.job_archive (
      id, purge_at, ended_at, created_at, run_at, due_at, claimed_at, fence, nonce, lane, task, status, version, priority,
      attempt, rescues, topic, key, args, headers, error, failures)
    select e.id, e.purge_at, _clock, e.created_at, e.run_at, e.due_at,
           e.claimed_at, e.fence, e.nonce, e.lane, e.task, e.status::pgsched.job_status,
           e.version, e.priority, e.attempt, e.rescues + e.start_recorded::int, e.topic, e.key, e.args, e.headers,
           case when not e.cancel_requested then _error::jsonb end, e.failures
      from ended e
     where e.purge_at > _clock
  ), freed as (
    delete from pgsched.job_key k
     using ended e
     where e.key is not null and k.task = any (array[e.task]) and k.key = any (array[e.key]) and k.job = e.id and not k.history
  ), kept as (
    update pgsched.job_key k
       set free_at = e.purge_at
      from ended e
     where e.key is not null and k.task = any (array[e.task]) and k.key = any (array[e.key]) and k.job = e.id and k.history
  ), returned as (
    update pgsched.job j
       set fence = null, instance = null, claimed_at = null, attempt = j.attempt - 1,
           -- Nobody knows whether it had started: it must not expire for having been held by the dead.
           suspect = true, started = true, rescues = j.rescues + j.start_recorded::int, start_recorded = false
     where j.ctid = any (array(select l.spot from lost l where not l.poison and not l.cancel_requested))
    returning j.id, j.lane
  )
  select array_agg(e.id), array_agg(e.status), array_agg(e.task), array_agg(e.attempt::integer),
         array_agg(e.id) filter (where e.awaited_until is not null), count(*)::integer,
         (select count(*) from returned), array(select distinct r.lane from returned r)
    into _ended, _statuses, _ended_tasks, _attempts, _awaited, failed, rescued, _rewound
    from ended e;

  perform pgsched._rewind(_rewound);
  perform pgsched._announce(_awaited);
  if pgsched._listened() then
    perform pgsched._emit_ended(_statuses, _ended, _ended_tasks, _attempts);
  end if;
end
$$;

-- Ends the runs of SQL callers whose deadline has passed, as failed runs: repeated, or failed for good, by their task's
-- contract. The earliest deadlines first. Each once, however many sweep at the same time. Index: job_deadline.
create function pgsched._sweep(_limit integer) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  _clock timestamptz := clock_timestamp();
  _swept integer := 0;
  _job record;
begin
  for _job in
    select j.id, j.fence
      from pgsched.job j
     where j.deadline < _clock
     order by j.deadline, j.id
     limit _limit
       for update skip locked
  loop
    perform pgsched._fail_run(_job.id, _job.fence, jsonb_build_object('name', 'TimedOut', 'code', 'PGS4002',
              'message', 'The run was not acknowledged before its deadline.'), null);
    _swept := _swept + 1;
  end loop;
  return _swept;
end
$$;

-- Ends a run as failed by the contract of its task in the database: retry, failed or cancelled; null: it is not this run's.
-- Waits for who holds the row, a cancel maybe.
create function pgsched._fail_run(_id bigint, _fence bigint, _error jsonb, _run_at timestamptz) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _contract jsonb;
  _outcome text;
  _exception text;
begin
  select t.contract, case when j.attempt >= coalesce((t.contract ->> 'maxAttempts')::integer, 3) then 'failed' else 'retry' end
    into _contract, _outcome
    from pgsched.job j
    join pgsched.task t on t.task = j.task
   where j.id = _id and j.fence = _fence
     for update of j;
  if not found then
    return null;
  end if;
  select s.exception into _exception
    from pgsched._settle(
      array[_id], array[_fence], array[_outcome], array[_error::text],
      array[case when _run_at is not null then
        greatest(0, extract(epoch from _run_at - clock_timestamp()) * 1000)::bigint end],
      array[coalesce(_contract -> 'backoff',
        '{"kind": "exponential", "base": 1000, "factor": 2, "max": 300000, "jitter": 0.1}')::text],
      array[(_contract -> 'retention' ->> 'failed')::bigint]) s;
  return case when _exception is null then _outcome when _exception = 'cancelled' then 'cancelled' end;
end
$$;
