-- The SQL layer: what triggers, psql, PostgREST and other languages call. The same rules and defaults as the typed client's,
-- because the same functions do the work. NULL in an optional argument means the task's default.
-- SECURITY DEFINER with a fixed search_path: callers need EXECUTE on these and nothing on the tables.

create type pgsched.enqueued as (id bigint, outcome text);

create type pgsched.new_job as (
  task         text,
  args         jsonb,
  run_at       timestamptz,
  delay        interval,
  priority     smallint,
  topic        text,
  key          text,
  headers      jsonb,
  start_within interval
);

create type pgsched.claimed as (
  id         bigint,
  fence      bigint,
  task       text,
  version    smallint,
  topic      text,
  args       jsonb,
  headers    jsonb,
  attempt    integer,
  priority   smallint,
  deadline   timestamptz
);

create function pgsched.enqueue_many(jobs pgsched.new_job[], on_conflict text default null)
returns setof pgsched.enqueued
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  _jobs record;
begin
  if on_conflict is not null and on_conflict not in ('raise', 'ignore', 'replace') then
    raise exception 'on_conflict must be raise, ignore or replace; got %.', on_conflict using errcode = '22023';
  end if;
  perform pgsched._check_tasks(array(select j.task from unnest(jobs) j), true);
  perform pgsched._check_new_job(j) from unnest(jobs) j;

  select array_agg(nextval((:'schema' || '.job_id')::regclass)) as ids,
         array_agg(j.place::integer order by j.place) as kinds,
         array_agg(t.task order by j.place) as tasks,
         array_agg(coalesce((t.contract ->> 'version')::smallint, 1::smallint) order by j.place) as versions,
         array_agg(coalesce(t.contract ->> 'topic', t.name) order by j.place) as topics,
         array_agg(nullif(j.topic, coalesce(t.contract ->> 'topic', t.name)) order by j.place) as routes,
         array_agg(coalesce(j.priority, (t.contract ->> 'priority')::smallint, 0::smallint) order by j.place) as priorities,
         array_agg(j.args::text order by j.place) as args,
         array_agg(j.run_at order by j.place) as run_ats,
         array_agg((extract(epoch from j.delay) * 1000)::bigint order by j.place) as delays,
         array_agg((extract(epoch from j.start_within) * 1000)::bigint order by j.place) as start_withins,
         array_agg(j.headers::text order by j.place) as headers,
         array_agg(pgsched._check_key(coalesce(j.key, case when t.contract ->> 'key' is not null
           then pgsched._key(t.contract ->> 'key', j.args) end)) order by j.place) as keys,
         array_agg(coalesce(t.contract ->> 'keyScope' = 'history', false) order by j.place) as histories,
         array_agg(coalesce(on_conflict, t.contract ->> 'onConflict', 'ignore') order by j.place) as conflicts
    into _jobs
    from unnest(jobs) with ordinality
         as j(task, args, run_at, delay, priority, topic, key, headers, start_within, place)
    join pgsched.task_name n on n.name = j.task
    join pgsched.task t on t.task = n.task;
  if _jobs.ids is null then
    return;
  end if;

  return query
    with answer as materialized (
      select e.place, e.job, e.outcome
        from pgsched._enqueue(_jobs.ids, (random() * 4294967295 - 2147483648)::bigint::integer, _jobs.kinds, _jobs.tasks,
               _jobs.versions, _jobs.topics, _jobs.routes, _jobs.priorities, _jobs.start_withins, null, _jobs.histories,
               _jobs.conflicts, _jobs.args, _jobs.run_ats, _jobs.delays, _jobs.headers,
               case when exists (select from unnest(_jobs.keys) k where k is not null) then _jobs.keys end, null, false) e
    )
    select case
             -- Nothing was inserted, also not the first of a key repeated in this call.
             when not r.refused then coalesce(a.job, i.id)
             when a.job <> all (_jobs.ids) then a.job
           end,
           coalesce(a.outcome, case when r.refused then 'refused' else 'created' end)
      from unnest(_jobs.ids) with ordinality as i(id, place)
     cross join (select exists (select from answer d where d.outcome = 'duplicate') as refused) r
      left join answer a on a.place = i.place
     order by i.place;
  -- The commit is not ours to see: asked inside, so a worker that falls asleep meanwhile comes at its next poll.
  perform pgsched._wake(_jobs.tasks);
end
$$;

create function pgsched.enqueue(
  task text, args jsonb default null, run_at timestamptz default null, delay interval default null,
  priority integer default null, topic text default null, key text default null, on_conflict text default null,
  headers jsonb default null, start_within interval default null
) returns pgsched.enqueued
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select e
    from pgsched.enqueue_many(
      array[row(task, args, run_at, delay, priority, topic, key, headers, start_within)::pgsched.new_job],
      -- A single enqueue of a key that is held says so; the bulk default is to share.
      coalesce(on_conflict, (
        select coalesce(t.contract ->> 'onConflict', 'raise')
          from pgsched.task_name n join pgsched.task t on t.task = n.task
         where n.name = enqueue.task))) e
$$;

-- A name that is not there is a mistake: nothing would ever run, or be claimed, under it. What is to be enqueued may not be
-- retired either.
create function pgsched._check_tasks(_names text[], _to_enqueue boolean) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _wrong record;
begin
  select i.name, t.task is not null as retired into _wrong
    from unnest(_names) with ordinality as i(name, place)
    left join pgsched.task_name n on n.name = i.name
    left join pgsched.task t on t.task = n.task
   where t.task is null or (_to_enqueue and t.retired)
   order by 2, i.place
   limit 1;
  if not found then
    return;
  end if;
  if _wrong.retired then
    raise exception 'The task % is retired.', quote_literal(_wrong.name) using errcode = '22023',
      detail = 'PGS2003 UnknownTask', hint = 'It was deleted from the manifest: nothing would run what is enqueued now.';
  end if;
  raise exception 'There is no task %.', quote_nullable(_wrong.name) using errcode = '22023',
    detail = 'PGS2003 UnknownTask', hint = pgsched._did_you_mean(_wrong.name);
end
$$;

-- An infinite instant has no distance from now, which every claim and every sleeping worker asks for.
create function pgsched._check_instant(_name text, _instant timestamptz) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not isfinite(_instant) then
    raise exception '% must be an instant; got %.', _name, _instant using errcode = '22023';
  end if;
end
$$;

create function pgsched._check_new_job(_job pgsched.new_job) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pgsched._check_instant('run_at', _job.run_at);
  if _job.run_at is not null and _job.delay is not null then
    raise exception 'run_at and delay exclude each other: give one of them.' using errcode = '22023';
  end if;
  if _job.delay < interval '0' then
    raise exception 'delay must not be negative; got %.', _job.delay using errcode = '22023';
  end if;
  if octet_length(_job.args::text) > 1048576 then
    raise exception 'The args of % are more than 1 MiB of JSON. Store the data elsewhere and pass a reference to it.', _job.task
      using errcode = '22023', detail = 'PGS2006 ArgsTooLarge';
  end if;
  if length(_job.topic) > 500 or _job.topic !~ '^[^.*\s[:cntrl:]]+(\.[^.*\s[:cntrl:]]+)*$' then
    raise exception 'A topic is names with dots between them, without * and spaces; got %.', quote_literal(_job.topic)
      using errcode = '22023';
  end if;
  if _job.headers is not null and (jsonb_typeof(_job.headers) <> 'object'
     or exists (select from jsonb_each(_job.headers) h where jsonb_typeof(h.value) <> 'string')) then
    raise exception 'headers must be an object of texts; got %.', _job.headers using errcode = '22023';
  end if;
end
$$;

create function pgsched._check_key(_key text) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if _key = '' or octet_length(convert_to(_key, 'UTF8')) > 200 then
    raise exception 'A key must be a text of 1 to 200 bytes; got %.', quote_literal(left(_key, 80))
      using errcode = '22023', hint = 'For a longer one pass a hash of it.';
  end if;
  return _key;
end
$$;

create function pgsched._did_you_mean(_name text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select 'Did you mean ' || quote_literal(n.name) || '?'
       from pgsched.task_name n
       join pgsched.task t on t.task = n.task and not t.retired
      where lower(n.name) = lower(_name)
         or replace(lower(n.name), '.', '') = replace(lower(_name), '.', '')
         or left(lower(n.name), greatest(3, length(_name) - 2)) = left(lower(_name), greatest(3, length(_name) - 2))
      order by abs(length(n.name) - length(_name)), n.name
      limit 1),
    'Tasks come to be by pgsched migrate, or when a worker or client of them starts.')
$$;

create function pgsched.claim(n integer, tasks text[]) returns setof pgsched.claimed
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tasks is null then
    raise exception 'tasks must be the names of the tasks to claim; got null.' using errcode = '22023';
  end if;
  perform pgsched._check_tasks(tasks, false);
  return query
    select * from pgsched._claim_by_sql(n, array(select distinct k.task from pgsched.task_name k where k.name = any(tasks)), null);
end
$$;

create function pgsched.claim_topic(pattern text, n integer default 1) returns setof pgsched.claimed
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if pattern is null or pattern !~ '^(\*\*?|[^.*\s[:cntrl:]]+)(\.(\*\*?|[^.*\s[:cntrl:]]+))*$' then
    raise exception 'A pattern is a topic, in which a name may be * (one name) or ** (any number of names); got %.', quote_nullable(pattern)
      using errcode = '22023';
  end if;
  return query select * from pgsched._claim_by_sql(n, array(select t.task from pgsched.task t), pgsched._topic_regex(pattern));
end
$$;

-- First ends what has passed its deadline. A job that is too late to start expires; another is claimed in its place.
create function pgsched._claim_by_sql(_n integer, _tasks integer[], _topic text) returns setof pgsched.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  _fence bigint := (('x' || encode(substr(uuid_send(gen_random_uuid()), 9), 'hex'))::bit(64)::bigint) & 9223372036854775807;
  _versions smallint[];
  _ids bigint[];
  _late bigint[];
  _claimed bigint[] := array[]::bigint[];
begin
  if _n is null or _n < 1 or _n > 10000 then
    raise exception 'n must be from 1 to 10000; got %.', coalesce(_n::text, 'null') using errcode = '22023';
  end if;
  perform pgsched._ready_archive();
  perform pgsched._sweep(1000);
  -- Where no worker runs, nobody else gives its lane to a job that came without one.
  perform pgsched._file(1000);
  -- Of every version up to the present one: which it is stands in the answer.
  select array_agg(v.task), array_agg(v.version) into _tasks, _versions
    from (
      select distinct l.task, l.version
        from pgsched.lane l
        join pgsched.task k on k.task = l.task
       where l.task = any(_tasks) and l.version <= coalesce((k.contract ->> 'version')::smallint, 1)) v;

  -- In rounds, so that late jobs in front hide no others; not without end, because each holds what it has expired.
  for _round in 1..100 loop
    _ids := array(
      select c.id
        from pgsched._claim(0, _fence, _tasks, _versions, case when _topic is not null then array[_topic] end, '{}',
               _n - cardinality(_claimed), _n - cardinality(_claimed), true) c);
    -- A statement of its own: its snapshot sees all that the claim saw.
    _late := array(
      select j.id
        from pgsched.job j
        join pgsched.task k on k.task = j.task
       where j.id = any(_ids) and not j.started
         and coalesce(j.start_within, (k.contract ->> 'startWithin')::bigint) >= 0
         and extract(epoch from j.claimed_at - coalesce(j.due_at, j.run_at)) * 1000
             > coalesce(j.start_within, (k.contract ->> 'startWithin')::bigint));
    perform pgsched._expire(_late, _fence);
    _claimed := _claimed || array(select i from unnest(_ids) i where i <> all (_late));
    exit when cardinality(_late) = 0 or cardinality(_claimed) = _n;
  end loop;

  return query
    select j.id, _fence, k.name, j.version, pgsched._topic_of(j.lane, j.task, j.topic), j.args, j.headers, j.attempt::integer, j.priority, j.deadline
      from pgsched.job j
      join pgsched.task k on k.task = j.task
     where j.id = any(_claimed)
     order by j.priority desc, j.run_at, j.id;
end
$$;

create function pgsched._expire(_ids bigint[], _fence bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if cardinality(_ids) = 0 then
    return;
  end if;
  perform pgsched._settle(_ids, array_fill(_fence, array[cardinality(_ids)]), array_fill('expired'::text, array[cardinality(_ids)]),
    null, null, null,
    array(select pgsched._retention_of(j.task, 'expired')
            from unnest(_ids) with ordinality as i(id, place)
            left join pgsched.job j on j.id = any (array[i.id])
           order by i.place));
end
$$;

create function pgsched.ack(id bigint, fence bigint, result jsonb default null) returns boolean
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Waits for who holds the row, a cancel maybe: a settle would pass it over.
  select from pgsched.job j where j.id = ack.id and j.fence = ack.fence for update;
  select not exists (
    select from pgsched._settle(array[id], array[fence], null, array[result::text], null, null,
      array[(select pgsched._retention_of(j.task, 'completed') from pgsched.job j where j.id = ack.id)]))
$$;

create function pgsched.nack(id bigint, fence bigint, error text default null, run_at timestamptz default null) returns text
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pgsched._check_instant('run_at', run_at);
  select pgsched._fail_run(id, fence, jsonb_build_object('name', 'Error', 'message', coalesce(error, 'The run failed.')), run_at)
$$;

create function pgsched.cancel(id bigint) returns boolean
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$ select exists (select from pgsched._cancel(array[id], array[null::integer], null)) $$;

create function pgsched.redrive(id bigint) returns boolean
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$ select exists (select from pgsched._redrive(array[id], array[null::integer]) r where r.outcome = 'redriven') $$;

create function pgsched.reschedule(id bigint, run_at timestamptz) returns boolean
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pgsched._check_instant('run_at', coalesce(run_at, 'infinity'));
  select exists (select from pgsched._reschedule(array[id], array[null::integer], run_at, null))
$$;

comment on type pgsched.enqueued is 'What an enqueue did: created, replaced (the pending job that held the key is this one now), existing (it holds the key), duplicate (it holds the key and on_conflict was raise: nothing was inserted), refused (another job of the call was a duplicate). id: the job that is there now; null where there is none.';
comment on type pgsched.new_job is 'A job for enqueue_many. Fields as the arguments of enqueue; null means the task''s default.';
comment on type pgsched.claimed is 'A claimed job. (id, fence) is the proof that it is yours; acknowledge before the deadline.';
comment on function pgsched.enqueue is 'Enqueues one job in the caller''s transaction. A key that is held never raises: see the outcome. Raises for an unknown task and for bad arguments. delay counts from now; run_at in the past means now; a negative start_within means never.';
comment on function pgsched.enqueue_many is 'Enqueues many jobs in one insert, answers in their order. on_conflict (raise, ignore, replace) applies to all; default each task''s, else ignore. One duplicate, and nothing of the call is inserted.';
comment on function pgsched.claim is 'Claims up to n due jobs of these tasks for a consumer without a worker. Commit at once; acknowledge each with ack or nack before its deadline, which is its task''s timeout. Of paused tasks nothing is claimed. Raises for an unknown task.';
comment on function pgsched.claim_topic is 'As claim, by a pattern of topics: * is one segment, ** any number of them.';
comment on function pgsched.ack is 'Completes a claimed job with its result; again, it says so again. False: the job is no longer this claim''s, or was cancelled.';
comment on function pgsched.nack is 'Fails the run of a claimed job: retry (it runs again at run_at, else by its task''s backoff), failed (no attempts are left) or cancelled (a cancel came first). Null: it is no longer this claim''s, nothing was done.';
comment on function pgsched.cancel is 'Cancels a job: a waiting one ends at once, a running one as soon as it heeds its signal. False: it is over or unknown.';
comment on function pgsched.redrive is 'Puts a failed, cancelled or expired job back to pending, its attempts from 0. False: it is not such a job, or another one holds its key.';
comment on function pgsched.reschedule is 'Moves a pending job in time; an instant that has passed means now. False: it is not pending.';
