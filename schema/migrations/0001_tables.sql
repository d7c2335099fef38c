-- The tables. Every stored instant is clock_timestamp(): now() is the start of somebody's transaction.

-- Which database this is, so that a restored or cloned one can be told from its origin.
create table pgsched.meta (
  only_row          boolean primary key default true check (only_row),
  system_identifier bigint not null,
  database_oid      oid not null
);

insert into pgsched.meta (system_identifier, database_oid)
select s.system_identifier, d.oid
  from pg_control_system() s, pg_database d
 where d.datname = current_database();

create type pgsched.job_status as enum (
  'pending', 'running', 'completed', 'failed', 'cancelled', 'expired'
);

-- A task is a number; task_name keeps every name it ever had, so that a rename touches no job. retired: it was deleted, and
-- what still waits of it is for those who still know it.
create table pgsched.task (
  task     integer generated always as identity primary key,
  name     text not null unique,
  contract jsonb,
  paused   boolean not null default false,
  retired  boolean not null default false
);

create table pgsched.task_name (
  name text primary key,
  task integer not null references pgsched.task
);

-- Where the jobs of one task, payload version, declared topic and priority level queue up: every job of a lane has its
-- topic. Topics beyond what a task may declare share its lane '*', whose jobs carry their topic themselves.
-- Lane 0 has no row: it is where a job waits whose lane was not yet declared; a worker files it.
-- rewind counts the times that a job came back with its old place: what remembers a position in the lane starts over.
create table pgsched.lane (
  lane    integer generated always as identity primary key,
  task    integer not null,
  version smallint not null,
  topic   text not null,
  level   smallint not null,
  rewind  integer not null default 0,
  unique (task, version, topic, level)
) with (fillfactor = 70);

-- Patterns of topics that are paused: also topics that come to be later fall under them.
create table pgsched.topic (
  pattern text primary key,
  paused  boolean not null default true
);

create table pgsched.schedule (
  task     integer not null,
  name     text not null,
  cron     text,
  every    interval,
  timezone text not null default 'UTC',
  args     jsonb,
  catch_up text not null default 'one' check (catch_up in ('none', 'one', 'all')),
  enabled  boolean not null default true,
  next_at  timestamptz,
  primary key (task, name),
  check ((cron is null) <> (every is null))
) with (fillfactor = 70);

-- A limit of n is n rows, each leased by the worker that has work for it.
create table pgsched.slot (
  task     integer not null,
  key      text not null default '',
  slot     smallint not null,
  instance bigint,
  primary key (task, key, slot)
) with (fillfactor = 70);

-- One row per live worker. The beat is a counter that others watch; beat_at is for people and decides nothing.
create table pgsched.worker (
  instance       bigint primary key,
  beat           bigint not null default 0,
  beat_at        timestamptz not null default clock_timestamp(),
  wakeable_until timestamptz not null default '-infinity',
  started_at     timestamptz not null default clock_timestamp(),
  host           text not null,
  pid            integer not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

create sequence pgsched.job_id as bigint;

-- Pending and running jobs only, kept narrow. Pending is: no fence. Few indexes and no foreign key, because each
-- costs a write per state change. run_at is the place in the queue; due_at what the user asked for, null while equal.
-- instance 0: claimed by SQL, which shows no sign of life; its deadline is its timeout.
-- started: some run of it has begun, so it cannot expire. start_recorded: the start of this run of a suspect is on record.
-- start_within: the call's own, in milliseconds; -1 is never, null is the task's.
create table pgsched.job (
  id               bigint primary key,
  run_at           timestamptz not null,
  created_at       timestamptz not null,
  due_at           timestamptz,
  fence            bigint,
  instance         bigint,
  claimed_at       timestamptz,
  awaited_until    timestamptz,
  deadline         timestamptz,
  start_within     bigint,
  nonce            integer not null,
  lane             integer not null,
  task             integer not null,
  version          smallint not null,
  priority         smallint not null,
  attempt          smallint not null default 0,
  rescues          smallint not null default 0,
  suspect          boolean not null default false,
  start_recorded   boolean not null default false,
  started          boolean not null default false,
  blocked          boolean not null default false,
  cancel_requested boolean not null default false,
  topic            text,
  key              text,
  args             jsonb,
  headers          jsonb,
  failures         jsonb
) with (
  vacuum_truncate = off,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);

create index job_claim on pgsched.job (lane, priority desc, run_at, id) where fence is null and not blocked;
create index job_running on pgsched.job (instance, id) where instance is not null;
-- Of SQL's claims alone: a worker's job is never written to it.
create index job_deadline on pgsched.job (deadline, id) where deadline is not null;

-- The only uniqueness, written for keyed jobs alone. history: the key is kept past the job's end, until free_at.
create table pgsched.job_key (
  task    integer not null,
  key     text not null,
  job     bigint not null,
  nonce   integer not null,
  history boolean not null default false,
  free_at timestamptz,
  primary key (task, key)
) with (
  vacuum_truncate = off,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);

create index job_key_free on pgsched.job_key (free_at) where free_at is not null;

-- Jobs whose insert was repeated, because the answer to the first one was lost: should the server come to that first one
-- only now, it inserts nothing. Forgotten after an hour.
create table pgsched.repeated_insert (
  id bigint primary key,
  at timestamptz not null
);

-- How far running jobs have come. Beside the job, because it changes often and may be lost; swept when the job has ended.
create unlogged table pgsched.job_progress (
  id       bigint primary key,
  fence    bigint not null,
  fraction real not null,
  data     jsonb,
  at       timestamptz not null
) with (fillfactor = 70);

-- Who listens to events, until when. While nobody does, nothing is told.
create table pgsched.event_listener (
  listener bigint primary key,
  until    timestamptz not null
) with (fillfactor = 50);

-- Ended jobs, by the day on which they may go: what leaves together lies together, and retention drops partitions.
create table pgsched.job_archive (
  id         bigint not null,
  purge_at   timestamptz not null,
  ended_at   timestamptz not null,
  created_at timestamptz not null,
  run_at     timestamptz not null,
  due_at     timestamptz,
  claimed_at timestamptz,
  fence      bigint,
  nonce      integer not null,
  lane       integer not null,
  task       integer not null,
  status     pgsched.job_status not null,
  version    smallint not null,
  priority   smallint not null,
  attempt    smallint not null,
  rescues    smallint not null,
  topic      text,
  key        text,
  args       jsonb,
  headers    jsonb,
  result     jsonb,
  error      jsonb,
  failures   jsonb
) partition by range (purge_at);

create index job_archive_id on pgsched.job_archive (id);
