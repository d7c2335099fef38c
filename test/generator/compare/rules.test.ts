import test from 'ava';
import { compare } from '../../../generator/compare/compare.js';
import type { Finding } from '../../../generator/compare/finding.js';
import { type Rule, rules } from '../../../generator/compare/rules.js';
import type { Contract, Shape, TaskContract } from '../../../runtime/contract/types.js';
import { readPage, tableOf } from '../../docs/support/markdown.js';
import { contractOf, json, number, object, string } from '../../support/contract.js';

type Task = Partial<TaskContract> & Readonly<Record<string, unknown>>;
type Manifest = Readonly<Record<string, Task>>;

const date: Shape = { kind: 'date' };
const oneOf = (...values: string[]): Shape => ({
  kind: 'union',
  members: values.map((value) => ({ kind: 'literal', value })),
});
const optional = (shape: Shape, name = 'b'): Shape => ({
  kind: 'object',
  properties: [
    { name: 'a', optional: false, shape: string },
    { name, optional: true, shape },
  ],
});
/** A constraint of the kind that schemas declare. */
const within = (shape: Shape, constraints: object): Shape => ({ ...shape, ...constraints });

const a = object({ a: string });
const ab = object({ a: string, b: number });

interface Case {
  readonly rule: Rule;
  /** What was changed, in words. */
  readonly change: string;
  readonly base: Manifest;
  readonly head: Manifest;
  readonly retired?: readonly string[];
  /** Every finding, as `severity audience RULE task:path`. */
  readonly found: readonly string[];
  /** What the messages say, in the order of the findings. */
  readonly says?: readonly string[];
}

const args = (shape: Shape | null, more: Task = {}): Manifest => ({ t: { args: shape, ...more } });
const result = (shape: Shape | null): Manifest => ({ t: { result: shape } });
/** The second version of a task whose first took `was`. */
const second = (shape: Shape | null, was: Shape | null, more: Task = {}): Manifest =>
  args(shape, { version: 2, history: { 1: { args: was } }, ...more });

const cases: readonly Case[] = [
  {
    rule: 'TASK_NO_DELETE',
    change: 'a task is gone',
    base: { 'mail.old': { args: a }, other: {} },
    head: { other: {} },
    found: ['break rows TASK_NO_DELETE mail.old:'],
    says: ["`defineTasks({ … }, { retired: ['mail.old'] })`"],
  },
  {
    rule: 'TASK_NO_DELETE',
    change: 'a task is gone, and a new one takes the same',
    base: { 'mail.old': { args: ab, result: a } },
    head: { 'mail.new': { args: ab, result: a }, 'mail.other': { args: a } },
    found: ['break rows TASK_NO_DELETE mail.old:'],
    says: ["add `formerly: ['mail.old']` to `mail.new`, which takes the same"],
  },
  {
    rule: 'TASK_NO_DELETE',
    change: 'a renamed task says what it was called',
    base: { 'mail.old': { args: a, topic: 'mail' } },
    head: { 'mail.new': { args: a, topic: 'mail', formerly: ['mail.older', 'mail.old'] } },
    found: ['info callers TASK_NO_DELETE mail.new:'],
  },
  {
    rule: 'TASK_NO_DELETE',
    change: 'a retired task',
    base: { 'mail.old': {} },
    head: {},
    retired: ['mail.old'],
    found: ['info rows TASK_NO_DELETE mail.old:'],
  },
  { rule: 'TASK_NO_DELETE', change: 'a new task', base: {}, head: { t: { args: a } }, found: [] },

  {
    rule: 'FIELD_NO_NEW_REQUIRED',
    change: 'a required field is new',
    base: args(a),
    head: args(ab),
    found: ['break rows FIELD_NO_NEW_REQUIRED t:args.b'],
    says: [
      '`args.b` is new and required: jobs that wait, and callers, may lack it. Make it optional, or add `version: 2` and an upcaster.',
    ],
  },
  {
    rule: 'FIELD_NO_NEW_REQUIRED',
    change: 'an optional field is new',
    base: args(a),
    head: args(optional(number)),
    found: [],
  },
  {
    rule: 'FIELD_NO_NEW_REQUIRED',
    change: 'in a new version only callers are told',
    base: args(a),
    head: second(ab, a),
    found: ['break callers FIELD_NO_NEW_REQUIRED t:args.b'],
  },

  {
    rule: 'FIELD_NO_REQUIRED',
    change: 'an optional field became required',
    base: args(optional(number)),
    head: args(ab),
    found: ['break rows FIELD_NO_REQUIRED t:args.b'],
    says: ['`args.b` was optional, is required'],
  },
  {
    rule: 'FIELD_NO_REQUIRED',
    change: 'a required field became optional: workers of before do not know that',
    base: args(ab),
    head: args(optional(number)),
    found: ['warn behaviour FIELD_TYPE_WIDENED t:args.b'],
    says: ['`args.b` was always there, is optional'],
  },

  {
    rule: 'FIELD_SAME_TYPE',
    change: 'another type',
    base: args(ab),
    head: args(object({ a: string, b: string })),
    found: ['break rows FIELD_SAME_TYPE t:args.b'],
    says: ['`args.b` was number, is string'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'one of several literals is taken no more',
    base: args(object({ a: oneOf('x', 'y', 'z') })),
    head: args(object({ a: oneOf('x', 'y') })),
    found: ['break rows FIELD_SAME_TYPE t:args.a'],
    says: ['`args.a` takes "z" no more'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'a constraint is tighter',
    base: args(object({ a: within(string, { maxLength: 9 }) })),
    head: args(object({ a: within(string, { maxLength: 5 }) })),
    found: ['break rows FIELD_SAME_TYPE t:args.a'],
    says: ['was string (maxLength 9), is string (maxLength 5)'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'deep in a list of unions',
    base: args({ kind: 'array', item: { kind: 'union', members: [ab, string] } }),
    head: args({
      kind: 'array',
      item: { kind: 'union', members: [object({ a: string, b: date }), string] },
    }),
    found: ['break rows FIELD_SAME_TYPE t:args[].b'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'a Date is stored as a text: rows fit a string, callers do not',
    base: args(object({ a: date })),
    head: args(object({ a: string })),
    found: ['break callers FIELD_SAME_TYPE t:args.a'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'not every text is a Date',
    base: args(object({ a: string })),
    head: args(object({ a: date })),
    found: ['break rows FIELD_SAME_TYPE t:args.a'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'a task that took nothing takes something',
    base: args(null),
    head: args(a),
    found: ['break rows FIELD_SAME_TYPE t:args'],
    says: ['`args` were none, are { a }'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'in a new version rows have an upcaster',
    base: args(ab),
    head: second(object({ a: string, b: string }), ab),
    found: ['break callers FIELD_SAME_TYPE t:args.b'],
  },
  {
    rule: 'FIELD_SAME_TYPE',
    change: 'another order of fields and of literals, and another name for a type',
    base: args(object({ a: oneOf('x', 'y'), next: { kind: 'ref', name: 'One' } }), {
      definitions: { One: ab },
    }),
    head: args(object({ next: { kind: 'ref', name: 'Two' }, a: oneOf('y', 'x') }), {
      definitions: { Two: ab },
    }),
    found: [],
  },

  {
    rule: 'FIELD_NO_DELETE',
    change: 'a field is gone: rows leave it behind, code does not compile',
    base: args(optional(number)),
    head: args(a),
    found: ['break callers FIELD_NO_DELETE t:args.b'],
  },
  {
    rule: 'FIELD_NO_DELETE',
    change: 'a required field is gone: workers of before miss it too',
    base: args(ab),
    head: args(a),
    found: ['break callers FIELD_NO_DELETE t:args.b'],
    says: ['workers of before fail jobs without it'],
  },
  {
    rule: 'FIELD_NO_DELETE',
    change: 'a task takes nothing any more',
    base: args(a),
    head: args(null),
    found: ['break callers FIELD_NO_DELETE t:args.a'],
  },
  {
    rule: 'FIELD_NO_DELETE',
    change: 'a record takes every field',
    base: args(object({ a: number, b: number })),
    head: args({ kind: 'record', value: number }),
    found: [
      'warn behaviour FIELD_TYPE_WIDENED t:args.a',
      'warn behaviour FIELD_TYPE_WIDENED t:args.b',
    ],
  },

  {
    rule: 'FIELD_TYPE_WIDENED',
    change: 'one more literal',
    base: args(object({ a: oneOf('x') })),
    head: args(object({ a: oneOf('x', 'y') })),
    found: ['warn behaviour FIELD_TYPE_WIDENED t:args.a'],
    says: ['`args.a` may be "y" now: workers of before fail such jobs for good'],
  },
  {
    rule: 'FIELD_TYPE_WIDENED',
    change: 'workers of before leave a new version alone',
    base: args(object({ a: oneOf('x') })),
    head: second(object({ a: oneOf('x', 'y') }), object({ a: oneOf('x') })),
    found: [],
  },
  { rule: 'FIELD_TYPE_WIDENED', change: 'nothing', base: args(json), head: args(json), found: [] },

  {
    rule: 'RESULT_SAME_TYPE',
    change: 'a field of the result is gone',
    base: result(ab),
    head: result(a),
    found: ['break callers RESULT_SAME_TYPE t:result.b'],
    says: ['`result.b` is gone'],
  },
  {
    rule: 'RESULT_SAME_TYPE',
    change: 'the result may be one thing more',
    base: result(oneOf('sent')),
    head: result(oneOf('sent', 'kept')),
    found: ['break callers RESULT_SAME_TYPE t:result'],
    says: ['`result` may be "kept" now'],
  },
  {
    rule: 'RESULT_SAME_TYPE',
    change: 'a result that was promised is none',
    base: result(a),
    head: result(null),
    found: ['break callers RESULT_SAME_TYPE t:result'],
  },
  {
    rule: 'RESULT_SAME_TYPE',
    change: 'a result where none was',
    base: result(null),
    head: result(a),
    found: [],
  },
  {
    rule: 'RESULT_SAME_TYPE',
    change: 'the result is one of fewer things',
    base: result(object({ a: oneOf('sent', 'kept') })),
    head: result(object({ a: oneOf('sent') })),
    found: ['warn callers RESULT_READABLE t:result.a'],
  },
  {
    rule: 'RESULT_READABLE',
    change: 'a field of the result is new: what ended before lacks it',
    base: result(a),
    head: result(ab),
    found: ['warn callers RESULT_READABLE t:result.b'],
    says: ['`result.b` is new and required: results of jobs that ended before'],
  },
  {
    rule: 'RESULT_READABLE',
    change: 'an optional field of the result is new',
    base: result(a),
    head: result(optional(number)),
    found: [],
  },

  {
    rule: 'VERSION_NO_LOWER',
    change: 'a version is taken back',
    base: args(a, { version: 3 }),
    head: args(a, { version: 2 }),
    found: ['break rows VERSION_NO_LOWER t:version'],
    says: ['Say `version: 3` again.'],
  },
  {
    rule: 'VERSION_NO_LOWER',
    change: 'a version is raised',
    base: args(a),
    head: second(a, a),
    found: [],
  },

  {
    rule: 'VERSION_FROZEN',
    change: 'the released version is not in the history',
    base: args(a),
    head: args(ab, { version: 2 }),
    found: [
      'break callers FIELD_NO_NEW_REQUIRED t:args.b',
      'break rows VERSION_FROZEN t:version 1',
    ],
    says: ['', 'write the upcaster that starts from 1'],
  },
  {
    rule: 'VERSION_FROZEN',
    change: 'the history has other args of it',
    base: args(a),
    head: second(a, ab),
    found: ['break rows VERSION_FROZEN t:version 1'],
    says: ['other args of version 1 than were released'],
  },
  {
    rule: 'VERSION_FROZEN',
    change: 'an older version was forgotten',
    base: second(ab, a),
    head: args(ab, { version: 2 }),
    found: ['warn rows VERSION_FROZEN t:version 1'],
    says: ['Keep the upcaster that starts from 1'],
  },
  {
    rule: 'VERSION_FROZEN',
    change: 'a third version keeps the first two',
    base: second(ab, a),
    head: args(ab, { version: 3, history: { 1: { args: a }, 2: { args: ab } } }),
    found: [],
  },

  {
    rule: 'KEY_SAME',
    change: 'another key',
    base: args(a, { key: 'receipt:{a}' }),
    head: args(a, { key: 'r:{a}' }),
    found: ['break rows KEY_SAME t:key'],
    says: [
      'was `receipt:{a}`, is `r:{a}`: jobs that wait do not keep out their repetitions. Take it back, or say that it is meant: `version: 2`.',
    ],
  },
  {
    rule: 'KEY_SAME',
    change: 'no key any more',
    base: args(a, { key: '{a}' }),
    head: args(a),
    found: ['break rows KEY_SAME t:key'],
  },
  {
    rule: 'KEY_SAME',
    change: 'keys outlive their jobs',
    base: args(a, { key: '{a}' }),
    head: args(a, { key: '{a}', keyScope: 'history' }),
    found: ['break rows KEY_SAME t:keyScope'],
  },
  {
    rule: 'KEY_SAME',
    change: 'another key in a new version is meant',
    base: args(a, { key: '{a}' }),
    head: second(a, a, { key: 'x:{a}' }),
    found: ['warn rows KEY_SAME t:key'],
  },
  {
    rule: 'KEY_SAME',
    change: 'a key where none was',
    base: args(a),
    head: args(a, { key: '{a}' }),
    found: ['warn callers KEY_SAME t:key'],
    says: ['gets `DuplicateJob`, in bulk'],
  },
  {
    rule: 'KEY_SAME',
    change: 'the same key of another type of field',
    base: args(object({ a: date }), { key: 'x' }),
    head: args(object({ a: date }), { key: 'x' }),
    found: [],
  },

  {
    rule: 'CONFLICT_SAME',
    change: 'a repeated key raises',
    base: args(a, { key: '{a}', onConflict: 'ignore' }),
    head: args(a, { key: '{a}', onConflict: 'raise' }),
    found: ['warn callers CONFLICT_SAME t:onConflict'],
  },
  {
    rule: 'CONFLICT_SAME',
    change: 'the default',
    base: args(a, { onConflict: null }),
    head: args(a, { onConflict: null }),
    found: [],
  },

  {
    rule: 'TOPIC_SAME',
    change: 'another topic',
    base: args(a, { topic: 'mail' }),
    head: args(a, { topic: 'mail.eu' }),
    found: ['warn rows TOPIC_SAME t:topic'],
    says: ["add `topic: 'mail'`"],
  },
  {
    rule: 'TOPIC_SAME',
    change: 'a renamed task has its new name as its topic',
    base: { 'mail.old': {} },
    head: { 'mail.new': { formerly: ['mail.old'] } },
    found: ['info callers TASK_NO_DELETE mail.new:', 'warn rows TOPIC_SAME mail.new:topic'],
  },
  {
    rule: 'TOPIC_SAME',
    change: 'the topic is the name, and now says so',
    base: { t: {} },
    head: { t: { topic: 't' } },
    found: [],
  },

  {
    rule: 'SCHEMA_OPAQUE',
    change: 'a schema is new',
    base: args(a),
    head: args(a, { schemas: { args: true, result: false } }),
    found: ['warn rows SCHEMA_OPAQUE t:args'],
  },
  {
    rule: 'SCHEMA_OPAQUE',
    change: 'a schema that was there is no news',
    base: args(a, { schemas: { args: true, result: true } }),
    head: args(a, { schemas: { args: true, result: true } }),
    found: [],
  },

  {
    rule: 'POLICY_SAME',
    change: 'how jobs are run',
    base: args(a),
    head: args(a, { timeout: 5_000, priority: 10, concurrency: { limit: 4 } }),
    found: [
      'info behaviour POLICY_SAME t:concurrency',
      'info behaviour POLICY_SAME t:priority',
      'info behaviour POLICY_SAME t:timeout',
    ],
    says: ['was not there, is {"limit":4}', 'was 0, is 10', 'was 60000, is 5000'],
  },
  {
    rule: 'POLICY_SAME',
    change: 'docs',
    base: args(a, { doc: 'Mails.', hash: '1' }),
    head: args(a, { doc: 'Sends.', hash: '2', deprecated: 'Gone soon.' }),
    found: [],
  },
];

function contract(tasks: Manifest, retired: readonly string[] = []): Contract {
  return { ...contractOf(tasks), retired };
}

const told = ({ severity, audience, rule, task, path }: Finding) =>
  `${severity} ${audience} ${rule} ${task ?? ''}:${path}`;

for (const { rule, change, base, head, retired, found, says = [] } of cases) {
  test(`${rule}: ${change}`, (t) => {
    const findings = compare(contract(base), contract(head, retired));
    t.deepEqual(findings.map(told), found);
    for (const [index, part] of says.entries()) {
      const { message = '' } = findings[index] ?? {};
      t.true(message.includes(part), message);
    }
  });
}

test('INSTANCE_SAME: another database schema', (t) => {
  const [one, two] = [contractOf({}, 'shop'), contractOf({}, 'mail')];
  t.deepEqual(compare(one, two).map(told), ['warn rows INSTANCE_SAME :schema']);
  t.deepEqual(compare(one, one), []);
});

test('every rule has a case that it finds and one that it lets pass', (t) => {
  const names = Object.keys(rules).filter((rule) => rule !== 'INSTANCE_SAME');
  for (const rule of names) {
    const own = cases.filter((one) => one.rule === rule);
    const finds = ({ found }: Case) => found.some((finding) => finding.includes(` ${rule} `));
    const fails = ({ found }: Case) =>
      found.some((finding) => finding.includes(` ${rule} `) && !finding.startsWith('info '));
    t.true(own.some(finds), rule);
    t.true(
      own.some((one) => !fails(one)),
      rule,
    );
  }
});

test('the manual has every rule, and no other', (t) => {
  const told = tableOf(readPage('docs/evolution.md'), 'rule').map(([cell]) => cell);
  t.deepEqual(
    told,
    Object.keys(rules).map((rule) => `\`${rule}\``),
  );
});

test('findings are in order of task and path, whatever the order of the contracts', (t) => {
  const base = contract({ b: { args: ab, timeout: 1 }, a: { args: ab, topic: 'x' } });
  const head = contract({ a: { args: a, topic: 'y' }, b: { args: number, timeout: 2 } });
  t.deepEqual(compare(base, head).map(told), [
    'break callers FIELD_NO_DELETE a:args.b',
    'warn rows TOPIC_SAME a:topic',
    'break rows FIELD_SAME_TYPE b:args',
    'info behaviour POLICY_SAME b:timeout',
  ]);
});

test('what contract.json notes beside the contract is nothing that jobs run by', (t) => {
  const notes = {
    doc: 'Mails.',
    deprecated: 'Of old.',
    tags: [{ name: 'example', text: 'x' }],
    argDocs: { a: 'A field.' },
    hash: '0',
  };
  t.deepEqual(compare(contract({ t: { args: a, ...notes } }), contract({ t: { args: a } })), []);
});

test('a contract of before this version of pgsched, which lacks what is new, can be compared', (t) => {
  const { retired: _, ...base } = contract({ t: { args: a } });
  t.deepEqual(compare(base, contract({ t: { args: a, formerly: [] } })), []);
});
