/** The vocabulary: what a manifest and a handler need. Loads neither pg nor a `node:` module, so it bundles for any place. */
export type { Duration } from './duration.js';
export type { ErrorCode, ErrorName, Issue } from './errors.js';
export { errorCodes, isPgschedError, PgschedError } from './errors.js';
export type { Json } from './json.js';
export { Fail, notImplemented, Retry, Snooze } from './outcome.js';
export type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.js';
export type {
  AnyTask,
  Backoff,
  Group,
  KeyScope,
  ManifestOptions,
  OnConflict,
  Priority,
  Retention,
  Task,
  TaskOptions,
} from './task.js';
export { defineTasks, task } from './task.js';
export type { MiddlewareRun, RunMiddleware, WorkerSetup } from './worker-setup.js';
export { defineWorker } from './worker-setup.js';
