import { type ErrorCode, isPgschedError } from '../runtime/errors.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { note, paint } from './output.js';

/** Says on stderr what went wrong and gives the exit code for it. The stack only on request: `--trace`, or `DEBUG`. */
export function reportFailure(error: unknown, trace: boolean): ExitCode {
  const { code, message, exit } = failureOf(error);
  const name = code === null ? '' : ` ${code}`;
  note(`${paint('red', 'error', process.stderr)}${name}: ${message}`);
  if (trace) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) note(cause.stack ?? '');
  } else if (exit === exitCodes.bug) {
    note('This is a bug in pgsched. Run it again with --trace and report what it prints.');
  }
  return exit;
}

/** What a failure says, with its code if it is one of ours, and how the command ends for it. */
export interface Failure {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly exit: ExitCode;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: null, message: String(error), exit: exitCodes.bug };
  if (isPgschedError(error)) {
    const isFinding = endings.some((name) => isPgschedError(error, name));
    const exit = isFinding ? exitCodes.found : exitCodes.failed;
    return { code: error.code, message: error.message, exit };
  }
  const { code, syscall, severity } = error as Details;
  // The machine or the database said no; the program is not to blame.
  if (syscall !== undefined) return { code: null, message: error.message, exit: exitCodes.failed };
  if (severity !== undefined) {
    const message = `The database refused: ${error.message} (SQLSTATE ${code})`;
    return { code: null, message, exit: exitCodes.failed };
  }
  return { code: null, message: `${error.name}: ${error.message}`, exit: exitCodes.bug };
}

/** The job ran, or was stopped, and that is the finding. */
const endings = ['JobFailed', 'JobCancelled', 'JobExpired'] as const;

interface Details {
  readonly code?: unknown;
  /** Of an error of the operating system. */
  readonly syscall?: unknown;
  /** Of an error of the database. */
  readonly severity?: unknown;
}
