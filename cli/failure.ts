import { isPgschedError } from '../runtime/errors.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { note, paint } from './output.js';

/** Says on stderr what went wrong and gives the exit code for it. The stack only on request: `--trace`, or `DEBUG`. */
export function reportFailure(error: unknown, trace: boolean): ExitCode {
  const { head, code } = read(error);
  note(`${paint('red', 'error', process.stderr)}${head}`);
  if (trace) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) note(cause.stack ?? '');
  } else if (code === exitCodes.bug) {
    note('This is a bug in pgsched. Run it again with --trace and report what it prints.');
  }
  return code;
}

/** How a failure of one cause reads: after `error`, with its code if it has one. */
function read(error: unknown): { head: string; code: ExitCode } {
  if (!(error instanceof Error)) return { head: `: ${String(error)}`, code: exitCodes.bug };
  if (isPgschedError(error)) {
    const code = endings.some((name) => isPgschedError(error, name))
      ? exitCodes.found
      : exitCodes.failed;
    return { head: ` ${error.code}: ${error.message}`, code };
  }
  const { code, syscall, severity } = error as Details;
  // The machine or the database said no; the program is not to blame.
  if (syscall !== undefined) return { head: `: ${error.message}`, code: exitCodes.failed };
  if (severity !== undefined) {
    const head = `: The database refused: ${error.message} (SQLSTATE ${code})`;
    return { head, code: exitCodes.failed };
  }
  return { head: `: ${error.name}: ${error.message}`, code: exitCodes.bug };
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
