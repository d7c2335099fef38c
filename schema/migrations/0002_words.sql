-- What other functions are made of. One definition per state change: each function is one statement to its caller, fenced,
-- and on the database's clock. Names that begin with _ are the runtime's own.

create function pgsched._schema() returns text
language sql immutable parallel safe
as $$ select :'schema' $$;

-- Channels belong to the database, not to a schema.
create function pgsched._channel() returns text
language sql immutable parallel safe
as $$ select 'pgsched:' || pgsched._schema() $$;

-- The named level that a priority queues under.
create function pgsched._level(_priority smallint) returns smallint
language sql immutable parallel safe
as $$
  select (case when _priority >= 20 then 20 when _priority >= 10 then 10 when _priority >= 0 then 0 else -10 end)::smallint
$$;

-- Milliseconds to wait after the given failed run (1 = the first). _random is from [0, 1).
create function pgsched._backoff(_policy jsonb, _attempt integer, _random double precision) returns bigint
language sql immutable parallel safe
as $$
  select greatest(0, round(
    case _policy ->> 'kind'
      when 'exponential' then
        case
          when (_policy ->> 'base')::float8 = 0 then 0
          -- In logarithms first: a power of many attempts would overflow before the cap could help.
          when ln((_policy ->> 'base')::float8) + (_attempt - 1) * ln((_policy ->> 'factor')::float8)
               >= ln(greatest((_policy ->> 'max')::float8, 1))
            then (_policy ->> 'max')::float8
          else (_policy ->> 'base')::float8 * power((_policy ->> 'factor')::float8, _attempt - 1)
        end
      when 'linear' then
        least((_policy ->> 'base')::float8 * _attempt, (_policy ->> 'max')::float8)
      when 'list' then
        (_policy -> 'delays' ->> least(_attempt, jsonb_array_length(_policy -> 'delays')) - 1)::float8
    end * (1 + (_policy ->> 'jitter')::float8 * (2 * _random - 1))
  ))::bigint
$$;

-- A pattern of topics as a regular expression: `*` is one segment, `**` any number of them; all else is ordinary.
create function pgsched._topic_regex(_pattern text) returns text
language sql immutable parallel safe
as $$
  select '^' || string_agg(
    case
      when s.segment = '**' and s.place = 1 then '([^.]+(\.[^.]+)*)?'
      when s.segment = '**' then '(\.[^.]+)*'
      else
        -- After a leading `**`, which may stand for nothing, the dot may be missing too.
        case when s.place = 1 then '' when s.place = 2 and split_part(_pattern, '.', 1) = '**' then '(^|\.)' else '\.' end
        || case when s.segment = '*' then '[^.]+' else regexp_replace(s.segment, '([^[:alnum:]_])', '\\\1', 'g') end
    end, '' order by s.place) || '$'
    from string_to_table(_pattern, '.') with ordinality as s(segment, place)
$$;

-- The key of a job by its task's template: `receipt:{orderId}`, `{a.b}` goes deeper, doubled braces are literal.
-- Strings, booleans and safe integers only, always present: another value would read differently in another language.
create function pgsched._key(_template text, _args jsonb) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  _token text;
  _field text;
  _value jsonb;
  _key text := '';
begin
  for _token in select m[1] from regexp_matches(_template, '(\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}])', 'g') m loop
    if _token = '{{' or _token = '}}' then
      _key := _key || left(_token, 1);
    elsif _token like '{%}' then
      -- Field by field, because #> would take a name like 0 or -1 for a place in a list, and a list has no fields.
      _value := _args;
      -- By nullif and coalesce, because an empty text makes an array without members.
      foreach _field in array coalesce(string_to_array(nullif(substr(_token, 2, length(_token) - 2), ''), '.'), array['']) loop
        _value := _value -> _field;
      end loop;
      case jsonb_typeof(_value)
        when 'string' then
          _key := _key || (_value #>> '{}');
        when 'boolean' then
          _key := _key || (_value #>> '{}');
        when 'number' then
          if (_value #>> '{}')::numeric <> trunc((_value #>> '{}')::numeric)
             or abs((_value #>> '{}')::numeric) > 9007199254740991 then
            raise exception 'The key % needs a safe integer at %; got %.', _template, _token, _value #>> '{}'
              using errcode = '22023', hint = 'Pass key => … where you enqueue.';
          end if;
          _key := _key || trim_scale((_value #>> '{}')::numeric)::text;
        else
          raise exception 'The key % needs a text, boolean or whole number at %; got %.',
            _template, _token, coalesce(jsonb_typeof(_value), 'nothing')
            using errcode = '22023', hint = 'Pass key => … where you enqueue.';
      end case;
    else
      _key := _key || _token;
    end if;
  end loop;
  return _key;
end
$$;

-- How long jobs are kept that ended so, in milliseconds, unless their task says otherwise.
create function pgsched._retention(_status text) returns bigint
language sql immutable parallel safe
as $$
  select (case _status when 'completed' then 1 when 'failed' then 7 when 'cancelled' then 3 when 'expired' then 7 end)
         * bigint '86400000'
$$;

-- How long this task's jobs are kept that ended so: milliseconds, 0 not at all, -1 for ever.
create function pgsched._retention_of(_task integer, _status text) returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select (t.contract -> 'retention' ->> _status)::bigint from pgsched.task t where t.task = _task),
    pgsched._retention(_status))
$$;

-- Until when an ended job is kept; whoever awaits it still finds it. Stable, as what it calls is: else it would not be inlined.
create function pgsched._purge_at(_clock timestamptz, _retain bigint, _awaited_until timestamptz) returns timestamptz
language sql stable parallel safe
as $$
  select case when _retain < 0 then 'infinity' else greatest(_clock + _retain * interval '1 ms', _awaited_until) end
$$;

-- In plpgsql, as whatever each enqueue and settle asks: it keeps its plan for the session, where SQL plans for each call.
create function pgsched._listened() returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from pgsched.event_listener l where l.until > clock_timestamp());
end
$$;

-- Tells an event of each of these jobs to whoever listens. In pieces, because a notification is at most 8000 bytes.
create function pgsched._emit(_type text, _jobs bigint[], _tasks integer[], _attempts integer[]) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select pg_notify(pgsched._channel() || ':events', jsonb_agg(
           jsonb_build_object('type', _type, 'id', j.id::text, 'task', t.name, 'number', j.task, 'attempt', j.attempt,
             'at', floor(extract(epoch from clock_timestamp()) * 1000)))::text)
    from unnest(_jobs, _tasks, _attempts) with ordinality as j(id, task, attempt, place)
    join pgsched.task t on t.task = j.task
   group by (j.place - 1) / 20
$$;

-- Tells how these jobs ended.
create function pgsched._emit_ended(_statuses text[], _jobs bigint[], _tasks integer[], _attempts integer[]) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select pgsched._emit(e.status, array_agg(e.job), array_agg(e.task), array_agg(e.attempt))
    from unnest(_statuses, _jobs, _tasks, _attempts) as e(status, job, task, attempt)
   group by e.status
$$;

-- Tells those who await these jobs that they have ended.
create function pgsched._announce(_jobs bigint[]) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select pg_notify(pgsched._channel(), 'ended ' || string_agg(j.id::text, ','))
    from unnest(_jobs) with ordinality as j(id, place)
   group by (j.place - 1) / 300
$$;

-- Wakes the workers that sleep, if any do. Asked after the commit that it announces: a worker says that it will
-- sleep, commits, looks once more, then sleeps; one of the two sees the other.
create function pgsched._wake(_tasks integer[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _due integer[];
begin
  if exists (select from pgsched.worker w where w.wakeable_until > clock_timestamp()) then
    _due := array(select distinct d from unnest(_tasks) d);
    -- A notification is at most 8000 bytes, and a call may have ten thousand jobs.
    perform pg_notify(pgsched._channel(),
      'work ' || case when cardinality(_due) <= 500 then array_to_string(_due, ',') else '*' end);
  end if;
end
$$;

create function pgsched._rewind(_lanes integer[]) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- In order, because two statements that rewind the same lanes would else deadlock.
  update pgsched.lane l set rewind = l.rewind + 1
    from (select x.lane from pgsched.lane x where x.lane = any(_lanes) order by x.lane for no key update) x
   where l.lane = x.lane
$$;
