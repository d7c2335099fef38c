import type { TypeText } from '../model.js';
import { objectSource, typeSource } from './type-text.js';

/** The declaration of an exported type: an interface where it has fields. `nameOf` gives the final name of a type that is referred to. */
export function declare(name: string, text: TypeText, nameOf: (ref: string) => string): string {
  if (typeof text === 'object' && 'object' in text && text.object.length > 0) {
    return `export interface ${name} ${objectSource(text.object, nameOf)}\n`;
  }
  const head = `export type ${name} =`;
  const source = typeSource(text, nameOf, '', head.length + 2);
  return `${head}${source.startsWith('\n') ? '' : ' '}${source};\n`;
}
