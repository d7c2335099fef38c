import type { FieldText, TypeText } from '../model.js';
import { docComment } from './comment.js';
import { propertyName } from './literal.js';

const width = 100;

/** A type as TypeScript source. `nameOf` gives the final name of a type that refers to itself; `used` is what else stands on its line. */
export function typeSource(
  type: TypeText,
  nameOf: (ref: string) => string,
  indent = '',
  used = 0,
): string {
  const print = (part: TypeText, at: string, taken: number): string =>
    typeSource(part, nameOf, at, taken);
  const item = (part: TypeText): string => {
    const text = print(part, indent, used + 2);
    return isUnion(part) ? `(${text})` : text;
  };
  if (typeof type === 'string') return type;
  if ('ref' in type) return nameOf(type.ref);
  if ('object' in type) return objectSource(type.object, nameOf, indent);
  if ('union' in type) {
    const flat = type.union.map((part) => print(part, indent, used)).join(' | ');
    if (!flat.includes('\n') && indent.length + used + flat.length <= width) return flat;
    return type.union.map((part) => `\n${indent}  | ${print(part, `${indent}    `, 0)}`).join('');
  }
  if ('array' in type) return `${type.readonly ? 'readonly ' : ''}${element(type.array, item)}[]`;
  if ('tuple' in type) {
    const rest = type.rest === null ? [] : [`...${element(type.rest, item)}[]`];
    const items = type.tuple.map((part, index) =>
      index < type.required ? print(part, indent, used + 2) : `${element(part, item)}?`,
    );
    return `${type.readonly ? 'readonly ' : ''}[${[...items, ...rest].join(', ')}]`;
  }
  const [, value] = type.of;
  if (type.generic === 'Record' && value !== undefined && holdsRef(value)) {
    return `{ [key: string]: ${print(value, indent, used)} }`;
  }
  return `${type.generic}<${type.of.map((part) => print(part, indent, used)).join(', ')}>`;
}

/** An object type's braces and fields, also the body of an interface. */
export function objectSource(
  fields: readonly FieldText[],
  nameOf: (ref: string) => string,
  indent = '',
): string {
  if (fields.length === 0) return '{}';
  const deeper = `${indent}  `;
  const lines = fields.map(({ name, optional, doc, type }) => {
    const head = `${propertyName(name)}${optional ? '?' : ''}: `;
    const text = typeSource(type, nameOf, deeper, head.length + 1);
    return `${docComment(doc, deeper)}${deeper}${text.startsWith('\n') ? head.trimEnd() : head}${text};\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

/** The item of an array: what binds weaker than `[]` goes in parentheses. */
function element(part: TypeText, item: (part: TypeText) => string): string {
  const isReadonly = typeof part === 'object' && 'readonly' in part && part.readonly;
  return isReadonly ? `(${item(part)})` : item(part);
}

/** Of a type that refers to itself, `Record<string, Self>` would be a circle; an index signature is none. */
function holdsRef(part: TypeText): boolean {
  return JSON.stringify(part).includes('{"ref":');
}

function isUnion(part: TypeText): boolean {
  return typeof part === 'object' && 'union' in part;
}
