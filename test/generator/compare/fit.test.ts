import test from 'ava';
import { placeText } from '../../../generator/compare/fit/change-text.js';
import { misfitsOf } from '../../../generator/compare/fit/fit.js';
import type { Way } from '../../../generator/compare/fit/misfit.js';
import { shapeText } from '../../../generator/compare/fit/shape-text.js';
import type { Shape } from '../../../runtime/contract/types.js';
import { json, number, object, string } from '../../support/contract.js';

const absent: Shape = { kind: 'undefined' };
const nothing: Shape = { kind: 'null' };
const date: Shape = { kind: 'date' };
const literal = (value: string | number | boolean): Shape => ({ kind: 'literal', value });
const union = (...members: Shape[]): Shape => ({ kind: 'union', members });
const list = (item: Shape, constraints = {}): Shape => ({ kind: 'array', item, ...constraints });
const tuple = (items: Shape[], rest?: Shape): Shape => ({
  kind: 'tuple',
  items,
  ...(rest && { rest }),
});
const record = (value: Shape): Shape => ({ kind: 'record', value });
const set = (item: Shape): Shape => ({ kind: 'set', item });
const map = (key: Shape, value: Shape): Shape => ({ kind: 'map', key, value });
const text = (constraints: object): Shape => ({ kind: 'string', ...constraints });
const amount = (constraints: object): Shape => ({ kind: 'number', ...constraints });
const like = (...parts: string[]): Shape => ({
  kind: 'template',
  parts,
  types: parts.slice(1).map(() => 'number'),
});

/** Where values do not fit, as paths with the kind of misfit. */
function misfits(from: Shape, to: Shape, way: Way): string[] {
  const found = misfitsOf({ shape: from, definitions: {} }, { shape: to, definitions: {} }, way);
  return found.map(({ path, kind }) => `${placeText('', path)} ${kind}`);
}

const pairs: [from: Shape, to: Shape, stored: boolean, passed?: boolean][] = [
  // Of one value.
  [literal('a'), string, true],
  [string, literal('a'), false],
  [{ kind: 'boolean' }, union(literal(true), literal(false)), true],
  [{ kind: 'boolean' }, literal(true), false],
  [like('a-', ''), string, true],
  [literal('a-7'), like('a-', ''), true],
  [literal('a-x'), like('a-', ''), false],
  [like('a-', ''), like('b-', ''), false],
  [date, string, true, false],
  [date, json, true, false],
  [date, { kind: 'url' }, false],
  [number, { kind: 'bigint' }, false],
  // Of what is not there: in a list it is null, in an object it is absent.
  [list(union(string, absent)), list(union(string, nothing)), true, false],
  [list(union(string, nothing)), list(union(string, absent)), true, false],
  [record(union(string, absent)), record(string), true, false],
  [record(union(string, nothing)), record(string), false],
  // Of anything.
  [object({ a: list(nothing) }), json, true],
  [json, union(string, number, { kind: 'boolean' }, nothing, list(json), record(json)), true],
  [json, union(string, number, { kind: 'boolean' }, list(json), record(json)), false],
  // Of lists.
  [set(string), list(string), true, false],
  [map(string, number), list(tuple([string, number])), true, false],
  [list(tuple([string, number])), map(string, number), true, false],
  [tuple([string, number]), list(union(string, number)), true],
  [tuple([string]), tuple([string, union(number, absent)]), true],
  [tuple([string]), tuple([string, number]), false],
  [tuple([string, number]), tuple([string]), false],
  [list(string), tuple([], string), true],
  [list(string), tuple([string], string), false],
  [list(string, { minItems: 1 }), tuple([string], string), true],
  [list(string, { maxItems: 2 }), list(string, { maxItems: 3 }), true],
  [list(string, { maxItems: 3 }), list(string, { maxItems: 2 }), false],
  [list(string), list(string, { uniqueItems: true }), false],
  [list(string, { uniqueItems: true }), list(string), true],
  // Of objects and records.
  [object({ a: string }), record(string), true],
  [record(string), object({ a: union(string, absent) }), true],
  [record(string), object({ a: string }), false],
  [object({ a: string, b: number }), object({ a: string }), true, false],
  // Of constraints.
  [text({ minLength: 2 }), text({ minLength: 1 }), true],
  [string, text({ minLength: 1 }), false],
  [literal('abc'), text({ minLength: 3, maxLength: 3 }), true],
  [literal('abc'), text({ maxLength: 2 }), false],
  [text({ pattern: '^a' }), text({ pattern: '^a' }), true],
  [text({ pattern: '^ab' }), text({ pattern: '^a' }), false],
  [text({ format: 'email' }), string, true],
  [string, text({ format: 'email' }), false],
  [date, text({ maxLength: 99 }), false],
  [amount({ minimum: 1 }), amount({ exclusiveMinimum: 0 }), true],
  [amount({ minimum: 0 }), amount({ exclusiveMinimum: 0 }), false],
  [amount({ exclusiveMaximum: 5 }), amount({ maximum: 5 }), true],
  [amount({ maximum: 5 }), amount({ exclusiveMaximum: 5 }), false],
  [amount({ integer: true }), number, true],
  [number, amount({ integer: true }), false],
  [amount({ multipleOf: 4 }), amount({ multipleOf: 2, integer: true }), true],
  [amount({ multipleOf: 3 }), amount({ multipleOf: 2 }), false],
  [literal(4), amount({ integer: true, minimum: 4, maximum: 4, multipleOf: 2 }), true],
  [literal(4.5), amount({ integer: true }), false],
];

for (const [from, to, stored, passed = stored] of pairs) {
  test(`${shapeText(from)} as ${shapeText(to)}: ${stored ? 'rows fit' : 'rows do not'}, ${passed ? 'callers fit' : 'callers do not'}`, (t) => {
    t.is(misfits(from, to, 'stored').length === 0, stored);
    t.is(misfits(from, to, 'passed').length === 0, passed);
  });
}

test('a misfit is as far in as it can be, in the member of a union that is meant', (t) => {
  const created = object({ type: literal('created'), at: date });
  const from = union(created, object({ type: literal('gone'), by: string }));
  const to = union(created, object({ type: literal('gone'), by: number }));
  t.deepEqual(misfits(list(from), list(to), 'stored'), ['[].by type']);
  t.deepEqual(misfits(from, union(created, string), 'stored'), [' type']);
  t.deepEqual(
    misfits(
      tuple([object({ 'two words': string })]),
      tuple([object({ 'two words': date })]),
      'stored',
    ),
    ['[0]["two words"] type'],
  );
});

test('shapes that refer to themselves are compared to the end, under whatever names', (t) => {
  const tree = (leaf: Shape, name: string) => ({
    shape: { kind: 'ref', name } as const,
    definitions: { [name]: union(leaf, list({ kind: 'ref', name })) },
  });
  t.deepEqual(misfitsOf(tree(string, 'Tree'), tree(union(string, number), 'Node'), 'stored'), []);
  t.is(misfitsOf(tree(union(string, number), 'Node'), tree(string, 'Tree'), 'stored').length, 1);
  t.deepEqual(misfitsOf(tree(string, 'Tree'), { shape: json, definitions: {} }, 'passed'), []);
});
