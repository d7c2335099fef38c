import { formatDiagnostics } from '../../generator/diagnostic.js';
import { type Generated, generate } from '../../generator/generate.js';
import type { Project } from '../../generator/project.js';
import { type Run, watch } from '../../generator/watch.js';
import { type Written, writeFiles } from '../../generator/write/write-files.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { reportFailure } from '../failure.js';
import { helpFolder } from '../format/help.js';
import type { ReportOptions } from '../format/options.js';
import { type Outcome, runReported } from '../format/outcome.js';
import { checked } from '../generate/checked.js';
import { explained } from '../generate/explained.js';
import { count, hasColor, note, print, shown } from '../output.js';
import { loadProject } from '../project.js';
import { untilSignal } from '../signals.js';

export interface GenerateOptions extends ReportOptions {
  config?: string | undefined;
  check?: boolean | undefined;
  explain?: string | undefined;
  watch?: boolean | undefined;
  trace?: boolean | undefined;
}

/** `pgsched generate`: makes the files of the manifest, checks that they are fresh, keeps them so, or explains a task. */
export async function generateCommand(options: GenerateOptions): Promise<ExitCode> {
  if (options.watch) return keepGenerating(await loadProject(options), options);
  return runReported(options, async () => {
    const project = await loadProject(options);
    if (options.explain !== undefined) return explained(project, options.explain);
    const generated = await generate(project);
    if (!generated.ok) return failed(generated);
    return options.check ? checked(generated) : written(generated);
  });
}

async function written(generated: Generated): Promise<Outcome> {
  const files = await writeFiles(generated);
  return {
    code: exitCodes.ok,
    diagnostics: generated.diagnostics,
    text: summary(generated, files),
    facts: { files: filesJson(generated, files) },
  };
}

function failed(generated: Generated): Outcome {
  return {
    code: exitCodes.failed,
    diagnostics: generated.diagnostics,
    closing: failureLine(generated),
  };
}

/** What happened to each file, relative to the current folder. */
function filesJson({ stubs }: Generated, { written, removed, unchanged }: Written): object {
  const paths = (list: readonly string[]) => list.map((path) => shown(path));
  return {
    written: paths(written.filter((path) => !stubs.has(path))),
    removed: paths(removed),
    unchanged: paths(unchanged),
    stubs: paths(written.filter((path) => stubs.has(path))),
  };
}

function failureLine({ project, diagnostics }: Generated): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return `${count(errors, 'error')} in ${shown(project.manifest)}; nothing was written. Each code has a page in ${shown(helpFolder())}.`;
}

/** The diagnostics on stderr, and how many errors there are. */
export function reportFindings(generated: Generated): void {
  const { diagnostics, ok } = generated;
  if (diagnostics.length === 0) return;
  note(formatDiagnostics(diagnostics, { root: process.cwd(), color: hasColor(process.stderr) }));
  if (!ok) note(failureLine(generated));
}

/** `3 files written, 2 stubs, 5 unchanged`. */
export function summary(generated: Generated, { written, removed, unchanged }: Written): string {
  const stubs = written.filter((path) => generated.stubs.has(path)).length;
  const parts = [
    `${count(written.length - stubs, 'file')} written`,
    count(stubs, 'stub'),
    `${unchanged.length} unchanged`,
  ];
  if (removed.length > 0) parts.push(`${removed.length} removed`);
  const created = written.filter((path) => generated.stubs.has(path)).map((path) => shown(path));
  return [...created.map((path) => `New stub: ${path}`), parts.join(', ')].join('\n');
}

async function keepGenerating(first: Project, options: GenerateOptions): Promise<ExitCode> {
  const report = (run: Run) => {
    if (run.generated === undefined) {
      reportFailure(run.error, options.trace === true);
      return;
    }
    reportFindings(run.generated);
    if (run.generated.ok) print(summary(run.generated, run.written));
  };
  const watching = await watch(() => loadProject(options), report);
  note(`Watching ${shown(first.manifest)}. Ctrl-C ends it.`);
  const signal = await untilSignal();
  await watching.close();
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
}
