/** Every error of pgsched: its name and its stable code. A code is never reused; each has a page in `docs/errors/`. */
export const errorCodes = {
  ManifestSyntax: 'PGS1001',
  ManifestNotFound: 'PGS1002',
  InvalidManifest: 'PGS1003',
  InvalidTaskName: 'PGS1004',
  DuplicateTaskName: 'PGS1005',
  NotStatic: 'PGS1006',
  InvalidTaskOption: 'PGS1007',
  NotJson: 'PGS1008',
  InvalidKeyFunction: 'PGS1009',
  NotStrict: 'PGS1010',
  StaleFiles: 'PGS1011',
  InvalidConfig: 'PGS1012',
  OrphanHandler: 'PGS1013',
  InvalidConstraint: 'PGS1014',
  InvalidWorkerTasks: 'PGS1015',
  InvalidArgumentName: 'PGS1020',
  BaselineUnreadable: 'PGS1030',
  RowsBreak: 'PGS1031',
  CallersBreak: 'PGS1032',
  BehaviourChanged: 'PGS1033',
  QueuedJobsFail: 'PGS1034',
  NoLongerNeeded: 'PGS1035',

  InvalidArgs: 'PGS2001',
  InvalidResult: 'PGS2002',
  UnknownTask: 'PGS2003',
  InvalidOption: 'PGS2004',
  InvalidTransaction: 'PGS2005',
  ArgsTooLarge: 'PGS2006',
  StaleContract: 'PGS2007',

  DuplicateJob: 'PGS3001',
  KeyBusy: 'PGS3002',
  JobFailed: 'PGS3003',
  JobCancelled: 'PGS3004',
  JobExpired: 'PGS3005',
  ResultTimeout: 'PGS3006',
  ResultGone: 'PGS3007',
  NotCommitted: 'PGS3008',
  ClientClosed: 'PGS3009',

  LeaseLost: 'PGS4001',
  TimedOut: 'PGS4002',
  ResultNotStorable: 'PGS4003',
  WorkerLost: 'PGS4004',
  AfterCompletion: 'PGS4005',
  HandlerMissing: 'PGS4006',
  NotAnError: 'PGS4007',

  DatabaseUnreachable: 'PGS5001',
  SchemaOutOfDate: 'PGS5002',
  InvalidSchemaName: 'PGS5003',
  MigrationChanged: 'PGS5004',
  MigrationFailed: 'PGS5005',
  EmbeddedMissing: 'PGS5006',
  EmbeddedFailed: 'PGS5007',

  HandlersNotFound: 'PGS6001',
  FileDoesNotLoad: 'PGS6002',
  PackageNotFound: 'PGS6003',
  UnknownWorker: 'PGS6004',
} as const;

export type ErrorName = keyof typeof errorCodes;
export type ErrorCode = (typeof errorCodes)[ErrorName];

/** One thing wrong with a value: where in it, and what. `index` is the item's place in a bulk call. */
export interface Issue {
  readonly path: string;
  readonly message: string;
  readonly index?: number | undefined;
}

/**
 * What pgsched throws. Tell errors apart by `code` (or `name`), not by class: two copies of the package may be loaded.
 * `details` holds what the message says as data, for instance `{ task, issues }` of `InvalidArgs`.
 */
export class PgschedError<Details = Readonly<Record<string, unknown>>> extends Error {
  override readonly name: ErrorName;
  readonly code: ErrorCode;
  readonly details: Details;

  constructor(
    name: ErrorName,
    options: { message: string; details?: Details | undefined; cause?: unknown },
  ) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.code = errorCodes[name];
    this.details = (options.details ?? {}) as Details;
  }
}

/** True for a pgsched error (of that name), whichever copy of the package made it. */
export function isPgschedError(error: unknown, name?: ErrorName): error is PgschedError {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return name === undefined
    ? typeof code === 'string' && /^PGS\d{4}$/.test(code)
    : code === errorCodes[name];
}
