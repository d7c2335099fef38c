import { unstorable } from '../storable.js';
import type { Shape } from '../types.js';
import { type Convert, type Converter, complain, mismatch } from './converter.js';

/** What JSON carries as it is converts the same in both directions. */
export const string: Converter = same((value, run) => {
  if (typeof value !== 'string') return mismatch(run, 'string', value);
  const fault = unstorable(value);
  return fault === null ? value : complain(run, `the text contains ${fault}`);
});

export const number: Converter = same((value, run) =>
  typeof value === 'number' && Number.isFinite(value)
    ? value + 0 // −0 is not JSON
    : mismatch(run, typeof value === 'number' ? 'finite number' : 'number', value),
);

export const boolean: Converter = same((value, run) =>
  typeof value === 'boolean' ? value : mismatch(run, 'boolean', value),
);

export const nothing: Converter = same((value, run) =>
  value === undefined ? undefined : mismatch(run, 'nothing', value),
);

export function literal(expected: string | number | boolean | null): Converter {
  const text = JSON.stringify(expected);
  return same((value, run) => (value === expected ? expected : mismatch(run, text, value)));
}

export function template(shape: Shape & { kind: 'template' }): Converter {
  const pattern = templatePattern(shape);
  const types = shape.types.map((type) => `\${${type}}`);
  const expected = `text like \`${shape.parts.map((part, i) => part + (types[i] ?? '')).join('')}\``;
  return same((value, run) =>
    typeof value === 'string' && pattern.test(value)
      ? string.encode(value, run)
      : mismatch(run, expected, value),
  );
}

/** A regular expression that matches what the template type admits. */
export function templatePattern(shape: Shape & { kind: 'template' }): RegExp {
  const numeral = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?`;
  const source = shape.parts.map((part, i) => {
    const type = shape.types[i];
    return escaped(part) + (type === undefined ? '' : type === 'number' ? numeral : '.*?');
  });
  return new RegExp(`^${source.join('')}$`, 's');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function same(convert: Convert): Converter {
  return { encode: convert, decode: convert };
}
