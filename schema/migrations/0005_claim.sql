-- How workers come to their jobs.

-- Whether a worker with these patterns takes a topic now.
create function pgsched._takes(_topic text, _wanted text[], _paused text[]) returns boolean
language sql immutable parallel safe
as $$ select (_wanted is null or _topic ~ any (_wanted)) and not _topic ~ any (_paused) $$;

-- The first pending jobs of a lane below a priority, one at most. Of the mark's priority it looks from the mark on: below it
-- nothing is pending. Written once and inlined where it is called. Index: job_claim.
create function pgsched._first(
  _lane integer, _shared boolean, _below integer, _mark_priority smallint, _mark_at timestamptz, _mark_id bigint,
  _topics text[], _paused text[]
) returns table (priority smallint, run_at timestamptz, id bigint)
language sql stable
as $$
  select f.priority, f.run_at, f.id
    from (
      (select j.priority, j.run_at, j.id
         from pgsched.job j
        where j.lane = _lane and j.fence is null and not j.blocked
          and j.priority < _below and j.priority > coalesce(_mark_priority, -32769)
          and (not _shared or pgsched._takes(j.topic, _topics, _paused))
        order by j.priority desc, j.run_at, j.id limit 1)
      union all
      (select j.priority, j.run_at, j.id
         from pgsched.job j
        where j.lane = _lane and j.fence is null and not j.blocked
          and j.priority = _mark_priority and _mark_priority < _below and (j.run_at, j.id) >= (_mark_at, _mark_id)
        order by j.priority desc, j.run_at, j.id limit 1)
      union all
      (select j.priority, j.run_at, j.id
         from pgsched.job j
        where j.lane = _lane and j.fence is null and not j.blocked
          and j.priority < least(_below, _mark_priority::integer) and _mark_priority is not null
        order by j.priority desc, j.run_at, j.id limit 1)
    ) f
   limit 1
$$;

-- Gives due jobs of the given tasks and payload versions to a worker, in order of priority, then of the lanes' heads,
-- then of (run_at, id). The first _free are to start at once and may be suspects; the rest are prefetched and may not.
-- _topics: regular expressions of the topics to take, null for all. _alone: tasks that are never prefetched.
-- What is paused is not taken.
-- Rows stream out of the claim index under SKIP LOCKED: none is locked that is not taken. Locks: KEY SHARE on the
-- worker's own row, so that a rescuer that removes it comes before or after a claim, never between.
-- Instance 0 is an SQL caller: its jobs get a deadline by their task's timeout instead.
-- _position: what the worker's last claim has answered, or null: where in each lane it need not look again (_next_position).
-- A worker's last row is no job: next_position, and due_in, the milliseconds until the next pending job of its lanes is due: 0 or less
-- for one that others hold, null for none at all. An SQL caller has no such row.
-- The planner is pinned, because with stale statistics it would scan the table.
create function pgsched._claim(
  _instance bigint, _fence bigint, _tasks integer[], _versions smallint[], _topics text[], _alone integer[],
  _free integer, _limit integer, _durable boolean, _position jsonb default null
) returns table (
  id bigint, task integer, version smallint, attempt smallint, suspect boolean, rescues smallint, topic text, args jsonb, headers jsonb,
  late double precision, start_within bigint, next_position text, due_in double precision
)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  _clock timestamptz := clock_timestamp();
  _from_below boolean;
  _paused text[];
  _lanes integer[];
  _lane_topics text[];
  _rewinds integer[];
  _ahead boolean[];
  _mark_priorities smallint[];
  _mark_ats timestamptz[];
  _mark_ids bigint[];
  _pass boolean;
  _below integer;
  _left integer := _free;
  _began timestamptz;
  _horizon xid8;
  _places integer[];
  _priorities smallint[];
  _run_ats timestamptz[];
  _head_ids bigint[];
  _answer jsonb;
  _due_in double precision;
  _top smallint;
  _due integer[];
  _due_ats timestamptz[];
  _due_ids bigint[];
  _taken integer;
  _claimed integer := 0;
begin
  if not _durable then
    perform set_config('synchronous_commit', 'off', true);
  end if;
  if _instance <> 0 then
    perform from pgsched.worker w where w.instance = _instance for key share;
    if not found then
      return;
    end if;
  end if;

  -- Under a clock that went back, jobs come below every mark.
  if (_position ->> 'clock')::timestamptz > _clock then
    _position := null;
  end if;
  _from_below := pgsched._looks_below(_position, _clock);
  _paused := array(select pgsched._topic_regex(p.pattern) from pgsched.topic p where p.paused);
  -- In a lane that topics share, what a worker takes changes with what is paused: such a lane has no mark.
  select array_agg(l.lane), array_agg(l.topic), array_agg(case when l.topic <> '*' then l.rewind end),
         array_agg(l.task <> all (_alone)), array_agg(m.priority),
         array_agg(coalesce(case when _from_below then m.safe_at else m.at end, '-infinity')),
         array_agg(coalesce(case when _from_below then m.safe_id else m.id end, 0))
    into _lanes, _lane_topics, _rewinds, _ahead, _mark_priorities, _mark_ats, _mark_ids
    from unnest(_tasks, _versions) as t(task, version)
    join pgsched.lane l on l.task = t.task and l.version = t.version
    left join pgsched._marks(_position) m on m.lane = l.lane and m.rewind = l.rewind
   where (l.topic = '*' or pgsched._takes(l.topic, _topics, _paused))
     and not exists (select from pgsched.task k where k.task = l.task and k.paused);
  if _lanes is null then
    return;
  end if;

  foreach _pass in array array[true, false] loop
    _below := 32768;
    while _left > 0 loop
      -- Of each lane the head below the last priority, and while that is in the future, the head of the next lower priority.
      _began := clock_timestamp();
      select pg_snapshot_xmin(pg_current_snapshot()), array_agg(h.place::integer), array_agg(h.priority), array_agg(h.run_at), array_agg(h.id)
        into _horizon, _places, _priorities, _run_ats, _head_ids
        from (
          select l.place, f.*
            from unnest(_lanes, _lane_topics, _ahead, _mark_priorities, _mark_ats, _mark_ids) with ordinality
                 as l(lane, topic, ahead, mark_priority, mark_at, mark_id, place)
           cross join lateral (
             with recursive head as (
               select n.priority, n.run_at, n.id
                 from pgsched._first(l.lane, l.topic = '*', _below, l.mark_priority, l.mark_at, l.mark_id, _topics, _paused) n
               union all
               select n.priority, n.run_at, n.id
                 from head
                cross join lateral pgsched._first(
                  l.lane, l.topic = '*', head.priority, l.mark_priority, l.mark_at, l.mark_id, _topics, _paused) n
                where head.run_at > _clock
             )
             select head.priority, head.run_at, head.id from head) f
           where _pass or l.ahead
        ) h;
      if _answer is null and _instance <> 0 then
        _answer := pgsched._next_position(_position, _clock, _from_below, extract(epoch from clock_timestamp() - _began) * 1000,
          _horizon, _lanes, _rewinds, _pass, _ahead, _places, _priorities, _run_ats, _head_ids);
        select date_part('epoch', min(u.run_at) - _clock) * 1000 into _due_in from unnest(_run_ats) as u(run_at);
      end if;

      select u.priority, array_agg(u.place order by u.run_at, u.id), array_agg(u.run_at order by u.run_at, u.id),
             array_agg(u.id order by u.run_at, u.id)
        into _top, _due, _due_ats, _due_ids
        from unnest(_places, _priorities, _run_ats, _head_ids) as u(place, priority, run_at, id)
       where u.run_at <= _clock
       group by u.priority
       order by u.priority desc
       limit 1;
      exit when _due is null;

      return query
        with picked as materialized (
          select p.spot
            from unnest(_due, _due_ats, _due_ids) as h(place, run_at, id)
           cross join lateral (
             select j.ctid as spot
               from pgsched.job j
              where j.lane = _lanes[h.place] and j.priority = _top and j.fence is null and not j.blocked
                and (j.run_at, j.id) >= (h.run_at, h.id) and j.run_at <= _clock and (_pass or not j.suspect)
                and (_lane_topics[h.place] <> '*' or pgsched._takes(j.topic, _topics, _paused))
              order by j.run_at, j.id
              limit _left
                for update skip locked) p
           limit _left
        ), claimed as (
          update pgsched.job j
             set fence = _fence, instance = _instance, claimed_at = _clock, attempt = j.attempt + 1,
                 deadline = case when _instance = 0 then _clock + coalesce((
                   select (k.contract ->> 'timeout')::bigint from pgsched.task k where k.task = j.task), 60000) * interval '1 ms' end
           where j.ctid = any (array(select picked.spot from picked))
          returning j.id, j.lane, j.task, j.version, j.attempt, j.priority, j.run_at, j.suspect, j.rescues, j.topic, j.args, j.headers,
                    -- Only a job that never started can be too late.
                    case when not j.started then date_part('epoch', _clock - coalesce(j.due_at, j.run_at)) * 1000 end as late,
                    j.start_within
        )
        select c.id, c.task, c.version, c.attempt, c.suspect, c.rescues, coalesce(c.topic, _lane_topics[array_position(_lanes, c.lane)]),
               c.args, c.headers, c.late, c.start_within,
               null::text, null::double precision
          from claimed c
         order by c.priority desc, c.run_at, c.id;
      get diagnostics _taken = row_count;
      _left := _left - _taken;
      _limit := _limit - _taken;
      _claimed := _claimed + _taken;
      _below := _top::integer;
    end loop;
    -- Nothing is left, suspects included.
    exit when _pass and _left > 0;
    -- The rest of the batch is prefetched.
    _left := _limit;
  end loop;

  if _answer is not null then
    -- An instant, and a transaction's number drawn after it: unless the last such pair is still to become certain.
    if _claimed > 0 and _answer -> 'xid' = 'null' then
      _answer := _answer || jsonb_build_object('at', transaction_timestamp(), 'xid', pg_current_xact_id()::text);
    end if;
    next_position := _answer::text;
    due_in := _due_in;
    return next;
  end if;
end
$$;

-- Where a worker's next claim looks from. A claim leaves dead entries at the front of its lanes' index, which vacuum takes away unless
-- somebody's long transaction keeps it from doing so; a claim that reads past all of them gets slower with each job done.
--
-- For each lane a mark of one priority, (at, id): below it the last claim has seen nothing pending. New jobs come above it, but for
-- those of transactions that began before and commit later. Whoever inserts draws its transaction's number before it reads the clock:
-- once all transactions are over whose numbers are lower than one that was drawn after the instant T (xid, at), what has its place
-- below T can be seen, or will never be. So far reaches (safe_at, safe_id), the part of the mark that is certain.
-- A job that comes back to its old place bumps its lane's rewind, and the mark is forgotten.
-- While an old transaction that writes keeps T from being certain, claims look from the mark, and from the certain part often enough to
-- find what came late within a second (_looks_below).
create function pgsched._next_position(
  _position jsonb, _clock timestamptz, _from_below boolean, _cost double precision, _horizon xid8, _lanes integer[],
  _rewinds integer[], _all boolean, _ahead boolean[], _places integer[], _priorities smallint[], _run_ats timestamptz[], _ids bigint[]
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  _certain boolean := coalesce((_position ->> 'xid')::xid8 < _horizon, false);
  _safe timestamptz := (case when _certain then _position ->> 'at' else _position ->> 'safe' end)::timestamptz;
  _now timestamptz := transaction_timestamp();
begin
  return jsonb_build_object(
    'clock', _clock,
    'safe', _safe,
    'at', case when not _certain then _position -> 'at' end,
    'xid', case when not _certain then _position -> 'xid' end,
    'looked', case when _from_below then to_jsonb(_clock) else _position -> 'looked' end,
    'cost', case when _from_below then to_jsonb(_cost) else _position -> 'cost' end,
    'lanes', coalesce((
      select jsonb_agg(jsonb_build_object(
               'lane', l.lane, 'rewind', l.rewind, 'priority', coalesce(h.priority, m.priority),
               'at', case when seen then least(h.run_at, _now) else m.at end,
               'id', case when seen then case when h.run_at < _now then h.id else 0 end else m.id end,
               'safe_at', case
                 when seen and _from_below then case when _safe is not null then least(h.run_at, _safe) end
                 when h.priority is null or h.priority = m.priority then m.safe_at end,
               'safe_id', case
                 when seen and _from_below then case when h.run_at < _safe then h.id else 0 end
                 when h.priority is null or h.priority = m.priority then m.safe_id end))
        from unnest(_lanes, _rewinds, _ahead) with ordinality as l(lane, rewind, ahead, place)
       cross join lateral (select _all or l.ahead as seen) s
        left join lateral (
          select u.priority, u.run_at, u.id
            from unnest(_places, _priorities, _run_ats, _ids) as u(place, priority, run_at, id)
           where u.place = l.place
           order by u.priority desc
           limit 1) h on true
        left join pgsched._marks(_position) m on m.lane = l.lane and m.rewind = l.rewind
       where l.rewind is not null and coalesce(h.priority, m.priority) is not null), '[]'));
end
$$;

create function pgsched._marks(_position jsonb) returns table (
  lane integer, rewind integer, priority smallint, at timestamptz, id bigint, safe_at timestamptz, safe_id bigint
)
language sql stable
as $$
  select * from jsonb_to_recordset(_position -> 'lanes')
    as m(lane integer, rewind integer, priority smallint, at timestamptz, id bigint, safe_at timestamptz, safe_id bigint)
$$;

-- Whether a claim looks from the certain part of its marks: always while that costs next to nothing, else for one part in twenty of the
-- time, but once a second.
create function pgsched._looks_below(_position jsonb, _clock timestamptz) returns boolean
language sql stable
as $$
  select _position is null or coalesce((_position ->> 'cost')::double precision, 0) < 1
      or _clock >= (_position ->> 'looked')::timestamptz + least((_position ->> 'cost')::double precision * 20, 1000) * interval '1 ms'
$$;

-- A worker that found nothing says that it will sleep, and can be woken for _wakeable milliseconds (renewed at half
-- time). look_again: others could not know until now, claim once more. A topic that is not taken, or is paused, may wake it for nothing.
create function pgsched._idle(_instance bigint, _wakeable bigint, out look_again boolean, out unfiled boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
as $$
declare
  _clock timestamptz := clock_timestamp();
begin
  perform set_config('synchronous_commit', 'off', true);
  update pgsched.worker w
     set wakeable_until = _clock + _wakeable * interval '1 ms'
   where w.instance = _instance and w.wakeable_until < _clock + _wakeable * interval '0.5 ms';
  look_again := found;
  unfiled := exists (select from pgsched.job j where j.lane = 0 and j.fence is null and not j.blocked);
end
$$;

-- Gives the jobs of lane 0 their lanes, in a transaction of its own. Answers how many it filed.
create function pgsched._file(_limit integer) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  _ids bigint[];
  _filed integer;
begin
  select array_agg(p.id) into _ids
    from (
      select j.id
        from pgsched.job j
       where j.lane = 0 and j.fence is null and not j.blocked
       order by j.priority desc, j.run_at, j.id
       limit _limit
         for update skip locked) p;
  if _ids is null then
    return 0;
  end if;

  perform pgsched._declare_lanes(
            array_agg(j.task), array_agg(j.version), array_agg(pgsched._topic_of(0, j.task, j.topic)), array_agg(j.priority))
     from pgsched.job j where j.id = any(_ids);

  update pgsched.job j
     set lane = p.lane, topic = p.topic
    from pgsched.job o
   cross join lateral pgsched._place(o.task, o.version, pgsched._topic_of(0, o.task, o.topic), null, o.priority) p
   where j.id = any(_ids) and o.id = j.id and p.lane is not null;
  get diagnostics _filed = row_count;

  perform pgsched._rewind(array(select distinct j.lane from pgsched.job j where j.id = any(_ids) and j.lane <> 0));
  return _filed;
end
$$;
