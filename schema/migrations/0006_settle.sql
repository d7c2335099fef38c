-- How runs end.

-- Ends runs. Each input is (job, fence) and an outcome: completed, failed, cancelled, expired (the job ends), or retry,
-- snooze, interrupt, release (it is pending again; all but retry give the attempt back, the last two keep its place,
-- and release says that it had not started). Without outcomes all are completed.
-- _values: the result's JSON of a completed job, the error's JSON of a failed or retried one. _delays: milliseconds, else the policy
-- decides. _retains: how long to keep what ends, in milliseconds, 0 not at all, -1 for ever; else the default of its outcome.
-- Answers only what went otherwise: lost (no longer this run's), busy (locked by somebody, try again), cancelled
-- (a cancel came first). A settle that already happened, whose answer was lost, is no exception: the archive keeps the fence.
-- What ended otherwise under that fence, by a rescue or at its deadline, is lost.
-- Locks the jobs in order of id. Those that others hold are passed by, as busy; or it waits for each of them for up to _wait
-- milliseconds, and then fails as a whole (55P03): that is cheaper while nobody holds any, because no row is written to be locked.
-- Index: primary key. Rows are looked up by = any (array[…]), here and wherever a list is joined with jobs or keys: only an index
-- condition serves that. By = the planner would read a whole index in its order for each of them, once statistics say that the table is
-- empty; and it is nearly empty, with a million dead rows, when a queue is drained while somebody's snapshot keeps vacuum away.
create function pgsched._settle(
  _ids bigint[], _fences bigint[], _outcomes text[], _values text[], _delays bigint[], _policies text[], _retains bigint[],
  _wait integer default null
) returns table (job bigint, exception text)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  _clock timestamptz;
  _free bigint[];
  _ended bigint[];
  _statuses text[];
  _tasks integer[];
  _attempts integer[];
  _returned bigint[];
  _awaited bigint[];
  _held bigint[];
  _cancelled bigint[];
  _retried bigint[];
  _rewound integer[];
begin
  -- A job that comes back earlier than now must not be overlooked: as in _enqueue.
  perform pg_current_xact_id();
  _clock := clock_timestamp();
  if _wait is null then
    _free := array(
      select j.id
        from unnest(_ids, _fences) as i(id, fence)
        join pgsched.job j on j.id = any (array[i.id]) and j.fence = i.fence
       order by i.id
         for update of j skip locked);
  else
    perform set_config('lock_timeout', _wait::text, true);
  end if;

  with input as materialized (
    select i.id, i.fence, coalesce(i.outcome, 'completed') as outcome, i.value, i.delay, i.policy, i.retain
      from unnest(_ids, _fences, _outcomes, _values, _delays, _policies, _retains)
           as i(id, fence, outcome, value, delay, policy, retain)
     where _wait is not null or i.id = any(_free)
     order by i.id
  ), deleted as (
    delete from pgsched.job j
     using input i
     where j.id = any (array[i.id]) and j.fence = i.fence
       and (j.cancel_requested or i.outcome in ('completed', 'failed', 'cancelled', 'expired'))
    returning j.id, j.created_at, j.run_at, j.due_at, j.claimed_at, j.fence, j.nonce, j.lane, j.task, j.version, j.priority,
              j.attempt, j.rescues, j.topic, j.key, j.headers, j.failures, j.awaited_until, i.value,
              case when j.cancel_requested or i.outcome <> 'completed' then j.args end as args,
              case when j.cancel_requested then 'cancelled' else i.outcome end as outcome,
              j.cancel_requested and i.outcome <> 'cancelled' as overruled,
              case when j.cancel_requested then pgsched._retention_of(j.task, 'cancelled')
                   else coalesce(i.retain, pgsched._retention(i.outcome)) end as retain
  ), ended as (
    -- Of a column, not of what the column is made of: else the function is not inlined, and is planned for each row.
    select d.*, pgsched._purge_at(_clock, d.retain, d.awaited_until) as purge_at from deleted d
  ), archived as (
    insert into pgsched.job_archive (
      id, purge_at, ended_at, created_at, run_at, due_at, claimed_at, fence, nonce, lane, task, status, version, priority,
      attempt, rescues, topic, key, args, headers, result, error, failures)
    select e.id, e.purge_at, _clock, e.created_at, e.run_at, e.due_at,
           e.claimed_at, e.fence, e.nonce, e.lane, e.task, e.outcome::pgsched.job_status, e.version, e.priority,
           -- An expired job had no run.
           e.attempt - (e.outcome = 'expired')::int, e.rescues, e.topic, e.key, e.args, e.headers,
           case when e.outcome = 'completed' then e.value::jsonb end,
           case when e.outcome = 'failed' then e.value::jsonb end,
           e.failures
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
       set fence = null, instance = null, claimed_at = null, deadline = null, start_recorded = false,
           started = j.started or i.outcome <> 'release',
           attempt = case when i.outcome = 'retry' then j.attempt else j.attempt - 1 end,
           due_at = case when i.outcome in ('release', 'interrupt') then j.due_at else coalesce(j.due_at, j.run_at) end,
           run_at = case when i.outcome in ('release', 'interrupt') then j.run_at
                         else _clock + coalesce(i.delay, pgsched._backoff(i.policy::jsonb, j.attempt, random())) * interval '1 ms' end,
           failures = case when i.outcome = 'retry'
             then pgsched._add_failure(j.failures, i.value::jsonb, j.attempt, _clock) else j.failures end
      from input i
     where i.outcome in ('retry', 'snooze', 'interrupt', 'release')
       and j.id = any (array[i.id]) and j.fence = i.fence and not j.cancel_requested
    returning j.id, j.lane, i.outcome
  )
  -- What was affected counts, not what was found: a row that has changed since the statement began may be neither. It is
  -- busy, and settled by the next call.
  select e.ids, e.outcomes, e.tasks, e.attempts, e.awaited, e.overruled, r.ids, r.retried, r.lanes
    into _ended, _statuses, _tasks, _attempts, _awaited, _cancelled, _returned, _retried, _rewound
    from (select array_agg(e.id) as ids, array_agg(e.outcome) as outcomes, array_agg(e.task) as tasks,
                 array_agg(e.attempt - (e.outcome = 'expired')::int) as attempts, array_agg(e.id) filter (where e.awaited_until is not null) as awaited,
                 array_agg(e.id) filter (where e.overruled) as overruled
            from ended e) e,
         (select array_agg(r.id) as ids, array_agg(r.id) filter (where r.outcome = 'retry') as retried,
                 array_agg(distinct r.lane) filter (where r.outcome in ('release', 'interrupt')) as lanes
            from returned r) r;
  _held := coalesce(_ended || _returned, _ended, _returned, '{}');

  if cardinality(_rewound) > 0 then
    perform pgsched._rewind(_rewound);
  end if;
  if cardinality(_awaited) > 0 then
    perform pgsched._announce(_awaited);
  end if;
  if pgsched._listened() then
    perform pgsched._emit_ended(_statuses, _ended, _tasks, _attempts);
    perform pgsched._emit('retried', array_agg(j.id), array_agg(j.task), array_agg(j.attempt))
       from pgsched.job j where j.id = any(_retried);
  end if;
  if cardinality(_cancelled) > 0 then
    return query select c, 'cancelled' from unnest(_cancelled) c;
  end if;
  if cardinality(_held) < cardinality(_ids) then
    return query
      select i.id,
             case when exists (select from pgsched.job j where j.id = any (array[i.id]) and j.fence = i.fence) then 'busy'
                  when a.status = 'cancelled' then 'cancelled' else 'lost' end
        from unnest(_ids, _fences, _outcomes) as i(id, fence, outcome)
        left join lateral (
          select x.status from pgsched.job_archive x where x.id = i.id and x.fence = i.fence limit 1) a on true
       where i.id <> all (_held) and a.status::text is distinct from coalesce(i.outcome, 'completed');
  end if;
end
$$;

-- The last 20 failures of a job, each with its run and its instant.
create function pgsched._add_failure(_failures jsonb, _error jsonb, _attempt integer, _at timestamptz) returns jsonb
language sql stable parallel safe
as $$
  select (case when jsonb_array_length(_failures) >= 20 then _failures - 0 else coalesce(_failures, '[]') end)
         || (_error || jsonb_build_object('attempt', _attempt,
               'at', to_char(_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
$$;

-- How far runs have come. Fenced: a run that is no longer the job's says nothing.
create function pgsched._progress(_ids bigint[], _fences bigint[], _fractions real[], _data text[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _clock timestamptz := clock_timestamp();
begin
  -- What may be lost need not wait for the disk.
  perform set_config('synchronous_commit', 'off', true);
  insert into pgsched.job_progress as p (id, fence, fraction, data, at)
  select j.id, i.fence, i.fraction, i.data::jsonb, _clock
    from unnest(_ids, _fences, _fractions, _data) as i(id, fence, fraction, data)
    join pgsched.job j on j.id = any (array[i.id]) and j.fence = i.fence
   order by i.id
  on conflict (id) do update
    set fence = excluded.fence, fraction = excluded.fraction, data = excluded.data, at = excluded.at;

  if pgsched._listened() then
    -- Data beyond what a notification can carry is read from the job.
    perform pg_notify(pgsched._channel() || ':events', jsonb_build_array(jsonb_build_object(
              'type', 'progressed', 'id', j.id::text, 'task', t.name, 'attempt', j.attempt, 'fraction', i.fraction,
              'data', case when octet_length(i.data::jsonb::text) < 6000 then i.data::jsonb end,
              'at', floor(extract(epoch from _clock) * 1000)))::text)
       from unnest(_ids, _fences, _fractions, _data) as i(id, fence, fraction, data)
       join pgsched.job j on j.id = any (array[i.id]) and j.fence = i.fence
       join pgsched.task t on t.task = j.task;
  end if;
end
$$;
