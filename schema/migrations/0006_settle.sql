-- How runs end.

-- Ends runs. Each input is (job, fence) and an outcome: completed, failed, cancelled, expired (the job ends), or retry,
-- snooze, interrupt, release (it is pending again; all but retry give the attempt back, the last two keep its place,
-- and release says that it had not started).
-- _values: the result's JSON of a completed job, the error's JSON of a failed or retried one. _delays: milliseconds, else the policy decides.
-- Answers only what went otherwise: lost (no longer this run's), busy (locked by somebody, try again), cancelled
-- (a cancel came first). A settle that already happened, whose answer was lost, is no exception: the archive keeps the fence.
-- What ended otherwise under that fence, by a rescue or at its deadline, is lost.
-- Locks the jobs in order of id, past those that others hold. Index: primary key.
create function pgsched._settle(
  _ids bigint[], _fences bigint[], _outcomes text[], _values text[], _delays bigint[], _policies text[], _retains bigint[]
) returns table (job bigint, exception text)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  _clock timestamptz := clock_timestamp();
  _ended bigint[];
  _awaited bigint[];
  _held bigint[];
  _cancelled bigint[];
  _retried bigint[];
  _rewound integer[];
begin
  -- A job that comes back earlier than now must not be overlooked: as in _enqueue.
  perform pg_current_xact_id();
  with input as materialized (
    select * from unnest(_ids, _fences, _outcomes, _values, _delays, _policies, _retains)
      as i(id, fence, outcome, value, delay, policy, retain)
  ), held as materialized (
    select j.id, j.ctid as spot,
           case when j.cancel_requested then 'cancelled' else i.outcome end as outcome,
           i.value, i.delay, i.policy,
           case when j.cancel_requested then pgsched._retention('cancelled') else i.retain end as retain,
           j.cancel_requested and i.outcome <> 'cancelled' as overruled
      from input i
      join pgsched.job j on j.id = i.id and j.fence = i.fence
     order by j.id
       for update of j skip locked
  ), ended as (
    delete from pgsched.job j
     using held h
     where j.ctid = h.spot and h.outcome in ('completed', 'failed', 'cancelled', 'expired')
    returning j.*, h.outcome, h.value, h.retain, h.overruled
  ), archived as (
    insert into pgsched.job_archive (
      id, purge_at, ended_at, created_at, run_at, due_at, claimed_at, fence, nonce, lane, task, status, version, priority,
      attempt, rescues, topic, key, args, headers, result, error, failures)
    select e.id, greatest(_clock + e.retain * interval '1 ms', e.awaited_until), _clock, e.created_at, e.run_at, e.due_at,
           e.claimed_at, e.fence, e.nonce, e.lane, e.task, e.outcome::pgsched.job_status, e.version, e.priority,
           -- An expired job had no run.
           e.attempt - (e.outcome = 'expired')::int, e.rescues, e.topic, e.key,
           case when e.outcome <> 'completed' then e.args end, e.headers,
           case when e.outcome = 'completed' then e.value::jsonb end,
           case when e.outcome = 'failed' then e.value::jsonb end,
           e.failures
      from ended e
  ), freed as (
    delete from pgsched.job_key k
     using ended e
     where e.key is not null and k.task = e.task and k.key = e.key and k.job = e.id and not k.history
  ), kept as (
    update pgsched.job_key k
       set free_at = greatest(_clock + e.retain * interval '1 ms', e.awaited_until)
      from ended e
     where e.key is not null and k.task = e.task and k.key = e.key and k.job = e.id and k.history
  ), returned as (
    update pgsched.job j
       set fence = null, instance = null, claimed_at = null, deadline = null, start_recorded = false,
           started = j.started or h.outcome <> 'release',
           attempt = case when h.outcome = 'retry' then j.attempt else j.attempt - 1 end,
           due_at = case when h.outcome in ('release', 'interrupt') then j.due_at else coalesce(j.due_at, j.run_at) end,
           run_at = case when h.outcome in ('release', 'interrupt') then j.run_at
                         else _clock + coalesce(h.delay, pgsched._backoff(h.policy::jsonb, j.attempt, random())) * interval '1 ms' end,
           failures = case when h.outcome = 'retry'
             then pgsched._add_failure(j.failures, h.value::jsonb, j.attempt, _clock) else j.failures end
      from held h
     where j.ctid = h.spot and h.outcome in ('retry', 'snooze', 'interrupt', 'release')
    returning j.id, j.lane, h.outcome
  )
  -- What was affected counts, not what was locked: a row that changed since the statement began is locked in its
  -- new version, which this statement's snapshot cannot touch. It is busy, and settled by the next call.
  select array(select e.id from ended e),
         array(select e.id from ended e where e.awaited_until is not null),
         array(select e.id from ended e union all select r.id from returned r),
         array(select e.id from ended e where e.overruled),
         array(select r.id from returned r where r.outcome = 'retry'),
         array(select distinct r.lane from returned r where r.outcome in ('release', 'interrupt'))
    into _ended, _awaited, _held, _cancelled, _retried, _rewound;

  if cardinality(_rewound) > 0 then
    perform pgsched._rewind(_rewound);
  end if;
  if cardinality(_awaited) > 0 then
    perform pgsched._announce(_awaited);
  end if;
  if pgsched._listened() then
    perform pgsched._emit_ended(_ended);
    perform pgsched._emit('retried', array_agg(j.id), array_agg(j.task), array_agg(j.attempt))
       from pgsched.job j where j.id = any(_retried);
  end if;
  if cardinality(_cancelled) > 0 then
    return query select c, 'cancelled' from unnest(_cancelled) c;
  end if;
  if cardinality(_held) < cardinality(_ids) then
    return query
      select i.id,
             case when exists (select from pgsched.job j where j.id = i.id and j.fence = i.fence) then 'busy'
                  when a.status = 'cancelled' then 'cancelled' else 'lost' end
        from unnest(_ids, _fences, _outcomes) as i(id, fence, outcome)
        left join lateral (
          select x.status from pgsched.job_archive x where x.id = i.id and x.fence = i.fence limit 1) a on true
       where i.id <> all (_held) and a.status::text is distinct from i.outcome;
  end if;
end
$$;

-- The last 20 failures of a job, each with its run and its instant.
create function pgsched._add_failure(_failures jsonb, _error jsonb, _attempt integer, _at timestamptz) returns jsonb
language sql immutable parallel safe
as $$
  select (case when jsonb_array_length(_failures) >= 20 then _failures - 0 else coalesce(_failures, '[]') end)
         || (_error || jsonb_build_object('attempt', _attempt,
               'at', to_char(_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
$$;

-- Tells how these jobs ended.
create function pgsched._emit_ended(_jobs bigint[]) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select pgsched._emit(e.status::text, array_agg(e.id), array_agg(e.task), array_agg(e.attempt::integer))
    from pgsched.job_archive e
   where e.id = any(_jobs)
   group by e.status
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
    join pgsched.job j on j.id = i.id and j.fence = i.fence
   order by j.id
  on conflict (id) do update
    set fence = excluded.fence, fraction = excluded.fraction, data = excluded.data, at = excluded.at;

  if pgsched._listened() then
    -- Data beyond what a notification can carry is read from the job.
    perform pg_notify(pgsched._channel() || ':events', jsonb_build_array(jsonb_build_object(
              'type', 'progressed', 'id', j.id::text, 'task', t.name, 'attempt', j.attempt, 'fraction', i.fraction,
              'data', case when octet_length(i.data::jsonb::text) < 6000 then i.data::jsonb end,
              'at', floor(extract(epoch from _clock) * 1000)))::text)
       from unnest(_ids, _fences, _fractions, _data) as i(id, fence, fraction, data)
       join pgsched.job j on j.id = i.id and j.fence = i.fence
       join pgsched.task t on t.task = j.task;
  end if;
end
$$;
