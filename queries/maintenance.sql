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
 where k.task = any (array[f.task]) and k.key = any (array[f.key]);

/* @name sweepRepeats */
-- Of first inserts that no server can still come to.
delete from pgsched.repeated_insert r where r.at < clock_timestamp() - interval '1 hour';

/* @name horizon */
-- Who keeps vacuum from removing dead rows (the oldest), and the dead rows of the hot tables. One row. Takes no lock.
-- Sessions and prepared transactions of other databases hold nothing back here; a vacuum holds nothing back anywhere.
-- Of a slot or a standby nobody says since when it holds, heldMs is null. The tables by computed names, because our schema is
-- not bound inside a literal.
select h.kind as "kind", h.pid as "pid", h.name as "name", h.role as "role", h.state as "state", h.held_ms as "heldMs", h.xmin::text as "xmin",
       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as "seesAll!",
       coalesce(pg_stat_get_dead_tuples((pgsched._schema() || '.job')::regclass), 0)::float8 as "deadJobs!",
       coalesce(pg_stat_get_dead_tuples((pgsched._schema() || '.job_key')::regclass), 0)::float8 as "deadKeys!"
  from (select) one
  left join lateral (
    select x.*
      from (
        select 'session' as kind, a.pid, a.application_name as name, a.usename::text as role, a.state,
               date_part('epoch', clock_timestamp() - a.xact_start) * 1000 as held_ms,
               case when age(a.backend_xid) > age(a.backend_xmin) then a.backend_xid else coalesce(a.backend_xmin, a.backend_xid) end as xmin
          from pg_stat_activity a
         where a.datname = current_database() and a.pid <> pg_backend_pid()
           and (a.backend_xmin is not null or a.backend_xid is not null)
           and a.backend_type <> 'autovacuum worker'
           and not exists (select from pg_stat_progress_vacuum v where v.pid = a.pid)
        union all
        select 'prepared transaction', null, p.gid, p.owner::text, null,
               date_part('epoch', clock_timestamp() - p.prepared) * 1000, p.transaction
          from pg_prepared_xacts p
         where p.database = current_database()
        union all
        select 'replication slot', s.active_pid, s.slot_name::text, null, case when s.active then 'active' else 'inactive' end, null, s.xmin
          from pg_replication_slots s
         where s.xmin is not null
        union all
        select 'standby', r.pid, r.application_name, r.usename::text, r.state, null, r.backend_xmin
          from pg_stat_replication r
         where r.backend_xmin is not null
      ) x
     order by age(x.xmin) desc, x.held_ms desc nulls last
     limit 1) h on true;
