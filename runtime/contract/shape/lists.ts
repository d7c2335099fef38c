import type { Shape } from '../types.js';
import {
  type Compiler,
  type Convert,
  type Converter,
  mismatch,
  placed,
  type Run,
} from './converter.js';
import { isBuiltIn } from './describe.js';

export function array(shape: Shape & { kind: 'array' }, compiler: Compiler): Converter {
  const item = slot(shape.item, compiler);
  const each = (convert: Convert) => (value: unknown, run: Run) =>
    Array.isArray(value) ? convertEach(value, convert, run) : mismatch(run, 'array', value);
  return { encode: each(item.encode), decode: each(item.decode) };
}

export function set(shape: Shape & { kind: 'set' }, compiler: Compiler): Converter {
  const item = slot(shape.item, compiler);
  return {
    encode: (value, run) =>
      isBuiltIn<Set<unknown>>(value, '[object Set]')
        ? convertEach([...value], item.encode, run)
        : mismatch(run, 'Set', value),
    decode: (value, run) =>
      Array.isArray(value)
        ? new Set(convertEach(value, item.decode, run))
        : mismatch(run, 'array of the items of a Set', value),
  };
}

export function map(shape: Shape & { kind: 'map' }, compiler: Compiler): Converter {
  const pair = tuple({ kind: 'tuple', items: [shape.key, shape.value] }, compiler);
  return {
    encode: (value, run) =>
      isBuiltIn<Map<unknown, unknown>>(value, '[object Map]')
        ? convertEach([...value], pair.encode, run)
        : mismatch(run, 'Map', value),
    decode(value, run) {
      if (!Array.isArray(value)) return mismatch(run, 'array of the pairs of a Map', value);
      const before = run.problems.length;
      const pairs = convertEach(value, pair.decode, run);
      return run.problems.length > before ? undefined : new Map(pairs as [unknown, unknown][]);
    },
  };
}

export function tuple(shape: Shape & { kind: 'tuple' }, compiler: Compiler): Converter {
  const items = shape.items.map((item) => slot(item, compiler));
  const rest = shape.rest && slot(shape.rest, compiler);
  const required = shape.items.findLastIndex((item) => !admits(compiler, item, 'undefined')) + 1;
  const count =
    rest || required === items.length ? `${required}` : `${required} to ${items.length}`;
  const expected = `array of ${count}${rest ? ' or more' : ''} ${count === '1' ? 'item' : 'items'}`;

  const each = (direction: 'encode' | 'decode') => (value: unknown, run: Run) => {
    if (!Array.isArray(value)) return mismatch(run, expected, value);
    if (value.length < required || (!rest && value.length > items.length)) {
      return mismatch(run, expected, value);
    }
    // The length was checked: past the items there is a rest.
    const at = (index: number) => (items[index] ?? (rest as Converter))[direction];
    return convertEach(value, (item, itemRun, index = 0) => at(index)(item, itemRun), run);
  };
  return { encode: each('encode'), decode: each('decode') };
}

/** A place in a list is never absent: where the shape admits `undefined`, it travels as null, which it then cannot admit. */
export function slot(shape: Shape, compiler: Compiler): Converter {
  const converter = compiler.compile(shape);
  if (!admits(compiler, shape, 'undefined')) return converter;
  return {
    encode: (value, run) => (value === undefined ? null : converter.encode(value, run)),
    decode: (value, run) => (value === null ? undefined : converter.decode(value, run)),
  };
}

export function admits(compiler: Compiler, shape: Shape, kind: Shape['kind']): boolean {
  return compiler.members(shape).some(({ opened }) => opened.kind === kind);
}

export function convertEach(
  items: readonly unknown[],
  convert: (item: unknown, run: Run, index: number) => unknown,
  run: Run,
): unknown[] {
  const converted: unknown[] = [];
  for (let index = 0; index < items.length; index++) {
    const before = run.problems.length;
    converted.push(convert(items[index], run, index));
    if (run.problems.length > before && placed(run, before, index)) break;
  }
  return converted;
}
