import type { Shape } from '../../../runtime/contract/types.js';
import { constraintNames, constraintsOf } from './constraints.js';

const longest = 80;

/** A shape in a few words, much as TypeScript writes it. */
export function shapeText(shape: Shape): string {
  const text = whole(shape);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function whole(shape: Shape): string {
  switch (shape.kind) {
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'url':
      return 'URL';
    case 'json':
      return 'Json';
    case 'ref':
      return shape.name;
    case 'literal':
      return JSON.stringify(shape.value);
    case 'template':
      return `\`${shape.parts.map((part, at) => part + placeholder(shape.types[at])).join('')}\``;
    case 'array':
      return `${bracketed(shape.item)}[]${constraintsText(shape)}`;
    case 'tuple': {
      const rest = shape.rest ? [`...${bracketed(shape.rest)}[]`] : [];
      return `[${[...shape.items.map(whole), ...rest].join(', ')}]`;
    }
    case 'set':
      return `Set<${whole(shape.item)}>`;
    case 'map':
      return `Map<${whole(shape.key)}, ${whole(shape.value)}>`;
    case 'record':
      return `Record<string, ${whole(shape.value)}>`;
    case 'object':
      return objectText(shape);
    case 'union':
      return shape.members.map(whole).join(' | ');
    default:
      return `${shape.kind}${constraintsText(shape)}`;
  }
}

function placeholder(type: string | undefined): string {
  return type === undefined ? '' : `\${${type}}`;
}

function bracketed(shape: Shape): string {
  return shape.kind === 'union' ? `(${whole(shape)})` : whole(shape);
}

/** The fields by name; a literal says which object it is. */
function objectText({ properties }: Shape & { kind: 'object' }): string {
  if (properties.length === 0) return '{}';
  const fields = properties.map(({ name, optional, shape }) => {
    const value = shape.kind === 'literal' ? `: ${whole(shape)}` : '';
    return `${name}${optional ? '?' : ''}${value}`;
  });
  return `{ ${fields.join(', ')} }`;
}

function constraintsText(shape: Shape): string {
  const constraints = constraintsOf(shape);
  const said = constraintNames
    .filter((name) => constraints[name] !== undefined)
    .map((name) => (constraints[name] === true ? name : `${name} ${constraints[name]}`));
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}
