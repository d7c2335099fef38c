import type { Tasks } from './worker.js';

/** The contract's part of the tasks that test/support/worker-process.ts runs. */
export const crashTasks: Tasks = {
  log: {},
  die: {},
  block: {},
  effect: {},
  hang: {},
};

/** What those tasks write to. */
export const crashTables = `
  create table run_log (
    run bigint generated always as identity primary key,
    job bigint not null, attempt int not null, pid int not null,
    started_at timestamptz not null default clock_timestamp(), ended_at timestamptz);
  create index on run_log (job);
  create table effect (job bigint not null)`;
