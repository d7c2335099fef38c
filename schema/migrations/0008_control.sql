-- What users do to jobs.

-- Cancels jobs. cancelled: it was waiting and has ended. requested: it runs; cancelled is its only possible end now,
-- and its worker is told. Waits for a claim or settle that holds a row, then looks again. What is over is not answered.
-- _nonces: null where the caller has only the id. _retain: milliseconds to keep what has ended; null: as its task says.
create function pgsched._cancel(_ids bigint[], _nonces integer[], _retain bigint)
returns table (job bigint, outcome text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _clock timestamptz;
  _locked bigint[];
  _ended bigint[];
  _tasks integer[];
  _attempts integer[];
  _awaited bigint[];
  _requested bigint[];
begin
  perform pgsched._ready_archive();
  _locked := array(
    select j.id
      from unnest(_ids, _nonces) as i(id, nonce)
      join pgsched.job j on j.id = any (array[i.id]) and (i.nonce is null or j.nonce = i.nonce)
     order by i.id
       for update of j);
  _clock := clock_timestamp();

  with ended as (
    delete from pgsched.job j
     where j.id = any(_locked) and j.fence is null
    returning j.*, pgsched._purge_at(
                _clock, coalesce(_retain, pgsched._retention_of(j.task, 'cancelled')), j.awaited_until) as purge_at
  ), archived as (
    insert into pgsched.job_archive (
      id, purge_at, ended_at, created_at, run_at, due_at, nonce, lane, task, status, version, priority,
      attempt, rescues, topic, key, args, headers, failures)
    select e.id, e.purge_at, _clock, e.created_at, e.run_at,
           e.due_at, e.nonce, e.lane, e.task, 'cancelled', e.version, e.priority,
           e.attempt, e.rescues, e.topic, e.key, e.args, e.headers, e.failures
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
  ), requested as (
    update pgsched.job j set cancel_requested = true where j.id = any(_locked) and j.fence is not null returning j.id
  )
  select array_agg(e.id), array_agg(e.task), array_agg(e.attempt::integer), array_agg(e.id) filter (where e.awaited_until is not null),
         array(select r.id from requested r)
    into _ended, _tasks, _attempts, _awaited, _requested
    from ended e;

  perform pgsched._announce(_awaited);
  perform pg_notify(pgsched._channel(), 'cancel ' || string_agg(r.id::text, ','))
     from unnest(_requested) with ordinality as r(id, place)
    group by (r.place - 1) / 300;
  if pgsched._listened() then
    perform pgsched._emit('cancelled', _ended, _tasks, _attempts);
  end if;
  return query
    select e, 'cancelled' from unnest(_ended) e union all select r, 'requested' from unnest(_requested) r;
end
$$;

-- Moves pending jobs in time. An instant that has passed means now. Answers the jobs that it moved: neither running nor ended ones.
create function pgsched._reschedule(_ids bigint[], _nonces integer[], _run_at timestamptz, _delay bigint) returns setof bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _clock timestamptz;
begin
  -- As in _enqueue.
  perform pg_current_xact_id();
  _clock := clock_timestamp();
  return query
    with locked as materialized (
      select j.id
        from unnest(_ids, _nonces) as i(id, nonce)
        join pgsched.job j on j.id = any (array[i.id]) and (i.nonce is null or j.nonce = i.nonce)
       where j.fence is null
       order by i.id
         for update of j
    )
    update pgsched.job j
       set run_at = w.run_at, due_at = w.due_at
      from locked l
     cross join lateral pgsched._when(_clock, _run_at, _delay) w
     where j.id = any (array[l.id]) and j.fence is null
    returning j.id;
end
$$;

-- Puts failed, cancelled and expired jobs back to pending: same id and args, attempts from 0, their history kept, due now.
-- Answers each job that it found: redriven, or duplicate where another job holds its key now.
create function pgsched._redrive(_ids bigint[], _nonces integer[]) returns table (job bigint, outcome text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _clock timestamptz;
  _found bigint[];
  _free bigint[];
  _redriven bigint[];
begin
  -- As in _enqueue.
  perform pg_current_xact_id();
  _clock := clock_timestamp();
  _found := array(
    select a.id
      from unnest(_ids, _nonces) as i(id, nonce)
      join pgsched.job_archive a on a.id = any (array[i.id]) and (i.nonce is null or a.nonce = i.nonce)
     where a.status in ('failed', 'cancelled', 'expired')
     order by i.id
       for update of a);

  -- Keys first, in order of (task, key); one that the job itself has kept is its own again, and one whose time is over
  -- is nobody's.
  delete from pgsched.job_key k
   using pgsched.job_archive a
   where a.id = any(_found) and k.task = any (array[a.task]) and k.key = any (array[a.key]) and k.job <> a.id and k.free_at <= _clock;
  insert into pgsched.job_key (task, key, job, nonce, history)
  select a.task, a.key, a.id, a.nonce, coalesce(t.contract ->> 'keyScope' = 'history', false)
    from pgsched.job_archive a
    left join pgsched.task t on t.task = a.task
   where a.id = any(_found) and a.key is not null
     and not exists (select from pgsched.job_key o where o.task = a.task and o.key = a.key)
   order by a.task, a.key, a.id
  on conflict do nothing;
  update pgsched.job_key k set free_at = null
    from pgsched.job_archive a
   where a.id = any(_found) and k.task = any (array[a.task]) and k.key = any (array[a.key]) and k.job = a.id and k.free_at is not null;
  _free := array(
    select a.id
      from pgsched.job_archive a
      left join pgsched.job_key k on k.task = any (array[a.task]) and k.key = any (array[a.key])
     where a.id = any(_found) and (a.key is null or k.job = a.id));

  with back as (
    delete from pgsched.job_archive a where a.id = any(_free) returning a.*
  ), pending as (
    insert into pgsched.job (
      id, nonce, run_at, created_at, lane, task, version, priority, topic, key, args, headers, failures)
    select b.id, b.nonce, _clock, b.created_at, b.lane, b.task, b.version, b.priority, b.topic, b.key,
           b.args, b.headers,
           case when b.error is null then b.failures
                else pgsched._add_failure(b.failures, b.error, b.attempt, b.ended_at) end
      from back b
    returning id
  )
  select array(select p.id from pending p) into _redriven;

  if pgsched._listened() then
    perform pgsched._emit('enqueued', array_agg(j.id), array_agg(j.task), array_agg(0))
       from pgsched.job j where j.id = any(_redriven);
  end if;
  return query
    select f, case when f = any(_redriven) then 'redriven' else 'duplicate' end from unnest(_found) f;
end
$$;

-- Removes ended jobs, and frees the keys that they have kept. Answers how many.
create function pgsched._purge(_ids bigint[]) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _purged integer;
begin
  with purged as (
    delete from pgsched.job_archive a where a.id = any(_ids) returning a.id, a.task, a.key
  ), freed as (
    delete from pgsched.job_key k
     using purged p
     where k.task = any (array[p.task]) and k.key = any (array[p.key]) and k.job = p.id
  )
  select count(*)::integer into _purged from purged;
  return _purged;
end
$$;

-- The next jobs, in order of id, that fit a filter: each part that is null fits all. Of all jobs, or of those in the
-- given statuses; _topic is a regular expression; _before: enqueued before. Walks the primary key and job_archive_id,
-- planned anew for each filter: one plan for all would walk whole tables for a single id.
create function pgsched._find(
  _after bigint, _limit integer, _tasks integer[], _topic text, _statuses pgsched.job_status[], _key text,
  _before timestamptz, _ids bigint[]
) returns setof bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  return query
    select f.id
      from (
        (select j.id
           from pgsched.job j
          where j.id > _after
            and (_statuses is null
                 or (case when j.fence is null then 'pending' else 'running' end)::pgsched.job_status = any(_statuses))
            and (_tasks is null or j.task = any(_tasks))
            and (_topic is null or pgsched._topic_of(j.lane, j.task, j.topic) ~ _topic)
            and (_key is null or j.key = _key)
            and (_before is null or j.created_at < _before)
            and (_ids is null or j.id = any(_ids))
          order by j.id
          limit _limit)
        union all
        (select a.id
           from pgsched.job_archive a
          where a.id > _after
            and (_statuses is null or a.status = any(_statuses))
            and (_tasks is null or a.task = any(_tasks))
            and (_topic is null or pgsched._topic_of(a.lane, a.task, a.topic) ~ _topic)
            and (_key is null or a.key = _key)
            and (_before is null or a.created_at < _before)
            and (_ids is null or a.id = any(_ids))
          order by a.id
          limit _limit)
      ) f
     order by f.id
     limit _limit;
end
$$;

-- Pauses or resumes topics by pattern. What runs goes on; what waits is not claimed.
create function pgsched._pause(_tasks integer[], _pattern text, _paused boolean) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update pgsched.task t set paused = _paused where t.task = any(_tasks) and t.paused <> _paused;
  if _pattern is not null and _paused then
    insert into pgsched.topic (pattern) values (_pattern)
    on conflict (pattern) do update set paused = true;
  elsif _pattern is not null then
    delete from pgsched.topic t where t.pattern = _pattern;
  end if;
  -- Workers give back what they have claimed ahead, or look again.
  perform pg_notify(pgsched._channel(), case when _paused then 'pause' else 'work *' end);
end
$$;
