import { templatePattern } from '../../../runtime/contract/shape/scalars.js';
import type { Shape } from '../../../runtime/contract/types.js';
import { constraintsHold, isConstrained, literalHolds } from './constraints.js';
import type { Way } from './misfit.js';

/** Whether every value of one single value's shape is a value of another's. */
export function scalarFits(from: Shape, to: Shape, way: Way): boolean {
  switch (to.kind) {
    case 'json':
      return ['string', 'number', 'boolean', 'template', 'literal', 'json'].includes(from.kind);
    case 'string':
      return fitsText(from, to, way);
    case 'number':
      if (from.kind === 'literal') return typeof from.value === 'number' && literalHolds(from, to);
      return from.kind === 'number' && constraintsHold(from, to);
    case 'boolean':
      return (
        from.kind === 'boolean' || (from.kind === 'literal' && typeof from.value === 'boolean')
      );
    case 'literal':
      return from.kind === 'literal' && from.value === to.value;
    case 'template':
      return fitsTemplate(from, to);
    default:
      return from.kind === to.kind && ['date', 'bigint', 'bytes', 'url'].includes(from.kind);
  }
}

/** A Date or a bigint is stored as a text, and is none in the program. */
function fitsText(from: Shape, to: Shape & { kind: 'string' }, way: Way): boolean {
  switch (from.kind) {
    case 'string':
      return constraintsHold(from, to);
    case 'literal':
      return typeof from.value === 'string' && literalHolds(from, to);
    case 'template':
      return !isConstrained(to);
    case 'date':
    case 'bigint':
    case 'bytes':
    case 'url':
      return way === 'stored' && !isConstrained(to);
    default:
      return false;
  }
}

function fitsTemplate(from: Shape, to: Shape & { kind: 'template' }): boolean {
  if (from.kind === 'literal') {
    return typeof from.value === 'string' && templatePattern(to).test(from.value);
  }
  return (
    from.kind === 'template' &&
    JSON.stringify(from.parts) === JSON.stringify(to.parts) &&
    from.types.every((type, place) => type === to.types[place] || to.types[place] === 'string')
  );
}
