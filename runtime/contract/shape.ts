import type { Issue } from '../errors.js';
import {
  type Compiler,
  type Convert,
  type Converter,
  deeper,
  issuesOf,
  newRun,
  tooDeep,
} from './shape/converter.js';
import { json } from './shape/json.js';
import { array, map, set, slot, tuple } from './shape/lists.js';
import { type Definitions, definition, membersOf } from './shape/members.js';
import { convertDeclared, object, record } from './shape/objects.js';
import { arrayRules, numberRules, ruled, stringRules } from './shape/rules.js';
import { boolean, literal, nothing, number, string, template } from './shape/scalars.js';
import { specialised } from './shape/specialised.js';
import { texts } from './shape/texts.js';
import { union } from './shape/union.js';
import type { Shape } from './types.js';

export type Converted =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Converts whole values of one shape to JSON values and back, and says what does not fit, and where. Neither way throws. */
export interface ShapeCodec {
  encode(value: unknown): Converted;
  decode(stored: unknown): Converted;
}

/**
 * Compiles a shape once, for many values.
 *
 * @param hot after so many values its objects get code of their own, if code may be made of text here
 */
export function shapeCodec(
  shape: Shape,
  definitions: Definitions = {},
  hot: number = usuallyHot,
): ShapeCodec {
  let converter = slot(shape, compilerOf(definitions, convertDeclared));
  let values = 0;
  const warmed = (): Converter => {
    if (values++ === hot) converter = specialisedConverter(shape, definitions) ?? converter;
    return converter;
  };
  return {
    encode: (value) => convertWhole(warmed().encode, value),
    decode: (stored) => convertWhole(warmed().decode, stored),
  };
}

/** Code takes a millisecond to make, and saves a microsecond or more of each value. */
const usuallyHot = 1_000;

/**
 * Null where code must not be made of text, as under some content security policies and in some places at the edge of a network;
 * or where a caller has left too little of the stack for it.
 */
function specialisedConverter(shape: Shape, definitions: Definitions): Converter | null {
  try {
    return slot(shape, compilerOf(definitions, specialised));
  } catch (error) {
    if (error instanceof EvalError || error instanceof RangeError) return null;
    throw error;
  }
}

function convertWhole(convert: Convert, value: unknown): Converted {
  const run = newRun();
  try {
    const converted = convert(value, run);
    return run.problems.length === 0
      ? { ok: true, value: converted }
      : { ok: false, issues: issuesOf(run.problems) };
  } catch (error) {
    // A getter of the caller's that throws; or a caller that is deep in the stack already.
    const message = error instanceof RangeError ? tooDeep : `reading it failed: ${String(error)}`;
    return { ok: false, issues: [{ path: '', message }] };
  }
}

function compilerOf(definitions: Definitions, declared: Compiler['declared']): Compiler {
  const named = new Map<string, Converter>();

  const compiler: Compiler = {
    compile(shape) {
      switch (shape.kind) {
        case 'string':
          return ruled(string, stringRules(shape));
        case 'number':
          return ruled(number, numberRules(shape));
        case 'boolean':
          return boolean;
        case 'null':
          return literal(null);
        case 'undefined':
          return nothing;
        case 'literal':
          return literal(shape.value);
        case 'template':
          return template(shape);
        case 'json':
          return json;
        case 'date':
        case 'bigint':
        case 'bytes':
        case 'url':
          return texts[shape.kind];
        case 'array':
          return ruled(array(shape, compiler), arrayRules(shape));
        case 'tuple':
          return tuple(shape, compiler);
        case 'set':
          return set(shape, compiler);
        case 'map':
          return map(shape, compiler);
        case 'record':
          return record(shape, compiler);
        case 'object':
          return object(shape, compiler);
        case 'union':
          return union(shape, compiler);
        case 'ref':
          return named.get(shape.name) ?? compileNamed(shape.name);
      }
    },
    members: (shape) => membersOf(shape, definitions),
    declared,
  };

  /** Known by its name before it is compiled, because it may refer to itself. */
  function compileNamed(name: string): Converter {
    let converter: Converter;
    named.set(name, {
      encode: (value, run) => deeper(converter.encode, value, run),
      decode: (stored, run) => deeper(converter.decode, stored, run),
    });
    converter = compiler.compile(definition(name, definitions));
    return named.get(name) as Converter;
  }

  return compiler;
}
