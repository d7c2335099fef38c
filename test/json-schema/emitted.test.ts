import test from 'ava';
import { taskCodec } from '../../runtime/contract/codec.js';
import type { Contract } from '../../runtime/contract/types.js';
import { filesIn, goldenFolder, readGolden } from '../generator/support/golden.js';
import { validator } from './validator.js';

const generated = 'src/jobs/generated';
const contract: Contract = JSON.parse(readGolden(`${generated}/contract.json`));
const files = filesIn(`${goldenFolder}${generated}/schemas`);

const schemaOf = (file: string) => JSON.parse(readGolden(`${generated}/schemas/${file}`));

test('every task has a schema', (t) => {
  const titles = files.map((file) => schemaOf(file).title);
  t.deepEqual(titles.sort(), Object.keys(contract.tasks).sort());
  t.true(files.includes('mail/bulk/send-digest.json'));
});

for (const file of files) {
  test(`${file} is a JSON Schema of draft 2020-12, of the args and of the result`, (t) => {
    const schema = schemaOf(file);
    t.is(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
    t.notThrows(() => validator(schema, { formats: true }));
    t.notThrows(() => validator({ ...schema, $ref: '#/$defs/result' }, { formats: true }));
  });
}

/** Args of a task, as a caller passes them. */
const passed: Record<string, unknown> = {
  'resize-image': { path: '/a', width: 7 },
  ping: undefined,
  'media/scan': {
    root: { name: '/', folders: [{ name: 'a', folders: [], 'last-seen': new Date(0) }] },
    colors: ['red'],
    note: { any: [1, null] },
  },
  'media/play': { user: 'u7', list: [new URL('https://example.com/a'), null] },
  'options/delete': { kind: 'b', b: ['x', 7, true, false] },
  'options/constructor': { data: new Uint8Array([1, 2]), tags: new Set(['x-1']) },
};

for (const [file, args] of Object.entries(passed)) {
  test(`what is stored of the args of ${file} fits its schema`, (t) => {
    const schema = schemaOf(`${file}.json`);
    const codec = taskCodec(schema.title, contract.tasks[schema.title] as never, undefined);
    const encoded = codec.encodeArgs(args);
    t.true(encoded.ok, JSON.stringify(encoded));
    const validate = validator(schema, { formats: true });
    t.true(encoded.ok && validate(encoded.value), JSON.stringify(validate.errors));
  });
}

const refused: [file: string, stored: unknown][] = [
  ['resize-image', { path: '/a' }],
  ['resize-image', { path: '', width: 7 }],
  ['resize-image', { path: '\\', width: 7 }],
  ['resize-image', { path: '/a', width: 0 }],
  ['resize-image', { path: '/a', width: 1.5 }],
  ['ping', { n: 1 }],
  ['media/scan', { root: { name: '/', folders: [{}] }, colors: [] }],
  ['media/scan', { root: { name: '/', folders: [], 'last-seen': 'today' }, colors: [] }],
  ['media/scan', { root: { name: '/', folders: [] }, colors: ['green'] }],
  ['media/play', { user: 'u7', list: ['example.com'] }],
  ['options/delete', { kind: 'b', b: ['x', 7, 1] }],
  ['options/delete', { kind: 'a', b: ['x'] }],
  ['options/constructor', { data: 'AB==', tags: [] }],
  ['options/constructor', { data: '', tags: ['x-y'] }],
];

for (const [file, stored] of refused) {
  test(`the schema of ${file} refuses ${JSON.stringify(stored)}`, (t) => {
    t.false(validator(schemaOf(`${file}.json`), { formats: false })(stored));
  });
}

test('fields that are not declared are allowed, until a caller closes the schema', (t) => {
  const schema = schemaOf('resize-image.json');
  const stored = { path: '/a', width: 7, heigth: 7 };
  t.true(validator(schema, { formats: true })(stored));
  t.false(
    validator(
      { ...schema, type: 'object', unevaluatedProperties: false },
      { formats: true },
    )(stored),
  );
});

test('docs are carried: of the task, and of each property', (t) => {
  const schema = schemaOf('resize-image.json');
  t.is(schema.description, 'Scales one picture.');
  t.is(schema.$defs.args.properties.path.description, 'Where it is. It may *\\/ hold anything.');
  const play = schemaOf('media/play.json');
  t.is(play.description, 'Plays a list.\n\nDeprecated: Nobody listens.');
  t.true(play.deprecated);
});
