-- The archive's partitions.

-- Attaches the partitions of the archive for the given UTC days. LIKE and ATTACH, because CREATE … PARTITION OF
-- would make every settle wait behind a reader.
create function pgsched._add_archive_days(_days date[]) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
-- Bounds are written as text: a time zone's abbreviation would read as another zone's.
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
  _day date;
  _name text;
  _made integer := 0;
begin
  foreach _day in array _days loop
    _name := 'job_archive_' || to_char(_day, 'YYYYMMDD');
    continue when to_regclass(format('%I.%I', :'schema', _name)) is not null;
    perform pg_advisory_xact_lock(hashtextextended(:'schema' || '.job_archive', 0));
    continue when to_regclass(format('%I.%I', :'schema', _name)) is not null;
    execute format('create table %I.%I (like %1$I.job_archive including defaults)', :'schema', _name);
    execute format(
      'alter table %I.%I set (autovacuum_vacuum_insert_threshold = 100000, toast.autovacuum_vacuum_insert_threshold = 100000)',
      :'schema', _name);
    execute format('alter table %1$I.job_archive attach partition %1$I.%2$I for values from (%3$L) to (%4$L)',
      :'schema', _name, _day::timestamp at time zone 'UTC', (_day + 1)::timestamp at time zone 'UTC');
    _made := _made + 1;
  end loop;
  return _made;
end
$$;

-- Room for what ends within the next days, where no worker sees to it. A look at the catalogue; it writes once in days.
create function pgsched._ready_archive() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  _today date := (clock_timestamp() at time zone 'UTC')::date;
  _day date;
begin
  if to_regclass(format('%I.%I', :'schema', 'job_archive_' || to_char(_today + 9, 'YYYYMMDD'))) is null then
    perform pgsched._add_archive_days(array(select _today + d from generate_series(0, 14) d));
  end if;
  for _day in
    select distinct _today + (r.value::bigint / 86400000)::integer
      from pgsched.task t
     cross join lateral jsonb_each_text(t.contract -> 'retention') r
     where r.value::bigint >= 86400000
  loop
    if to_regclass(format('%I.%I', :'schema', 'job_archive_' || to_char(_day + 1, 'YYYYMMDD'))) is null then
      perform pgsched._add_archive_days(array(select _day + d from generate_series(0, 7) d));
    end if;
  end loop;
end
$$;

select pgsched._add_archive_days(array(
  select (clock_timestamp() at time zone 'UTC')::date + d from generate_series(0, 14) d));

-- For ever.
create table pgsched.job_archive_infinity partition of pgsched.job_archive
  for values from ('infinity') to (maxvalue);
