import test from 'ava';
import fc from 'fast-check';
import { textParameter, withTextParameters } from '../../../runtime/database/text-parameters.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase({ migrated: false });

/** What the server reads, as JSON, which tells null from 'null' and keeps each text as it is. */
async function read(type: string, value: unknown): Promise<unknown> {
  const text = withTextParameters(`select to_json($1::${type}) as value`);
  const { rows } = await database.pool.query(text, [textParameter(value)]);
  return rows[0].value;
}

const storable = fc.string({ unit: 'binary' }).filter((text) => !/[\0\p{Surrogate}]/u.test(text));
const special = fc.constantFrom('', ' ', 'null', 'NULL', '{}', '{a,b}', '"', '\\', '\\"', ',', "'");

test('lists of texts and nulls arrive as they are', async (t) => {
  const texts = fc.array(fc.option(fc.oneof(special, storable)));
  await fc.assert(
    fc.asyncProperty(texts, async (list) => {
      t.deepEqual(await read('text[]', list), list);
    }),
  );
});

test('numbers, booleans and nulls arrive by the cast of their place', async (t) => {
  t.deepEqual(await read('smallint[]', [1, null, -3]), [1, null, -3]);
  t.deepEqual(await read('bigint[]', ['42', 7]), [42, 7]);
  t.deepEqual(await read('boolean[]', [true, false, null]), [true, false, null]);
  t.deepEqual(await read('integer[]', []), []);
  t.is(await read('integer', 12), 12);
  t.is(await read('boolean', false), false);
  t.is(await read('text[]', null), null);
  t.is(await read('text', undefined), null);
});

test('each parameter of a statement becomes a text before its cast', (t) => {
  t.is(
    withTextParameters('select f($1::text[], $2::integer), $12'),
    'select f($1::text::text[], $2::text::integer), $12::text',
  );
});
