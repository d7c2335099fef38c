/** What the command's exit code says. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** A bug in pgsched. */
  bug: 1,
  /** Could not do it: usage, config, manifest, database. */
  failed: 2,
  /** The user said no. */
  declined: 3,
  /** Ran and found something: stale files, breaking changes, pending migrations, a failed job. */
  found: 4,
  /** Ended by Ctrl-C. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = number;
