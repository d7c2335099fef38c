import { CommanderError } from 'commander';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { reportFailure } from './failure.js';
import { makeProgram } from './program.js';

/** Runs one command line, to the end. The only place that decides the exit code. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const program = makeProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said it already; asked help and version are errors to it too, of exit code 0.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.failed;
    }
    const trace = program.opts<{ trace?: boolean }>().trace === true || !!process.env['DEBUG'];
    return reportFailure(error, trace);
  }
}
