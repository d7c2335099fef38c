/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: the pieces are code as text. */
import fc from 'fast-check';

/** Stands in doc comments and nowhere else: where it shows up as code, a comment has leaked. */
export const planted = 'planted';

const pieces = [
  '*\\/',
  '* /',
  '/*',
  '//',
  '`',
  '${',
  '}',
  "'",
  '"',
  '\\',
  '\n',
  '\n * ',
  '\n\n',
  '\r\n',
  '\u2028',
  '\u2029',
  ' @deprecated ',
  '\n * @deprecated ',
  '\n * @param x ',
  '\n * @example\n * ',
  '{@link ',
  '```',
  '#!',
  '<!--',
  '__doc__',
  '__args__',
  'é😀',
  `; ${planted}();`,
  `export const ${planted} = 1;`,
];

/** A doc comment with whatever is hard on the comments that are made of it. */
export const doc = (): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
    .map((parts) => `/** ${parts.join('').replaceAll('*/', '*\\/')} */\n`);

/** Any text that PostgreSQL can keep, and what is hard on literals. */
export const hostileText = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .array(fc.constantFrom(...pieces, '*/', '\t', '\u0001', '\ufeff'))
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
