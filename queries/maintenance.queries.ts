/** Generated from maintenance.sql by `npm run generate:queries`: do not edit. */
import { PreparedQuery } from '@pgtyped/runtime';

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString)[];

/** 'SchemaVersion' parameters type */
export type SchemaVersionParams = void;

/** 'SchemaVersion' return type */
export interface SchemaVersionResult {
  version: number | null;
}

/** 'SchemaVersion' query type */
export interface SchemaVersionQuery {
  params: SchemaVersionParams;
  result: SchemaVersionResult;
}

const schemaVersionIR: any = {"usedParamSet":{},"params":[],"statement":"select max(m.number) as version from pgsched.migration m"};

/**
 * Query generated from SQL:
 * ```
 * select max(m.number) as version from pgsched.migration m
 * ```
 */
export const schemaVersion: PreparedQuery<SchemaVersionParams, SchemaVersionResult> = new PreparedQuery<SchemaVersionParams, SchemaVersionResult>(schemaVersionIR);


/** 'Channel' parameters type */
export type ChannelParams = void;

/** 'Channel' return type */
export interface ChannelResult {
  channel: string;
}

/** 'Channel' query type */
export interface ChannelQuery {
  params: ChannelParams;
  result: ChannelResult;
}

const channelIR: any = {"usedParamSet":{},"params":[],"statement":"select pgsched._channel() as \"channel!\""};

/**
 * Query generated from SQL:
 * ```
 * select pgsched._channel() as "channel!"
 * ```
 */
export const channel: PreparedQuery<ChannelParams, ChannelResult> = new PreparedQuery<ChannelParams, ChannelResult>(channelIR);


/** 'AddArchiveDays' parameters type */
export interface AddArchiveDaysParams {
  daysAhead: number;
  retentions: NumberOrStringArray;
}

/** 'AddArchiveDays' return type */
export interface AddArchiveDaysResult {
  made: number;
}

/** 'AddArchiveDays' query type */
export interface AddArchiveDaysQuery {
  params: AddArchiveDaysParams;
  result: AddArchiveDaysResult;
}

const addArchiveDaysIR: any = {"usedParamSet":{"retentions":true,"daysAhead":true},"params":[{"name":"retentions","required":true,"transform":{"type":"scalar"},"locs":[{"a":242,"b":253}]},{"name":"daysAhead","required":true,"transform":{"type":"scalar"},"locs":[{"a":295,"b":305}]}],"statement":"-- The days ahead, and the days on which what ends now with one of these retentions may go.\nselect pgsched._add_archive_days(array(\n  select distinct ((clock_timestamp() at time zone 'UTC') + o.ms * interval '1 ms')::date + d\n    from unnest(:retentions!::bigint[]) as o(ms), generate_series(0, :daysAhead!::integer) d\n   order by 1)) as \"made!\""};

/**
 * Query generated from SQL:
 * ```
 * -- The days ahead, and the days on which what ends now with one of these retentions may go.
 * select pgsched._add_archive_days(array(
 *   select distinct ((clock_timestamp() at time zone 'UTC') + o.ms * interval '1 ms')::date + d
 *     from unnest(:retentions!::bigint[]) as o(ms), generate_series(0, :daysAhead!::integer) d
 *    order by 1)) as "made!"
 * ```
 */
export const addArchiveDays: PreparedQuery<AddArchiveDaysParams, AddArchiveDaysResult> = new PreparedQuery<AddArchiveDaysParams, AddArchiveDaysResult>(addArchiveDaysIR);


/** 'ExpiredArchivePartitions' parameters type */
export type ExpiredArchivePartitionsParams = void;

/** 'ExpiredArchivePartitions' return type */
export interface ExpiredArchivePartitionsResult {
  attached: boolean;
  parent: string;
  partition: string;
}

/** 'ExpiredArchivePartitions' query type */
export interface ExpiredArchivePartitionsQuery {
  params: ExpiredArchivePartitionsParams;
  result: ExpiredArchivePartitionsResult;
}

const expiredArchivePartitionsIR: any = {"usedParamSet":{},"params":[],"statement":"-- Partitions whose day is over, in UTC; also one that was detached and not yet dropped.\nselect format('%I.%I', n.nspname, c.relname) as \"partition!\", format('%I.%I', n.nspname, 'job_archive') as \"parent!\",\n       i.inhrelid is not null as \"attached!\"\n  from pg_namespace n\n  join pg_class c on c.relnamespace = n.oid\n  left join pg_inherits i on i.inhrelid = c.oid\n where n.nspname = pgsched._schema()\n   and c.relkind = 'r'\n   and c.relname ~ '^job_archive_\\d{8}$'\n   and to_date(right(c.relname, 8), 'YYYYMMDD') < (clock_timestamp() at time zone 'UTC')::date"};

/**
 * Query generated from SQL:
 * ```
 * -- Partitions whose day is over, in UTC; also one that was detached and not yet dropped.
 * select format('%I.%I', n.nspname, c.relname) as "partition!", format('%I.%I', n.nspname, 'job_archive') as "parent!",
 *        i.inhrelid is not null as "attached!"
 *   from pg_namespace n
 *   join pg_class c on c.relnamespace = n.oid
 *   left join pg_inherits i on i.inhrelid = c.oid
 *  where n.nspname = pgsched._schema()
 *    and c.relkind = 'r'
 *    and c.relname ~ '^job_archive_\d{8}$'
 *    and to_date(right(c.relname, 8), 'YYYYMMDD') < (clock_timestamp() at time zone 'UTC')::date
 * ```
 */
export const expiredArchivePartitions: PreparedQuery<ExpiredArchivePartitionsParams, ExpiredArchivePartitionsResult> = new PreparedQuery<ExpiredArchivePartitionsParams, ExpiredArchivePartitionsResult>(expiredArchivePartitionsIR);


/** 'SweepProgress' parameters type */
export type SweepProgressParams = void;

/** 'SweepProgress' return type */
export type SweepProgressResult = void;

/** 'SweepProgress' query type */
export interface SweepProgressQuery {
  params: SweepProgressParams;
  result: SweepProgressResult;
}

const sweepProgressIR: any = {"usedParamSet":{},"params":[],"statement":"-- Of jobs that have ended.\ndelete from pgsched.job_progress p where not exists (select from pgsched.job j where j.id = p.id)"};

/**
 * Query generated from SQL:
 * ```
 * -- Of jobs that have ended.
 * delete from pgsched.job_progress p where not exists (select from pgsched.job j where j.id = p.id)
 * ```
 */
export const sweepProgress: PreparedQuery<SweepProgressParams, SweepProgressResult> = new PreparedQuery<SweepProgressParams, SweepProgressResult>(sweepProgressIR);


/** 'FreeKeys' parameters type */
export type FreeKeysParams = void;

/** 'FreeKeys' return type */
export type FreeKeysResult = void;

/** 'FreeKeys' query type */
export interface FreeKeysQuery {
  params: FreeKeysParams;
  result: FreeKeysResult;
}

const freeKeysIR: any = {"usedParamSet":{},"params":[],"statement":"-- Whose jobs retention has dropped. Past those that somebody's open transaction has taken over. Index: job_key_free.\ndelete from pgsched.job_key k\n using (select f.task, f.key from pgsched.job_key f where f.free_at < clock_timestamp() for update skip locked) f\n where k.task = any (array[f.task]) and k.key = any (array[f.key])"};

/**
 * Query generated from SQL:
 * ```
 * -- Whose jobs retention has dropped. Past those that somebody's open transaction has taken over. Index: job_key_free.
 * delete from pgsched.job_key k
 *  using (select f.task, f.key from pgsched.job_key f where f.free_at < clock_timestamp() for update skip locked) f
 *  where k.task = any (array[f.task]) and k.key = any (array[f.key])
 * ```
 */
export const freeKeys: PreparedQuery<FreeKeysParams, FreeKeysResult> = new PreparedQuery<FreeKeysParams, FreeKeysResult>(freeKeysIR);


/** 'SweepRepeats' parameters type */
export type SweepRepeatsParams = void;

/** 'SweepRepeats' return type */
export type SweepRepeatsResult = void;

/** 'SweepRepeats' query type */
export interface SweepRepeatsQuery {
  params: SweepRepeatsParams;
  result: SweepRepeatsResult;
}

const sweepRepeatsIR: any = {"usedParamSet":{},"params":[],"statement":"-- Of first inserts that no server can still come to.\ndelete from pgsched.repeated_insert r where r.at < clock_timestamp() - interval '1 hour'"};

/**
 * Query generated from SQL:
 * ```
 * -- Of first inserts that no server can still come to.
 * delete from pgsched.repeated_insert r where r.at < clock_timestamp() - interval '1 hour'
 * ```
 */
export const sweepRepeats: PreparedQuery<SweepRepeatsParams, SweepRepeatsResult> = new PreparedQuery<SweepRepeatsParams, SweepRepeatsResult>(sweepRepeatsIR);


/** 'Horizon' parameters type */
export type HorizonParams = void;

/** 'Horizon' return type */
export interface HorizonResult {
  deadJobs: number;
  deadKeys: number;
  heldMs: number | null;
  kind: string | null;
  name: string | null;
  pid: number | null;
  role: string | null;
  seesAll: boolean;
  state: string | null;
  xmin: string | null;
}

/** 'Horizon' query type */
export interface HorizonQuery {
  params: HorizonParams;
  result: HorizonResult;
}

const horizonIR: any = {"usedParamSet":{},"params":[],"statement":"-- Who keeps vacuum from removing dead rows (the oldest), and the dead rows of the hot tables. One row. Takes no lock.\n-- Sessions and prepared transactions of other databases hold nothing back here; a vacuum holds nothing back anywhere.\n-- Of a slot or a standby nobody says since when it holds, heldMs is null. The tables by computed names, because our schema is\n-- not bound inside a literal.\nselect h.kind as \"kind\", h.pid as \"pid\", h.name as \"name\", h.role as \"role\", h.state as \"state\", h.held_ms as \"heldMs\", h.xmin::text as \"xmin\",\n       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as \"seesAll!\",\n       coalesce(pg_stat_get_dead_tuples((pgsched._schema() || '.job')::regclass), 0)::float8 as \"deadJobs!\",\n       coalesce(pg_stat_get_dead_tuples((pgsched._schema() || '.job_key')::regclass), 0)::float8 as \"deadKeys!\"\n  from (select) one\n  left join lateral (\n    select x.*\n      from (\n        select 'session' as kind, a.pid, a.application_name as name, a.usename::text as role, a.state,\n               date_part('epoch', clock_timestamp() - a.xact_start) * 1000 as held_ms,\n               case when age(a.backend_xid) > age(a.backend_xmin) then a.backend_xid else coalesce(a.backend_xmin, a.backend_xid) end as xmin\n          from pg_stat_activity a\n         where a.datname = current_database() and a.pid <> pg_backend_pid()\n           and (a.backend_xmin is not null or a.backend_xid is not null)\n           and a.backend_type <> 'autovacuum worker'\n           and not exists (select from pg_stat_progress_vacuum v where v.pid = a.pid)\n        union all\n        select 'prepared transaction', null, p.gid, p.owner::text, null,\n               date_part('epoch', clock_timestamp() - p.prepared) * 1000, p.transaction\n          from pg_prepared_xacts p\n         where p.database = current_database()\n        union all\n        select 'replication slot', s.active_pid, s.slot_name::text, null, case when s.active then 'active' else 'inactive' end, null, s.xmin\n          from pg_replication_slots s\n         where s.xmin is not null\n        union all\n        select 'standby', r.pid, r.application_name, r.usename::text, r.state, null, r.backend_xmin\n          from pg_stat_replication r\n         where r.backend_xmin is not null\n      ) x\n     order by age(x.xmin) desc, x.held_ms desc nulls last\n     limit 1) h on true"};

/**
 * Query generated from SQL:
 * ```
 * -- Who keeps vacuum from removing dead rows (the oldest), and the dead rows of the hot tables. One row. Takes no lock.
 * -- Sessions and prepared transactions of other databases hold nothing back here; a vacuum holds nothing back anywhere.
 * -- Of a slot or a standby nobody says since when it holds, heldMs is null. The tables by computed names, because our schema is
 * -- not bound inside a literal.
 * select h.kind as "kind", h.pid as "pid", h.name as "name", h.role as "role", h.state as "state", h.held_ms as "heldMs", h.xmin::text as "xmin",
 *        pg_has_role(current_user, 'pg_read_all_stats', 'usage') as "seesAll!",
 *        coalesce(pg_stat_get_dead_tuples((pgsched._schema() || '.job')::regclass), 0)::float8 as "deadJobs!",
 *        coalesce(pg_stat_get_dead_tuples((pgsched._schema() || '.job_key')::regclass), 0)::float8 as "deadKeys!"
 *   from (select) one
 *   left join lateral (
 *     select x.*
 *       from (
 *         select 'session' as kind, a.pid, a.application_name as name, a.usename::text as role, a.state,
 *                date_part('epoch', clock_timestamp() - a.xact_start) * 1000 as held_ms,
 *                case when age(a.backend_xid) > age(a.backend_xmin) then a.backend_xid else coalesce(a.backend_xmin, a.backend_xid) end as xmin
 *           from pg_stat_activity a
 *          where a.datname = current_database() and a.pid <> pg_backend_pid()
 *            and (a.backend_xmin is not null or a.backend_xid is not null)
 *            and a.backend_type <> 'autovacuum worker'
 *            and not exists (select from pg_stat_progress_vacuum v where v.pid = a.pid)
 *         union all
 *         select 'prepared transaction', null, p.gid, p.owner::text, null,
 *                date_part('epoch', clock_timestamp() - p.prepared) * 1000, p.transaction
 *           from pg_prepared_xacts p
 *          where p.database = current_database()
 *         union all
 *         select 'replication slot', s.active_pid, s.slot_name::text, null, case when s.active then 'active' else 'inactive' end, null, s.xmin
 *           from pg_replication_slots s
 *          where s.xmin is not null
 *         union all
 *         select 'standby', r.pid, r.application_name, r.usename::text, r.state, null, r.backend_xmin
 *           from pg_stat_replication r
 *          where r.backend_xmin is not null
 *       ) x
 *      order by age(x.xmin) desc, x.held_ms desc nulls last
 *      limit 1) h on true
 * ```
 */
export const horizon: PreparedQuery<HorizonParams, HorizonResult> = new PreparedQuery<HorizonParams, HorizonResult>(horizonIR);
