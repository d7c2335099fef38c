import type { Diagnostic, Place } from '../../generator/diagnostic.js';
import { shown } from '../output.js';

/** A finding as a workflow command, which GitHub shows at its line of the diff: `::error file=…,line=…,col=…,title=…::message`. */
export function githubAnnotation(found: Diagnostic, root: string): string {
  const { severity, code, place, related } = found;
  const where = (at: Place) => `${shown(at.file, root)}:${at.line}:${at.column}`;
  const properties = {
    ...(place && { file: shown(place.file, root), line: place.line, col: place.column }),
    title: code,
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`);
  const message = [
    found.message,
    ...related.map((other) => `${where(other.place)} - ${other.message}`),
  ];
  return `::${commands[severity]} ${list.join(',')}::${data(message.join('\n'))}`;
}

const commands = { error: 'error', warning: 'warning', info: 'notice' } as const;

/** A command ends with its line; a percent sign begins an escape. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string | number): string {
  return data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
