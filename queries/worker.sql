/* @name register */
insert into pgsched.worker (instance, host, pid)
values (:instance!::bigint, :host!, :pid!)
returning pgsched._listened() as "listened!";

/* @name unregister */
delete from pgsched.worker where instance = :instance!::bigint;

/* @name beat */
update pgsched.worker set beat = beat + 1, beat_at = clock_timestamp() where instance = :instance!::bigint
returning pgsched._listened() as "listened!";

/* @name beats */
select w.instance as "instance!", w.beat as "beat!" from pgsched.worker w;

/* @name removeWorker */
-- Only while the beat still stands where it was seen to stand.
delete from pgsched.worker where instance = :instance!::bigint and beat = :beat!::bigint returning instance;

/* @name claim */
-- The last row is no job: it says where to look from next, and when the next job is due.
select c.id, c.task, c.version, c.attempt, c.suspect, c.rescues, c.topic, c.args, c.headers, c.late, c.start_within as "startWithin",
       c.next_position as "nextPosition", c.due_in as "dueIn"
  from pgsched._claim(
    :instance!::bigint, :fence!::bigint, :tasks!::integer[], :versions!::smallint[], :topics::text[], :alone!::integer[],
    :free!::integer, :limit!::integer, :durable!::boolean, :position::jsonb
  ) as c;

/* @name idle */
select i.look_again as "lookAgain!", i.unfiled as "unfiled!" from pgsched._idle(:instance!::bigint, :wakeable!::bigint) as i;

/* @name file */
select pgsched._file(:limit!::integer) as "filed!";

/* @name settle */
-- The values as one text: JSON has no control characters, so that none of its quotes needs a mark of its own.
select s.job::text as "job!", s.exception as "exception!"
  from pgsched._settle(
    :ids!::bigint[], :fences!::bigint[], :outcomes::text[], string_to_array(:values!::text, chr(31), ''), :delays::bigint[],
    :policies::text[], :retains::bigint[], :wait::integer
  ) as s;

/* @name wasSettled */
-- Whether the archive has this run; of a task whose jobs it does not keep, whether the run is over. Index: job_archive_id of each
-- partition, primary key.
select a.id from pgsched.job_archive a where a.id = :id!::bigint and a.fence = :fence!::bigint
union all
select :id!::bigint where not :kept!::boolean and not exists (select from pgsched.job j where j.id = :id!::bigint and j.fence = :fence!::bigint);

/* @name held */
-- What this worker holds, as the database knows it. Index: job_running.
select j.id as "id!", j.fence as "fence!" from pgsched.job j where j.instance = :instance!::bigint;

/* @name recordStart */
-- Durable before a suspect's handler runs. Index: primary key.
update pgsched.job set start_recorded = true
 where id = :id!::bigint and fence = :fence!::bigint and not cancel_requested
returning id;

/* @name cancelRequests */
-- Index: job_running.
select j.id as "id!" from pgsched.job j where j.instance = :instance!::bigint and j.cancel_requested;

/* @name rescue */
select r.rescued as "rescued!", r.failed as "failed!"
  from pgsched._rescue(:limit!::integer, :tasks!::integer[], :maxRescues!::smallint[], null, :error!::text) as r;

/* @name waitingStrangers */
-- The kinds of job that wait and that this worker does not take. One probe of the claim index for each foreign lane.
select coalesce(t.name, 'task ' || l.task) as "name!", l.version as "version!", coalesce(t.retired, false) as "retired!"
  from pgsched.lane l
  left join pgsched.task t on t.task = l.task
 where not exists (
         select from unnest(:tasks!::integer[], :versions!::smallint[]) as k(task, version)
          where k.task = l.task and k.version = l.version)
   and exists (select from pgsched.job j where j.lane = l.lane and j.fence is null and not j.blocked)
 group by 1, 2, 3
 order by 1, 2;

/* @name topicRegexes */
-- The patterns of a worker, and the lanes of those that are plain topics.
select pgsched._topic_regex(p) as "regex!" from unnest(:patterns!::text[]) p;

/* @name sweep */
select pgsched._sweep(:limit!::integer) as "swept!";

/* @name emit */
-- Only while somebody listens.
select pgsched._emit(:type!::text, :ids!::bigint[], :tasks!::integer[], :attempts!::integer[])
 where pgsched._listened();

/* @name progress */
select pgsched._progress(:ids!::bigint[], :fences!::bigint[], :fractions!::real[], :data!::text[]);
