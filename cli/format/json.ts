import type { Diagnostic, Place } from '../../generator/diagnostic.js';
import { shown } from '../output.js';
import { helpPage } from './help.js';

/** A finding as JSON says it; docs/schemas has its schema. */
export interface DiagnosticJson {
  readonly severity: Diagnostic['severity'];
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly place: PlaceJson | null;
  readonly related: readonly (PlaceJson & { readonly message: string })[];
  /** The page that explains the code, in the installed package. */
  readonly help: string;
}

export type PlaceJson = Pick<Place, 'file' | 'line' | 'column' | 'length'>;

/** Paths are relative to `root`, with `/`; those outside are absolute. */
export function diagnosticJson(found: Diagnostic, root: string): DiagnosticJson {
  const { severity, name, code, message, place, related } = found;
  return {
    severity,
    name,
    code,
    message,
    place: place && placeJson(place, root),
    related: related.map((other) => ({ message: other.message, ...placeJson(other.place, root) })),
    help: shown(helpPage(code), root),
  };
}

export function placeJson({ file, line, column, length }: Place, root: string): PlaceJson {
  return { file: shown(file, root), line, column, length };
}
