-- How workers come to their jobs.

-- Gives due jobs of the given tasks and payload versions to a worker, in order of priority, then of the lanes' heads,
-- then of (run_at, id). The first _free are to start at once and may be suspects; the rest are prefetched and may not.
-- _topics: regular expressions of the topics to take, null for all. _alone: tasks that are never prefetched.
-- What is paused is not taken.
-- Rows stream out of the claim index under SKIP LOCKED: none is locked that is not taken. Locks: KEY SHARE on the
-- worker's own row, so that a rescuer that removes it comes before or after a claim, never between.
-- Instance 0 is an SQL caller: its jobs get a deadline by their task's timeout instead.
-- The planner is pinned, because with stale statistics it would scan the table.
create function pgsched._claim(
  _instance bigint, _fence bigint, _tasks integer[], _versions smallint[], _topics text[], _alone integer[],
  _free integer, _limit integer, _durable boolean
) returns table (
  id bigint, task integer, version smallint, attempt smallint, priority smallint, suspect boolean, rescues smallint,
  topic text, args jsonb, headers jsonb, late double precision, start_within bigint, deadline timestamptz
)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  _clock timestamptz := clock_timestamp();
  _lanes integer[];
  _shared boolean[];
  _ahead boolean[];
  _paused text[];
  _pass boolean;
  _below integer;
  _left integer := _free;
  _top smallint;
  _heads integer[];
  _heads_shared boolean[];
  _taken integer;
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

  _paused := array(select pgsched._topic_regex(p.pattern) from pgsched.topic p where p.paused);
  select array_agg(l.lane), array_agg(l.topic = '*'), array_agg(l.task <> all (_alone))
    into _lanes, _shared, _ahead
    from unnest(_tasks, _versions) as t(task, version)
    join pgsched.lane l on l.task = t.task and l.version = t.version
   where (l.topic = '*' or pgsched._takes(l.topic, _topics, _paused))
     and not exists (select from pgsched.task k where k.task = l.task and k.paused);
  if _lanes is null then
    return;
  end if;

  foreach _pass in array array[true, false] loop
    _below := 32768;
    while _left > 0 loop
      -- The highest priority, below the last one, at which anything is due, and its lanes by their heads.
      select h.priority, array_agg(h.lane order by h.run_at, h.id), array_agg(h.shared order by h.run_at, h.id)
        into _top, _heads, _heads_shared
        from (
          select l.shared, h.*
            from unnest(_lanes, _shared, _ahead) as l(lane, shared, ahead)
           cross join lateral (
             with recursive head as (
               (select j.lane, j.priority, j.run_at, j.id
                  from pgsched.job j
                 where j.lane = l.lane and j.fence is null and not j.blocked and j.priority < _below
                   and (not l.shared or pgsched._takes(j.topic, _topics, _paused))
                 order by j.priority desc, j.run_at, j.id limit 1)
               union all
               -- The head is in the future: a lower priority of the lane may still be due.
               select n.lane, n.priority, n.run_at, n.id
                 from head
                cross join lateral (
                  select j.lane, j.priority, j.run_at, j.id
                    from pgsched.job j
                   where j.lane = l.lane and j.fence is null and not j.blocked and j.priority < head.priority
                     and (not l.shared or pgsched._takes(j.topic, _topics, _paused))
                   order by j.priority desc, j.run_at, j.id limit 1) n
                where head.run_at > _clock
             )
             select head.lane, head.priority, head.run_at, head.id from head where head.run_at <= _clock) h
           where _pass or l.ahead
        ) h
       group by h.priority
       order by h.priority desc
       limit 1;
      exit when _heads is null;

      return query
        with picked as materialized (
          select p.spot
            from unnest(_heads, _heads_shared) with ordinality as l(lane, shared, place)
           cross join lateral (
             select j.ctid as spot
               from pgsched.job j
              where j.lane = l.lane and j.priority = _top and j.fence is null and not j.blocked
                and j.run_at <= _clock and (_pass or not j.suspect)
                and (not l.shared or pgsched._takes(j.topic, _topics, _paused))
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
          returning j.*
        )
        select c.id, c.task, c.version, c.attempt, c.priority, c.suspect, c.rescues,
               coalesce(c.topic, (select l.topic from pgsched.lane l where l.lane = c.lane)), c.args, c.headers,
               -- Only a job that never started can be too late.
               case when not c.started
                 then (extract(epoch from _clock - coalesce(c.due_at, c.run_at)) * 1000)::double precision end,
               c.start_within, c.deadline
          from claimed c
         order by c.priority desc, c.run_at, c.id;
      get diagnostics _taken = row_count;
      _left := _left - _taken;
      _limit := _limit - _taken;
      _below := _top::integer;
    end loop;
    -- Nothing is left, suspects included.
    exit when _pass and _left > 0;
    -- The rest of the batch is prefetched.
    _left := _limit;
  end loop;
end
$$;

-- Whether a worker with these patterns takes a topic now.
create function pgsched._takes(_topic text, _wanted text[], _paused text[]) returns boolean
language sql immutable parallel safe
as $$ select (_wanted is null or _topic ~ any (_wanted)) and not _topic ~ any (_paused) $$;

-- A worker that found nothing says that it will sleep, and can be woken for _wakeable milliseconds (renewed at half
-- time). It learns for how long to sleep at most: the milliseconds until the next due job (0 or less: there is one; null: none at all). look_again: others could not know until now, claim once more.
-- A topic that is not taken, or is paused, may wake it for nothing.
create function pgsched._idle(
  _instance bigint, _tasks integer[], _versions smallint[], _topics text[], _wakeable bigint,
  out due_in double precision, out look_again boolean, out unfiled boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  _clock timestamptz := clock_timestamp();
  _paused text[];
begin
  perform set_config('synchronous_commit', 'off', true);
  update pgsched.worker w
     set wakeable_until = _clock + _wakeable * interval '1 ms'
   where w.instance = _instance and w.wakeable_until < _clock + _wakeable * interval '0.5 ms';
  look_again := found;
  unfiled := exists (select from pgsched.job j where j.lane = 0 and j.fence is null and not j.blocked);

  _paused := array(select pgsched._topic_regex(p.pattern) from pgsched.topic p where p.paused);
  select extract(epoch from min(h.run_at) - _clock)::double precision * 1000
    into due_in
    from unnest(_tasks, _versions) as t(task, version)
    join pgsched.lane l on l.task = t.task and l.version = t.version
   cross join lateral (
     -- The first of each priority: the next due of the lane is one of them.
     with recursive head as (
       (select j.priority, j.run_at
          from pgsched.job j
         where j.lane = l.lane and j.fence is null and not j.blocked
         order by j.priority desc, j.run_at, j.id limit 1)
       union all
       select n.priority, n.run_at
         from head
        cross join lateral (
          select j.priority, j.run_at
            from pgsched.job j
           where j.lane = l.lane and j.fence is null and not j.blocked and j.priority < head.priority
           order by j.priority desc, j.run_at, j.id limit 1) n
     )
     select head.run_at from head) h
   where pgsched._takes(l.topic, _topics, _paused) and l.topic <> '*'
     and not exists (select from pgsched.task k where k.task = l.task and k.paused);
end
$$;

-- Gives the jobs of lane 0 their lanes, in a transaction of its own. Answers how many it filed.
create function pgsched._file(_limit integer) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
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
