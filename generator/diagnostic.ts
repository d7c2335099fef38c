import { relative, sep } from 'node:path';
import { styleText } from 'node:util';
import { type ErrorCode, type ErrorName, errorCodes } from '../runtime/errors.js';
import { byCodePoint } from './code-points.js';

/** One finding of the generator, as data. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  readonly name: ErrorName;
  readonly code: ErrorCode;
  readonly message: string;
  /** null: the finding has no place in a file. */
  readonly place: Place | null;
  /** Other places that matter, each with what it is. */
  readonly related: readonly { readonly place: Place; readonly message: string }[];
}

export interface Place {
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** How much of the line is meant. */
  readonly length: number;
  /** The line itself; empty where the whole file is meant. */
  readonly text: string;
}

/** A file as a whole. */
export function wholeFile(file: string): Place {
  return { file, line: 1, column: 1, length: 1, text: '' };
}

export function diagnostic(
  name: ErrorName,
  place: Place | null,
  message: string,
  extra: Partial<Pick<Diagnostic, 'severity' | 'related'>> = {},
): Diagnostic {
  return {
    severity: 'error',
    name,
    code: errorCodes[name],
    message,
    place,
    related: [],
    ...extra,
  };
}

/** By file and place; those without a place first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      byCodePoint(a.place?.file ?? '', b.place?.file ?? '') ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

export interface FormatOptions {
  /** Paths are printed relative to this folder. */
  root: string;
  /** @default false */
  color?: boolean | undefined;
}

/** `file:line:col - error PGS1006: message`, a code frame, and the related places. */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  { root, color = false }: FormatOptions,
): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(format, text, { validateStream: false }) : text;
  const where = (place: Place) =>
    `${paint('cyan', relative(root, place.file).split(sep).join('/'))}:${place.line}:${place.column}`;
  return diagnostics
    .map((found) => {
      const tone = tones[found.severity];
      const head = `${paint(tone, found.severity)} ${found.code}: ${found.message}`;
      const lines = [found.place ? `${where(found.place)} - ${head}` : head];
      if (found.place?.text) lines.push(...frame(found.place, (text) => paint(tone, text)));
      for (const { place, message } of found.related) lines.push(`  ${where(place)} - ${message}`);
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}

const tones = { error: 'red', warning: 'yellow', info: 'blue' } as const;

function frame(place: Place, paint: (text: string) => string): string[] {
  const gutter = `${place.line}  `;
  const indent = /^\s*/.exec(place.text)?.[0].length ?? 0;
  const cut = Math.min(indent, place.column - 1);
  const marker = ' '.repeat(gutter.length + place.column - 1 - cut);
  return [
    `${gutter}${place.text.slice(cut)}`,
    `${marker}${paint('~'.repeat(Math.max(1, place.length)))}`,
  ];
}
