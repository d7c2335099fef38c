/* @name schemaVersion */
select max(m.number) as version from pgsched.migration m;

/* @name channel */
select pgsched._channel() as "channel!";

/* @name addArchiveDays */
-- The days ahead, and the days on which what ends now with one of these retentions may go.
select pgsched._add_archive_days(array(
  select distinct ((clock_timestamp() at time zone 'UTC') + o.ms * interval '1 ms')::date + d
    from unnest(:retentions!::bigint[]) as o(ms), generate_series(0, :daysAhead!::integer) d
   order by 1)) as "made!";

/* @name expiredArchivePartitions */
-- Partitions whose day is over, in UTC; also one that was detached and not yet dropped.
select format('%I.%I', n.nspname, c.relname) as "partition!", format('%I.%I', n.nspname, 'job_archive') as "parent!",
       i.inhrelid is not null as "attached!"
  from pg_namespace n
  join pg_class c on c.relnamespace = n.oid
  left join pg_inherits i on i.inhrelid = c.oid
 where n.nspname = pgsched._schema()
   and c.relkind = 'r'
   and c.relname ~ '^job_archive_\d{8}$'
   and to_date(right(c.relname, 8), 'YYYYMMDD') < (clock_timestamp() at time zone 'UTC')::date;

/* @name sweepProgress */
-- Of jobs that have ended.
delete from pgsched.job_progress p where not exists (select from pgsched.job j where j.id = p.id);

/* @name freeKeys */
-- Whose jobs retention has dropped. Past those that somebody's open transaction has taken over. Index: job_key_free.
delete from pgsched.job_key k
 using (select f.task, f.key from pgsched.job_key f where f.free_at < clock_timestamp() for update skip locked) f
 where k.task = f.task and k.key = f.key;

/* @name sweepRepeats */
-- Of first inserts that no server can still come to.
delete from pgsched.repeated_insert r where r.at < clock_timestamp() - interval '1 hour';
