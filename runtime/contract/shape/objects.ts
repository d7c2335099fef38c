import { unstorable } from '../storable.js';
import type { PropertyShape, Shape } from '../types.js';
import {
  type Compiler,
  type Convert,
  type Converter,
  complain,
  type Field,
  mismatch,
  placed,
  type Run,
} from './converter.js';
import { isBuiltIn } from './describe.js';
import { admits } from './lists.js';

type Fields = Record<string, unknown>;

/** The declared fields of any object, also of a class; other fields are left behind. */
export function object(shape: Shape & { kind: 'object' }, compiler: Compiler): Converter {
  const each = (direction: 'encode' | 'decode') =>
    compiler.declared(shape.properties.map((property) => field(property, direction, compiler)));
  return { encode: each('encode'), decode: each('decode') };
}

/** Any keys, one shape of values. */
export function record(shape: Shape & { kind: 'record' }, compiler: Compiler): Converter {
  const item = compiler.compile(shape.value);
  const each = (direction: 'encode' | 'decode') => (value: unknown, run: Run) =>
    isObject(value) ? convertFields(value, item[direction], run) : mismatch(run, 'object', value);
  return { encode: each('encode'), decode: each('decode') };
}

/** Every field of an object's own, by one conversion. What converts to `undefined` is left out. */
export function convertFields(
  value: Fields,
  convert: (field: unknown, run: Run) => unknown,
  run: Run,
): Fields {
  const converted: Fields = {};
  for (const key of Object.keys(value)) {
    const before = run.problems.length;
    const fault = unstorable(key);
    const result = fault ? complain(run, `the key contains ${fault}`) : convert(value[key], run);
    if (run.problems.length > before && placed(run, before, key)) break;
    if (result !== undefined) put(converted, key, result);
  }
  return converted;
}

/** Not an array, a Date, a Map, a Promise or another built-in thing. */
export function isObject(value: unknown): value is Fields {
  return isBuiltIn(value, '[object Object]');
}

function field(
  { name, optional, shape }: PropertyShape,
  direction: 'encode' | 'decode',
  compiler: Compiler,
): Field {
  const always = !optional && !admits(compiler, shape, 'undefined');
  return {
    name,
    optional,
    explicit: direction === 'decode' && !optional && !always,
    always,
    inherited: name in Object.prototype,
    convert: compiler.compile(shape)[direction],
  };
}

/** The declared fields of any object, one after the other. */
export function convertDeclared(fields: readonly Field[]): Convert {
  return (value, run) => {
    if (!isObject(value)) return mismatch(run, 'object', value);
    const converted: Fields = {};
    for (const { name, optional, explicit, inherited, convert } of fields) {
      const given = inherited ? read(value, name) : value[name];
      if (given === undefined && optional) continue;
      const before = run.problems.length;
      const result = convert(given, run);
      if (run.problems.length > before && placed(run, before, name)) break;
      if (result !== undefined || explicit) {
        if (inherited) put(converted, name, result);
        else converted[name] = result;
      }
    }
    return converted;
  };
}

/** A field of the object or of its class, but not what every object inherits: `constructor`, `__proto__`, … */
export function read(value: Fields, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(value, name) ? undefined : value[name];
}

/** Assignment that takes `__proto__` for the plain data it is in JSON. */
export function put(target: Fields, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[name] = value;
  }
}
