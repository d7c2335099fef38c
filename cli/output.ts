import { relative, sep } from 'node:path';
import { styleText } from 'node:util';
import { maskUrl } from '../runtime/database/mask-url.js';

type Format = Parameters<typeof styleText>[0];

/** What was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Everything else: what happens, warnings, errors. */
export function note(text: string): void {
  process.stderr.write(`${maskUrl(text)}\n`);
}

/** Colours text for a stream: not in a pipe, and as `NO_COLOR` and `FORCE_COLOR` say. */
export function paint(format: Format, text: string, stream: NodeJS.WriteStream): string {
  return styleText(format, text, { stream });
}

export function hasColor(stream: NodeJS.WriteStream): boolean {
  return paint('red', '.', stream) !== '.';
}

/** A path as the user would type it. */
export function shown(path: string, folder: string = process.cwd()): string {
  const short = relative(folder, path);
  return (short.startsWith('..') ? path : short || '.').split(sep).join('/');
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
