-- What the typed functions are made of, `pgsched.enqueue_mail_send_receipt(order_id => 7, …)`: `pgsched migrate` makes one
-- for each task of the contract. Each encodes its arguments to the JSON that the TypeScript client stores, and calls enqueue.

-- Those that it has made. It replaces and drops no other, and none of these that has other arguments or another body now.
create table pgsched.task_function (
  name       text primary key,
  arguments  text not null,
  body       text not null,
  definition text not null
);

create function pgsched._required(_value jsonb, _field text) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if _value is null then
    raise exception '% must be given; got null.', _field using errcode = '22023', detail = 'PGS2001 InvalidArgs';
  end if;
  return _value;
end
$$;

-- What would travel as another value than the given one is refused, as the TypeScript client does.
create function pgsched._refuse(_field text, _expected text, _got text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% must be %; got %.', _field, _expected, _got using errcode = '22023', detail = 'PGS2001 InvalidArgs';
end
$$;

-- The digits that JavaScript writes. PostgreSQL's are the same, but for numbers that are shortest midway between two, as 1e23
-- is: there it writes more of them. Whole numbers of at most 16 digits and some zeros can lie so.
create function pgsched._json_number(_value double precision, _field text) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
  _digits text;
begin
  if _value in ('NaN', 'Infinity', '-Infinity') then
    perform pgsched._refuse(_field, 'a finite number', _value::text);
  end if;
  if abs(_value) between 9007199254740992 and 1e39 then
    foreach _digits in array array[to_char(_value, '9.99999999999999EEEE'), to_char(_value, '9.999999999999999EEEE')] loop
      if _digits::float8 = _value then
        return to_jsonb(_digits::numeric);
      end if;
    end loop;
  end if;
  return to_jsonb(_value);
end
$$;

create function pgsched._json_integer(_value bigint, _field text) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if _value not between -9007199254740991 and 9007199254740991 then
    perform pgsched._refuse(_field, 'a whole number that JavaScript has, up to 9007199254740991', _value::text);
  end if;
  return to_jsonb(_value);
end
$$;

create function pgsched._json_bigint(_value numeric, _field text) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if _value in ('NaN', 'Infinity', '-Infinity') or _value <> trunc(_value) then
    perform pgsched._refuse(_field, 'a whole number', _value::text);
  end if;
  return to_jsonb(trunc(_value)::text);
end
$$;

-- Date has milliseconds, and signed years of six digits where four do not do; the year before 1 is 0.
create function pgsched._json_instant(_value timestamptz, _field text) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  _utc timestamp := _value at time zone 'UTC';
  _year integer;
begin
  if not isfinite(_value) or _value > '275760-09-13 00:00:00Z' then
    perform pgsched._refuse(_field, 'an instant that JavaScript has, up to 275760-09-13', _value::text);
  end if;
  _year := extract(year from _utc)::integer;
  _year := case when _year < 0 then _year + 1 else _year end;
  return to_jsonb(
    case
      when _year between 0 and 9999 then lpad(_year::text, 4, '0')
      else case when _year < 0 then '-' else '+' end || lpad(abs(_year)::text, 6, '0')
    end || to_char(_utc, '-MM-DD"T"HH24:MI:SS.MS"Z"'));
end
$$;

create function pgsched._json_bytes(_value bytea) returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select to_jsonb(translate(encode(_value, 'base64'), chr(10), '')) $$;

create function pgsched._one_of(_value text, _allowed text[], _field text) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if _value <> all (_allowed) then
    perform pgsched._refuse(_field, (select string_agg(quote_literal(a), ' or ') from unnest(_allowed) a), quote_literal(left(_value, 80)));
  end if;
  return _value;
end
$$;

-- unnest would make one list of many.
create function pgsched._list(_value anyarray, _field text) returns anyarray
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if array_ndims(_value) > 1 then
    perform pgsched._refuse(_field, 'an array of one dimension', _value::text);
  end if;
  return _value;
end
$$;

revoke execute on function pgsched._required, pgsched._refuse, pgsched._json_number, pgsched._json_integer, pgsched._json_bigint,
  pgsched._json_instant, pgsched._json_bytes, pgsched._one_of, pgsched._list from public;
