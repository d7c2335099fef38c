import type { Shape } from '../../runtime/contract/types.js';
import type { TypeText } from '../model.js';
import { escapeTemplate, quote } from './literal.js';

/** The type of a shape's values, where no type of the manifest says it any more. */
export function shapeText(shape: Shape): TypeText {
  switch (shape.kind) {
    case 'json':
      return 'Json';
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'url':
      return 'URL';
    case 'literal':
      return typeof shape.value === 'string' ? quote(shape.value) : String(shape.value);
    case 'template':
      return templateText(shape);
    case 'array':
      return { array: shapeText(shape.item), readonly: false };
    case 'tuple':
      return tupleText(shape);
    case 'set':
      return { generic: 'Set', of: [shapeText(shape.item)] };
    case 'map':
      return { generic: 'Map', of: [shapeText(shape.key), shapeText(shape.value)] };
    case 'record':
      return { generic: 'Record', of: ['string', shapeText(shape.value)] };
    case 'object':
      return {
        object: shape.properties.map(({ name, optional, shape: field }) => {
          const text = shapeText(field);
          const type: TypeText = optional ? { union: [text, 'undefined'] } : text;
          return { name, optional, doc: '', type };
        }),
      };
    case 'union':
      return { union: shape.members.map(shapeText) };
    case 'ref':
      return { ref: shape.name };
    default:
      return shape.kind;
  }
}

function tupleText({ items, rest }: Extract<Shape, { kind: 'tuple' }>): TypeText {
  const isOptional = (item: Shape): boolean =>
    item.kind === 'union' && item.members.some(({ kind }) => kind === 'undefined');
  // Only at the end may items be left out.
  const required = items.findLastIndex((item) => !isOptional(item)) + 1;
  return {
    tuple: items.map(shapeText),
    required,
    rest: rest === undefined ? null : shapeText(rest),
    readonly: false,
  };
}

function templateText({ parts, types }: Extract<Shape, { kind: 'template' }>): string {
  const text = parts.map(
    (part, index) => escapeTemplate(part) + (types[index] ? `\${${types[index]}}` : ''),
  );
  return `\`${text.join('')}\``;
}
