/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: the pieces are code as text. */
import fc from 'fast-check';
import { sqlName } from '../../../generator/names.js';
import type { Shape } from '../../../runtime/contract/types.js';
import { doc } from './random-text.js';
import { type Gen, preamble, randomArgs, randomResult } from './random-type.js';

/** A property of a manifest: a task, or a group of them. */
export interface Entry {
  readonly text: string;
  /** Nothing is wrong with it, whatever stands beside it. */
  readonly sure: boolean;
  readonly tasks: readonly RandomTask[];
}

/** A task that is right, and the shape that its args must be read as. */
export interface RandomTask {
  readonly name: string;
  readonly args: Shape;
}

/** The names of others, of JavaScript, of what is generated, and such as cannot be. */
const names = [
  'send',
  'mail',
  'delete',
  'class',
  'await',
  'constructor',
  'toString',
  'hasOwnProperty',
  'many',
  'call',
  'options',
  'handlers',
  'contract',
  'manifest',
  'notImplemented',
  'middleware',
  'any',
  'job',
  'event',
  'json',
  'sendURL',
  'sendUrl',
  'aArgs',
  'x1y2Z3',
  'proto',
];
const wrongNames = [
  'then',
  'index',
  '__proto__',
  'Send',
  'send-mail',
  'é',
  '😀',
  '',
  "it's",
  'a`${b}',
  'a\nb',
  'a\u2028b',
  '0',
  'x'.repeat(70),
  '*/',
];

const options = [
  'maxAttempts: 5',
  "timeout: '30s'",
  'timeout: 2 * 60_000',
  "priority: 'high'",
  "topic: 'a.b'",
  'startWithin: null',
  "backoff: { kind: 'fixed', delay: '1s' }",
  "retention: { completed: '1d', failed: 'forever' }",
  "onConflict: 'ignore'",
  'key: undefined',
  "key: () => 'it`s ${x} {y} \\u2028'",
];
const wrongOptions = [
  'maxAttempt: 5',
  'maxAttempts: 0',
  'maxAttempts: Number(process.argv[0])',
  "timeout: '30 s'",
  'timeout: {}',
  'timeout: -1',
  'timeout: 1e400',
  "priority: 'hgih'",
  "topic: 'a..b'",
  'backoff: []',
  "backoff: { kind: 'list' }",
  "backoff: { kind: 'list', delays: [...[1, NaN]] }",
  'retention: { __proto__: null }',
  '__proto__: { maxAttempts: 2 }',
  "['maxAttempts']: 2",
  '...{ timeout: [] }',
  '...missing',
  'key: (a) => a.missing',
  'key: (a) => `${a}`',
  'key() { return `x`; }',
  'get key() { return () => `x`; }',
  'key: async () => `x`',
  "keyScope: 'history', retention: 'none'",
  'args: 3',
  'concurrency: 4',
  'task',
  '"": 1',
];

const anyName = () => fc.constantFrom(...names);
const wrongName = () => fc.constantFrom(...wrongNames);
const someOptions = () =>
  fc.uniqueArray(fc.constantFrom(...options), { maxLength: 3, selector: nameOf });
const wrongOption = () => fc.constantFrom(...wrongOptions);
const nameOf = (option: string) => option.split(':')[0];

/** The `index`th property of a manifest. */
export function randomEntry(gen: Gen, index: number): Entry {
  return gen(fc.nat, 2) === 0
    ? { ...randomProperty(gen, 0, (name) => name, ''), sure: false, tasks: [] }
    : randomProperty(gen, 0, (name) => `${name}${index}`, '');
}

/** `unique` makes a name that no other property has. */
function randomProperty(
  gen: Gen,
  depth: number,
  unique: (name: string) => string,
  path: string,
): Entry {
  const isWrong = path === '' && unique('') === '' && gen(fc.nat, 3) === 0;
  const name = isWrong ? gen(wrongName) : unique(gen(anyName));
  const comment = gen(fc.nat, 2) === 0 ? gen(doc) : '';
  const head = `${comment}${JSON.stringify(name)}: `;
  const full = path === '' ? name : `${path}.${name}`;
  if (depth < 4 && gen(fc.nat, 3) === 0) {
    const count = gen(fc.nat, 2);
    const inner = Array.from({ length: count }, (_, index) =>
      randomProperty(gen, depth + 1, (own) => `${own}${index}`, full),
    );
    return {
      text: `${head}{\n${inner.map(({ text }) => text).join('')}},\n`,
      sure: inner.every(({ sure }) => sure),
      tasks: inner.flatMap(({ tasks }) => tasks),
    };
  }
  return randomTask(gen, head, full);
}

function randomTask(gen: Gen, head: string, name: string): Entry {
  const args = randomArgs(gen);
  const result = randomResult(gen);
  const isWrong = gen(fc.nat, 5) === 0;
  const list = [...gen(someOptions), ...(isWrong ? [gen(wrongOption)] : [])];
  const fits = sqlName(name).length <= 63;
  const sure = fits && !isWrong && args.shape !== null && result.shape !== null;
  return {
    text: `${head}task<${args.text}, ${result.text}>({ ${list.join(', ')} }),\n`,
    sure,
    tasks: args.shape !== null ? [{ name, args: args.shape }] : [],
  };
}

/** A manifest of these properties, with the lines that each takes: from, and the first after it. */
export function manifestOf(entries: readonly Entry[]): {
  readonly text: string;
  readonly lines: readonly (readonly [from: number, end: number])[];
} {
  let text = `import { defineTasks, task, type Json } from 'pgsched';\n${preamble}export type Uses = Json | Chain;\nexport default defineTasks({\n`;
  const lines = entries.map((entry) => {
    const from = lineCount(text);
    text += entry.text;
    return [from, lineCount(text)] as const;
  });
  return { text: `${text}});\n`, lines };
}

/** As TypeScript counts them. */
function lineCount(text: string): number {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).length;
}
