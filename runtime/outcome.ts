import type { Duration } from './duration.js';

/**
 * Thrown by a handler: run this job again, later. Counts as a failed run; without `delay` the task's backoff decides when.
 * After `maxAttempts` runs the job fails all the same.
 */
export class Retry extends Error {
  override readonly name = 'Retry';
  readonly '~pgsched' = 'retry';
  readonly delay: Duration | undefined;

  constructor(
    message = 'The handler asked for a retry.',
    options: { delay?: Duration | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.delay = options.delay;
  }
}

/** Thrown by a handler: this job has failed for good, whatever attempts are left. */
export class Fail extends Error {
  override readonly name = 'Fail';
  readonly '~pgsched' = 'fail';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}

/** Thrown by a handler: not yet. The job runs again after the duration, or at the instant; the attempt is given back. */
export class Snooze extends Error {
  override readonly name = 'Snooze';
  readonly '~pgsched' = 'snooze';
  readonly until: Duration | Date;

  constructor(until: Duration | Date, message = 'The handler snoozed the job.') {
    super(message);
    this.until = until;
  }
}

/**
 * What a freshly generated stub exports. A worker does not claim a task whose handler is still this, and says so;
 * its jobs wait. Calling it throws.
 */
export const notImplemented: ((args: unknown, job: unknown) => never) & {
  readonly '~pgsched': 'notImplemented';
} = Object.assign(
  (): never => {
    throw new Error(
      'This handler is still the generated stub: write it, then run the worker again.',
    );
  },
  { '~pgsched': 'notImplemented' as const },
);
