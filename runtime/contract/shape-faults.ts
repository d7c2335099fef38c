import type { Issue } from '../errors.js';
import { type Definitions, definition, membersOf } from './shape/members.js';
import { overlap } from './shape/overlap.js';
import { unstorable } from './storable.js';
import type { Shape } from './types.js';

/**
 * What is wrong with a shape, with the place in it: unions that JSON cannot keep apart (`Date | string` both travel as text),
 * and names and literals that PostgreSQL cannot store. The generator reports these where the type is written.
 */
export function shapeFaults(shape: Shape, definitions: Definitions = {}): Issue[] {
  const faults: Issue[] = [];
  const seen = new Set<string>();
  visit(shape, '', true);
  return faults;

  /** `placed`: a place that is never absent, so that there `undefined` travels as null. */
  function visit(at: Shape, path: string, placed: boolean): void {
    const fault = (message: string) => faults.push({ path, message });
    switch (at.kind) {
      case 'literal': {
        const bad = typeof at.value === 'string' ? unstorable(at.value) : null;
        if (bad) fault(`the literal contains ${bad}`);
        break;
      }
      case 'array':
      case 'set':
        visit(at.item, `${path}[]`, true);
        break;
      case 'tuple':
        for (const [index, item] of at.items.entries()) visit(item, `${path}[${index}]`, true);
        if (at.rest) visit(at.rest, `${path}[]`, true);
        break;
      case 'map':
        visit(at.key, `${path}[][0]`, true);
        visit(at.value, `${path}[][1]`, true);
        break;
      case 'record':
        visit(at.value, `${path}[]`, false);
        break;
      case 'object':
        for (const { name, shape: property } of at.properties) {
          const bad = unstorable(name);
          if (bad) fault(`the name ${JSON.stringify(name)} contains ${bad}`);
          visit(property, path === '' ? name : `${path}.${name}`, false);
        }
        break;
      case 'union': {
        const [mixed] = mixedPairs(at, definitions, placed);
        if (mixed) fault(`${mixed} cannot be told apart once they are JSON: keep one of them`);
        for (const member of at.members) visit(member, path, placed);
        break;
      }
      case 'ref':
        if (!seen.has(`${at.name} ${placed}`)) {
          seen.add(`${at.name} ${placed}`);
          visit(definition(at.name, definitions), path, placed);
        }
        break;
    }
  }
}

/** The pairs of a union's members that share a JSON text which they read differently. */
function mixedPairs(union: Shape, definitions: Definitions, placed: boolean): string[] {
  const members = membersOf(union, definitions);
  return members.flatMap(({ shape: one }, index) =>
    members
      .slice(index + 1)
      .filter(({ shape: other }) => overlap(one, other, definitions, placed) === 'mixed')
      .map(({ shape: other }) => `${shapeName(one)} and ${shapeName(other)}`),
  );
}

function shapeName(shape: Shape): string {
  switch (shape.kind) {
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'url':
      return 'URL';
    case 'set':
      return 'Set';
    case 'map':
      return 'Map';
    case 'json':
      return 'any JSON';
    case 'literal':
      return JSON.stringify(shape.value);
    case 'ref':
      return shape.name;
    default:
      return shape.kind;
  }
}
