import type { Shape } from '../../runtime/contract/types.js';
import type { TypeText } from '../model.js';
import { quote } from './literal.js';

/** The plain type of what a shape lets pass: of an enum its values, of a brand what it marks. */
export function shapeType(shape: Shape): TypeText {
  switch (shape.kind) {
    case 'literal':
      return typeof shape.value === 'string' ? quote(shape.value) : String(shape.value);
    case 'template':
      return templateType(shape);
    case 'json':
      return 'Json';
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'url':
      return 'URL';
    case 'array':
      return { array: shapeType(shape.item), readonly: true };
    case 'tuple':
      return {
        tuple: shape.items.map(shapeType),
        required: shape.items.length,
        rest: shape.rest ? shapeType(shape.rest) : null,
        readonly: true,
      };
    case 'set':
      return { generic: 'ReadonlySet', of: [shapeType(shape.item)] };
    case 'map':
      return { generic: 'ReadonlyMap', of: [shapeType(shape.key), shapeType(shape.value)] };
    case 'record':
      return { generic: 'Record', of: ['string', shapeType(shape.value)] };
    case 'object':
      return objectType(shape);
    case 'union':
      return { union: shape.members.map(shapeType) };
    case 'ref':
      return { ref: shape.name };
    default:
      return shape.kind;
  }
}

function objectType({ properties }: Extract<Shape, { kind: 'object' }>): TypeText {
  if (properties.length === 0) return { generic: 'Record', of: ['string', 'never'] };
  return {
    object: properties.map(({ name, optional, shape }) => ({
      name,
      optional,
      doc: '',
      type: optional ? withUndefined(shapeType(shape)) : shapeType(shape),
    })),
  };
}

/** As the types of the manifest are written: whoever forwards an optional value need not leave it out. */
function withUndefined(type: TypeText): TypeText {
  const members = typeof type === 'object' && 'union' in type ? type.union : [type];
  return members.includes('undefined') ? type : { union: [...members, 'undefined'] };
}

function templateType({ parts, types }: Extract<Shape, { kind: 'template' }>): string {
  const fixed = (part: string) => part.replaceAll(/[\\`]|\$\{/g, '\\$&');
  const rest = types.map((type, index) => `\${${type}}${fixed(parts[index + 1] ?? '')}`);
  return `\`${fixed(parts[0] ?? '')}${rest.join('')}\``;
}
