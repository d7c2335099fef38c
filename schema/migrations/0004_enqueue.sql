-- How jobs come to be.

-- Makes the rows of tasks and lanes that are missing, and answers each name's number. Changes nothing that is there,
-- but gives a task its contract that has none. _renamed and _formers: names, and what each was before; whoever comes first under
-- either name makes it a name of the same task. Runs in a transaction of its caller's own, never in a user's: whoever
-- else uses a new lane would wait for that.
create function pgsched._declare(
  _names text[], _versions smallint[], _topics text[], _priorities smallint[], _contracts text[],
  _renamed text[] default '{}', _formers text[] default '{}'
) returns table (name text, task integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pgsched.task_name (name, task)
  select distinct on (r.name) r.name, n.task
    from unnest(_renamed, _formers) with ordinality as r(name, former, place)
    join pgsched.task_name n on n.name = r.former
   where not exists (select from pgsched.task_name x where x.name = r.name)
   order by r.name, r.place
  on conflict do nothing;

  insert into pgsched.task (name, contract)
  select i.name, i.contract::jsonb
    from unnest(_names, _contracts) as i(name, contract)
   where not exists (select from pgsched.task_name n where n.name = i.name)
   order by i.name
  on conflict do nothing;

  insert into pgsched.task_name (name, task)
  select t.name, t.task
    from pgsched.task t
   where t.name = any(_names) and not exists (select from pgsched.task_name n where n.name = t.name)
   order by t.name
  on conflict do nothing;

  insert into pgsched.task_name (name, task)
  select r.former, n.task
    from unnest(_renamed, _formers) as r(name, former)
    join pgsched.task_name n on n.name = r.name
   where not exists (select from pgsched.task_name x where x.name = r.former)
   order by r.former
  on conflict do nothing;

  update pgsched.task t set contract = i.contract::jsonb
    from unnest(_names, _contracts) as i(name, contract)
    join pgsched.task_name n on n.name = i.name
   where t.task = n.task and t.contract is null and i.contract is not null;

  perform pgsched._declare_lanes(array_agg(n.task), array_agg(i.version), array_agg(i.topic), array_agg(i.priority))
     from unnest(_names, _versions, _topics, _priorities) as i(name, version, topic, priority)
     join pgsched.task_name n on n.name = i.name;

  return query select n.name, n.task from pgsched.task_name n where n.name = any(_names || _formers);
end
$$;

-- A task has about 64 lanes for topics, as many as callers that declare at the same time leave; the topics beyond share its
-- lane '*'.
create function pgsched._declare_lanes(
  _tasks integer[], _versions smallint[], _topics text[], _priorities smallint[]
) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into pgsched.lane (task, version, topic, level)
  select distinct m.task, m.version,
         case when m.place + (select count(*) from pgsched.lane l where l.task = m.task) <= 64 then m.topic else '*' end,
         m.level
    from (
      select i.task, i.version, i.topic, pgsched._level(i.priority) as level,
             row_number() over (partition by i.task order by min(i.place)) as place
        from unnest(_tasks, _versions, _topics, _priorities) with ordinality as i(task, version, topic, priority, place)
       where not exists (
         select from pgsched.lane l
          where l.task = i.task and l.version = i.version and l.topic in (i.topic, '*') and l.level = pgsched._level(i.priority))
       group by 1, 2, 3, 4
    ) m
   order by 1, 2, 3, 4
  on conflict do nothing
$$;

-- A job's topic: its own, else its lane's, else its task's.
create function pgsched._topic_of(_lane integer, _task integer, _topic text) returns text
language sql stable
as $$
  select coalesce(
    _topic,
    (select l.topic from pgsched.lane l where l.lane = _lane),
    (select coalesce(t.contract ->> 'topic', t.name) from pgsched.task t where t.task = _task),
    'unknown')
$$;

create function pgsched._status_of(_job bigint) returns pgsched.job_status
language sql stable
as $$
  select case when j.fence is null then 'pending' else 'running' end::pgsched.job_status
    from pgsched.job j where j.id = _job
  union all
  select a.status from pgsched.job_archive a where a.id = _job
$$;

-- Inserts jobs. Answers only what was not simply created: existing (another job holds the key, and this is it), replaced
-- (it held the key, was pending, and is the new job now), or duplicate, for every conflict that its job does not allow;
-- then nothing of the call was inserted. Conflicts never raise, so that they cannot abort a caller's transaction.
-- _kinds: for each job, which of the kinds it is of (from 1), that is which of the elements of _tasks to _conflicts; null: all
-- are of the first. What no job has may be null instead of an array. _topics: the tasks' own, _routes: the call's or null.
-- _conflicts: raise, ignore or replace. Of a key repeated in one call the first counts, for replace the last.
-- Keys are locked in order of (task, key), replaced jobs in order of id.
-- _repeat: the outcome of an earlier, equal call is unknown; what it inserted, even if it has ended since, is not inserted again.
-- Nor by that earlier call, if the server comes to it only after this one: nobody hears its answer any more.
-- _wakes: tasks of jobs that the caller has committed before, whose workers are to be woken.
-- No jit, here and wherever a scan is disabled: before PostgreSQL 18 a scan that cannot be avoided then costs so much that the plan is
-- compiled, for a second, while keys are held.
create function pgsched._enqueue(
  _ids bigint[], _nonce integer, _kinds integer[],
  _tasks integer[], _versions smallint[], _topics text[], _routes text[], _priorities smallint[], _start_withins bigint[],
  _awaited bigint[], _histories boolean[], _conflicts text[],
  _args text[], _run_ats timestamptz[], _delays bigint[], _headers text[], _keys text[], _key_wait integer, _repeat boolean,
  _wakes integer[] default null
) returns table (place integer, job bigint, nonce integer, outcome text, status pgsched.job_status)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  _clock timestamptz;
  _job_tasks integer[];
  _job_histories boolean[];
  _job_conflicts text[];
  _holders bigint[];
  _their_nonces integer[];
  _gone boolean;
  _lanes integer[];
  _own_topics text[];
begin
  -- The transaction's number is drawn before the clock is read: what remembers a place in a lane relies on that order.
  perform pg_current_xact_id();
  _clock := clock_timestamp();
  if _wakes is not null then
    perform pgsched._wake(_wakes);
  end if;

  if _repeat then
    insert into pgsched.repeated_insert (id, at) select i, _clock from unnest(_ids) i on conflict do nothing;
  elsif pgsched._repeated(_ids) then
    return;
  end if;

  if _keys is not null then
    if _key_wait is not null then
      perform set_config('lock_timeout', _key_wait::text, true);
    end if;
    select array_agg(_tasks[k.kind] order by k.place), array_agg(_histories[k.kind] order by k.place),
           array_agg(_conflicts[k.kind] order by k.place)
      into _job_tasks, _job_histories, _job_conflicts
      from (
        select i.place, coalesce(i.kind, 1) as kind
          from unnest(_ids, _kinds) with ordinality as i(id, kind, place)) k;
    loop
      delete from pgsched.job_key k
       using unnest(_job_tasks, _keys) as i(task, key)
       where k.task = any (array[i.task]) and k.key = any (array[i.key]) and k.free_at <= _clock;

      insert into pgsched.job_key (task, key, job, nonce, history)
      select i.task, i.key, i.id, _nonce, i.history
        from unnest(_job_tasks, _keys, _ids, _job_histories, _job_conflicts) with ordinality
             as i(task, key, id, history, conflict, place)
       where i.key is not null
         and not (_repeat and exists (select from pgsched.job_archive a where a.id = any (array[i.id])))
       order by i.task, i.key, case when i.conflict = 'replace' then -i.place else i.place end
      on conflict do nothing;

      select array_agg(case when _repeat and a.id is not null then i.id else k.job end order by i.place),
             array_agg(k.nonce order by i.place),
             bool_or(i.key is not null and k.job is null and not (_repeat and a.id is not null))
        into _holders, _their_nonces, _gone
        from unnest(_job_tasks, _keys, _ids) with ordinality as i(task, key, id, place)
        -- To a transaction with an older snapshot a key may have two holders: the one that it still sees, and its own.
        left join lateral (
          select x.job, x.nonce from pgsched.job_key x
           where x.task = i.task and x.key = i.key order by x.job <> i.id limit 1) k on true
        left join lateral (select x.id from pgsched.job_archive x where _repeat and x.id = i.id limit 1) a on true;
      if not _gone and 'replace' = any(_conflicts) then
        -- Who is to be replaced may end while its row is waited for.
        perform from pgsched.job j
          where j.id = any (array(select i.holder from unnest(_holders, _job_conflicts) as i(holder, conflict) where i.conflict = 'replace'))
          order by j.id
            for update;
        _gone := exists (
          select from unnest(_job_tasks, _keys, _holders, _job_conflicts) as i(task, key, holder, conflict)
           where i.conflict = 'replace' and i.holder <> all (_ids)
             and not exists (select from pgsched.job_key k where k.task = any (array[i.task]) and k.key = any (array[i.key]) and k.job = i.holder));
      end if;
      -- A holder that was there a moment ago and is gone: its key is free now.
      exit when not _gone;
    end loop;

    if exists (select from unnest(_ids, _holders) as i(id, holder) where i.holder <> i.id) then
      return query
        select c.place, c.job, c.nonce, c.outcome, c.status
          from pgsched._resolve_conflicts(_ids, _holders, _their_nonces, _job_conflicts) c;
      if exists (select from pgsched._refused(_ids, _holders, _job_conflicts)) then
        delete from pgsched.job_key k
         using unnest(_job_tasks, _keys, _ids) as i(task, key, id)
         where k.task = any (array[i.task]) and k.key = any (array[i.key]) and k.job = i.id;
        return;
      end if;
      if 'replace' = any(_conflicts) then
        perform pgsched._replace(_clock, _ids, _kinds, _tasks, _versions, _topics, _routes, _priorities, _start_withins,
          _awaited, _args, _run_ats, _delays, _headers, _holders, _job_conflicts);
      end if;
    end if;
  end if;

  select array_agg(coalesce(p.lane, 0) order by k.kind), array_agg(p.topic order by k.kind)
    into _lanes, _own_topics
    from unnest(_tasks, _versions, _topics, _routes, _priorities) with ordinality
         as k(task, version, topic, route, priority, kind)
   cross join lateral pgsched._place(k.task, k.version, k.topic, k.route, k.priority) p;

  -- Elements instead of a join: with as many kinds as jobs the planner would compare each with each.
  insert into pgsched.job (
    id, nonce, run_at, due_at, created_at, awaited_until, lane, task, version, priority, topic, start_within, key, args, headers)
  select i.id, _nonce, greatest(i.run_at, _clock + i.delay * interval '1 ms', _clock), case when i.run_at < _clock then i.run_at end,
         _clock, _clock + _awaited[i.kind] * interval '1 ms', _lanes[i.kind], _tasks[i.kind], _versions[i.kind],
         _priorities[i.kind], _own_topics[i.kind], _start_withins[i.kind], i.key, i.args::jsonb, i.headers::jsonb
    from (
      select j.id, coalesce(j.kind, 1) as kind, j.args, j.run_at, j.delay, j.headers, j.key, j.holder
        from unnest(_ids, _kinds, _args, _run_ats, _delays, _headers, _keys, _holders)
             as j(id, kind, args, run_at, delay, headers, key, holder)) i
   where (i.key is null or i.holder = i.id)
     and not (_repeat and (
           exists (select from pgsched.job o where o.id = any (array[i.id])) or exists (select from pgsched.job_archive a where a.id = any (array[i.id]))));

  if _repeat or pgsched._repeated(_ids) then
    -- A job of the other call may have ended while this one waited for its row: what was inserted again goes again.
    delete from pgsched.job j
     where j.id = any(_ids) and j.created_at = _clock and exists (select from pgsched.job_archive a where a.id = j.id);
    delete from pgsched.job_key k
     using pgsched.job_archive a
     where a.id = any(_ids) and k.task = any (array[a.task]) and k.key = any (array[a.key]) and k.job = a.id and not k.history;
    update pgsched.job_key k set free_at = a.purge_at
      from pgsched.job_archive a
     where a.id = any(_ids) and k.task = any (array[a.task]) and k.key = any (array[a.key]) and k.job = a.id and k.free_at is null;
  end if;

  if pgsched._listened() then
    perform pgsched._emit('enqueued', array_agg(j.id), array_agg(j.task), array_agg(0))
       from pgsched.job j where j.id = any(_ids) and j.created_at = _clock;
  end if;
end
$$;

-- Whether the insert of any of these jobs was repeated, as the statement sees it that asks. Nearly always there are none at all, which
-- costs nothing to see.
create function pgsched._repeated(_ids bigint[]) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from pgsched.repeated_insert)
     and exists (select from pgsched.repeated_insert r where r.id = any(_ids));
end
$$;

-- An instant or a delay as a place in the queue, and what was asked for where that has passed already. One row; a table, because
-- only such functions are inlined.
create function pgsched._when(_clock timestamptz, _run_at timestamptz, _delay bigint)
returns table (run_at timestamptz, due_at timestamptz)
language sql stable
as $$
  select greatest(coalesce(_run_at, _clock + _delay * interval '1 ms', _clock), _clock),
         case when _run_at < _clock then _run_at end
$$;

-- The lane of a job, and its topic where the lane does not say it. One row, as _when. Index: unique (task, version, topic, level).
create function pgsched._place(_task integer, _version smallint, _topic text, _route text, _priority smallint)
returns table (lane integer, topic text)
language sql stable
as $$
  select x.lane, case when x.own then null when x.lane is null and _route is null then null else coalesce(_route, _topic) end
    from (select) one
    left join lateral (
      select l.lane, l.topic <> '*' as own
        from pgsched.lane l
       where l.task = _task and l.version = _version and l.topic in (coalesce(_route, _topic), '*')
         and l.level = pgsched._level(_priority)
       order by l.topic = '*'
       limit 1) x on true
$$;

-- The holders of keys that this call may neither share nor replace.
create function pgsched._refused(_ids bigint[], _holders bigint[], _conflicts text[]) returns table (job bigint)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select distinct i.holder
    from unnest(_ids, _holders, _conflicts) as i(id, holder, conflict)
   where i.holder <> i.id
     and (i.conflict = 'raise'
          or i.conflict = 'replace' and i.holder <> all (_ids)
             and not exists (select from pgsched.job j where j.id = any (array[i.holder]) and j.fence is null))
$$;

-- What each conflict of a call comes to. By the holders as they were found: they may have ended since, and their keys be free.
create function pgsched._resolve_conflicts(
  _ids bigint[], _holders bigint[], _their_nonces integer[], _conflicts text[]
) returns table (place integer, job bigint, nonce integer, outcome text, status pgsched.job_status)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select i.place::integer, i.holder, i.nonce,
         case
           when r.job is not null then 'duplicate'
           when i.conflict = 'replace' and i.holder <> all (_ids) then 'replaced'
           else 'existing'
         end,
         pgsched._status_of(i.holder)
    from unnest(_ids, _holders, _their_nonces, _conflicts) with ordinality as i(id, holder, nonce, conflict, place)
    left join pgsched._refused(_ids, _holders, _conflicts) r(job) on r.job = i.holder
   where i.holder <> i.id
$$;

-- The pending holders of keys become the new jobs: same id, everything else anew. Their rows are locked already.
create function pgsched._replace(
  _clock timestamptz, _ids bigint[], _kinds integer[], _tasks integer[], _versions smallint[], _topics text[], _routes text[],
  _priorities smallint[], _start_withins bigint[], _awaited bigint[], _args text[], _run_ats timestamptz[], _delays bigint[],
  _headers text[], _holders bigint[], _job_conflicts text[]
) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  update pgsched.job j
     set run_at = w.run_at, due_at = w.due_at, version = k.version, priority = k.priority, lane = coalesce(p.lane, 0),
         topic = p.topic, args = n.args::jsonb, headers = n.headers::jsonb, start_within = k.start_within,
         awaited_until = greatest(j.awaited_until, _clock + k.awaited * interval '1 ms'),
         attempt = 0, rescues = 0, suspect = false, started = false, failures = null
    from (
      -- The last of a key repeated in one call.
      select distinct on (i.holder) i.*
        from unnest(_ids, _kinds, _args, _run_ats, _delays, _headers, _holders, _job_conflicts) with ordinality
             as i(id, kind, args, run_at, delay, headers, holder, conflict, place)
       where i.conflict = 'replace' and i.holder <> i.id and i.holder <> all (_ids)
       order by i.holder, i.place desc
    ) n
    join unnest(_tasks, _versions, _topics, _routes, _priorities, _start_withins, _awaited) with ordinality
         as k(task, version, topic, route, priority, start_within, awaited, kind) on k.kind = coalesce(n.kind, 1)
   cross join lateral pgsched._when(_clock, n.run_at, n.delay) w
   cross join lateral pgsched._place(k.task, k.version, k.topic, k.route, k.priority) p
   where j.id = any (array[n.holder])
$$;
