import { type Diagnostic, diagnostic } from '../../generator/diagnostic.js';
import { isPgschedError } from '../../runtime/errors.js';
import type { ExitCode } from '../exit-codes.js';
import { failureOf, reportFailure } from '../failure.js';
import { hasColor, note, print } from '../output.js';
import { formatOf, type ReportOptions } from './options.js';
import { formatReport, rootOf } from './report.js';

/** How a command ended, before it is printed. */
export interface Outcome {
  readonly code: ExitCode;
  readonly diagnostics: readonly Diagnostic[];
  /** Findings that `text` has already said in its own way. */
  readonly listed?: readonly Diagnostic[] | undefined;
  /** What was asked for, for people. */
  readonly text?: string | undefined;
  /** What is said at the end, for people. */
  readonly closing?: string | undefined;
  /** What the JSON says beside the findings. */
  readonly facts?: object | undefined;
}

/** Runs a command and prints how it ended, in the format that was asked for. Also a failure is then a finding. */
export async function runReported(
  options: ReportOptions & { trace?: boolean | undefined },
  run: () => Promise<Outcome>,
): Promise<ExitCode> {
  const format = formatOf(options);
  const outcome =
    format === 'text'
      ? await run()
      : await run().catch((error) => failed(error, options.trace === true));
  const { code, diagnostics, listed = [], text, closing, facts } = outcome;
  const root = rootOf(format, process.cwd(), process.env);
  const report = (found: readonly Diagnostic[]) =>
    formatReport({ ok: code === 0, diagnostics: found, facts }, format, {
      root,
      color: hasColor(process.stderr),
    });
  if (format === 'text') {
    if (diagnostics.length > 0) note(report(diagnostics));
  } else {
    const found = report([...diagnostics, ...listed]);
    if (found !== '') print(found);
  }
  if (format === 'json') return code;
  if (text) print(text);
  if (closing) note(closing);
  return code;
}

/** A failure that has a code is a finding without a place; any other one is not the user's to correct. */
function failed(error: unknown, trace: boolean): Outcome {
  const { message, exit } = failureOf(error);
  if (isPgschedError(error)) {
    return { code: exit, diagnostics: [diagnostic(error.name, null, message)] };
  }
  reportFailure(error, trace);
  return { code: exit, diagnostics: [], facts: { failure: message } };
}
