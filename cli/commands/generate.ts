import { formatDiagnostics } from '../../generator/diagnostic.js';
import { type Generated, generate } from '../../generator/generate.js';
import type { Project } from '../../generator/project.js';
import { type Run, watch } from '../../generator/watch.js';
import { checkFiles } from '../../generator/write/check-files.js';
import { type Written, writeFiles } from '../../generator/write/write-files.js';
import { errorCodes } from '../../runtime/errors.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { reportFailure } from '../failure.js';
import { count, hasColor, note, paint, print, shown } from '../output.js';
import { loadProject } from '../project.js';
import { untilSignal } from '../signals.js';

export interface GenerateOptions {
  config?: string | undefined;
  check?: boolean | undefined;
  watch?: boolean | undefined;
  trace?: boolean | undefined;
}

/** `pgsched generate`: makes the files of the manifest, checks that they are fresh, or keeps them so. */
export async function generateCommand(options: GenerateOptions): Promise<ExitCode> {
  const project = await loadProject(options);
  if (options.watch) return keepGenerating(project, options);
  const generated = await generate(project);
  reportFindings(generated);
  if (!generated.ok) return exitCodes.failed;
  if (options.check) return check(generated);
  print(summary(generated, await writeFiles(generated)));
  return exitCodes.ok;
}

/** The diagnostics on stderr, and how many errors there are. */
export function reportFindings({ project, diagnostics, ok }: Generated): void {
  if (diagnostics.length === 0) return;
  note(formatDiagnostics(diagnostics, { root: process.cwd(), color: hasColor(process.stderr) }));
  if (ok) return;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  note(`${count(errors, 'error')} in ${shown(project.manifest)}; nothing was written.`);
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

async function check(generated: Generated): Promise<ExitCode> {
  const stale = await checkFiles(generated);
  for (const { path, reason } of stale) print(`${shown(path)}: ${reasons[reason]}`);
  if (stale.length === 0) {
    print('Everything generated is fresh.');
    return exitCodes.ok;
  }
  const error = paint('red', 'error', process.stderr);
  const are = stale.length === 1 ? 'is' : 'are';
  note(
    `${error} ${errorCodes.StaleFiles}: ${count(stale.length, 'file')} ${are} stale. Run \`npx pgsched generate\` and commit what it writes.`,
  );
  return exitCodes.found;
}

const reasons = {
  missing: 'missing',
  changed: 'differs from what the manifest gives',
  orphan: 'left over, made no more',
} as const;

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
