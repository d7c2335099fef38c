import { type Command, Option } from 'commander';

/** How findings are printed: for people, for programs, or as annotations of a GitHub workflow. */
export const reportFormats = ['text', 'json', 'github'] as const;

export type ReportFormat = (typeof reportFormats)[number];

export interface ReportOptions {
  format?: ReportFormat | undefined;
  json?: boolean | undefined;
}

/** Gives a command that has findings the options that say how they are printed. */
export function withReport(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'how findings are printed (default: text)').choices(
        reportFormats,
      ),
    )
    .addOption(new Option('--json', 'the same as --format json').conflicts('format'));
}

export function formatOf({ format, json }: ReportOptions): ReportFormat {
  return json === true ? 'json' : (format ?? 'text');
}
