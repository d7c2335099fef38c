import { newRun } from '../../runtime/contract/shape/converter.js';
import { isObject } from '../../runtime/contract/shape/objects.js';
import { string } from '../../runtime/contract/shape/scalars.js';
import { texts } from '../../runtime/contract/shape/texts.js';
import { type Converted, type ShapeCodec, shapeCodec } from '../../runtime/contract/shape.js';
import type { Shape } from '../../runtime/contract/types.js';

type Direction = 'encode' | 'decode';

/**
 * A whole shape as source, to see how fast that could be: code that only says yes, and the general code to explain a no.
 * It knows the kinds of shape that the benchmark's args have.
 */
export function writtenOut(shape: Shape): ShapeCodec {
  const general = shapeCodec(shape, {}, Number.POSITIVE_INFINITY);
  const either = (direction: Direction): ((value: unknown) => Converted) => {
    const quick = made(shape, direction);
    return (value) => {
      const converted = quick(value);
      return converted === no ? general[direction](value) : { ok: true, value: converted };
    };
  };
  return { encode: either('encode'), decode: either('decode') };
}

const no = Symbol('no');

function made(shape: Shape, direction: Direction): (value: unknown) => unknown {
  const single = (convert: typeof string.encode) => (value: unknown) => {
    const run = newRun();
    const converted = convert(value, run);
    return run.problems.length === 0 ? converted : no;
  };
  const helpers = {
    no,
    isObject,
    text: single(string.encode),
    date: single(texts.date[direction]),
  };
  const functions: string[] = [];
  const whole = functionOf(shape, functions);
  const source = `'use strict'; ${functions.join('\n')} return ${whole};`;
  return new Function(...Object.keys(helpers), source)(...Object.values(helpers));
}

/** The name of a function that gives a value converted, or `no`; its source is added to `functions`. */
function functionOf(shape: Shape, functions: string[]): string {
  if (shape.kind === 'string') return 'text';
  if (shape.kind === 'date') return 'date';
  const body = bodyOf(shape, (inner) => functionOf(inner, functions));
  return `f${functions.push(`function f${functions.length}(v) { ${body} }`) - 1}`;
}

function bodyOf(shape: Shape, part: (shape: Shape) => string): string {
  switch (shape.kind) {
    case 'number':
      return `return typeof v === 'number' && Number.isFinite(v) ? v + 0 : no;`;
    case 'boolean':
      return `return typeof v === 'boolean' ? v : no;`;
    case 'literal':
      return `return v === ${JSON.stringify(shape.value)} ? v : no;`;
    case 'array':
      return `if (!Array.isArray(v)) return no; const all = [];
        for (let i = 0; i < v.length; i++) { const x = ${part(shape.item)}(v[i]); if (x === no) return no; all.push(x); }
        return all;`;
    case 'object':
      return objectBody(shape, part);
    case 'union':
      return `let x; ${shape.members.map((member) => `x = ${part(member)}(v); if (x !== no) return x;`).join(' ')} return no;`;
    default:
      throw new Error(`The args of the benchmark have no ${shape.kind}.`);
  }
}

function objectBody(shape: Shape & { kind: 'object' }, part: (shape: Shape) => string): string {
  const fields = shape.properties.map(({ name, optional, shape: of }, place) => ({
    name: JSON.stringify(name),
    optional,
    convert: `let x${place} = v[${JSON.stringify(name)}]; ${optional ? `if (x${place} !== undefined) ` : ''}x${place} = ${part(of)}(x${place}); if (x${place} === no) return no;`,
    value: `x${place}`,
  }));
  const sure = fields.filter(({ optional }) => !optional);
  const maybe = fields.filter(({ optional }) => optional);
  return `if (!isObject(v)) return no; ${fields.map(({ convert }) => convert).join(' ')}
    const all = { ${sure.map(({ name, value }) => `${name}: ${value}`).join(', ')} };
    ${maybe.map(({ name, value }) => `if (${value} !== undefined) all[${name}] = ${value};`).join(' ')}
    return all;`;
}
