import test from 'ava';
import { clientFor } from '../../support/client.js';
import { testDatabase } from '../../support/database.js';

const database = await testDatabase();

const bad = [
  ['U+0000', 'a\u0000b', /U\+0000/],
  ['a high surrogate alone', 'a\ud83d', /lone surrogate/],
  ['a low surrogate alone', '\ude00b', /lone surrogate/],
  ['surrogates in the wrong order', '\ude00\ud83d', /lone surrogate/],
] as const;

for (const [what, text, message] of bad) {
  test(`${what} in args is refused by path`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    const to = await t.throwsAsync(enqueue.mail.send({ to: text }), { code: 'PGS2001', message });
    t.like(to, { details: { issues: [{ path: 'to' }] } });
    for (const args of [text, [text], { deep: { er: [0, text] } }, { [text]: 1 }]) {
      await t.throwsAsync(enqueue.echo(args), { code: 'PGS2001', message });
    }
    await t.throwsAsync(enqueue.echo.many(['good', text]), { code: 'PGS2001', message: /\[1\]/ });
  });

  test(`${what} in headers is refused, in a name and in a value`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    for (const headers of [{ [text]: 'value' }, { name: text }]) {
      await t.throwsAsync(enqueue.tick(undefined, { headers }), {
        code: 'PGS2004',
        message: /headers must be texts without NUL or lone surrogates/,
      });
    }
  });

  test(`${what} in a key is refused, given or made`, async (t) => {
    const { enqueue } = clientFor(t, { connectionString: database.url });
    await t.throwsAsync(enqueue.tick(undefined, { key: text }), {
      code: 'PGS2004',
      message: /key/,
    });
    await t.throwsAsync(enqueue.quiet({ id: text }), { code: 'PGS2001' });
  });
}

test('a header whose name and value are halves of one character is refused', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  await t.throwsAsync(enqueue.tick(undefined, { headers: { 'a\ud83d': '\ude00b' } }), {
    code: 'PGS2004',
  });
});

test('every other text arrives as it is', async (t) => {
  const { enqueue, jobs } = clientFor(t, { connectionString: database.url });
  const texts = [
    '😀',
    '\u0001\u001f\u007f',
    '\\u0000',
    "'; drop table x; --",
    '\ufffe\uffff',
    '{"a":1}',
  ];
  const job = await enqueue.echo(texts, {
    headers: { all: texts.join('|') },
    key: texts.join('|'),
  });
  const { rows } = await database.pool.query(
    'select args, headers, key from pgsched.job where id = $1',
    [job.id],
  );
  const all = texts.join('|');
  t.deepEqual(rows[0], { args: texts, headers: { all }, key: all });
  t.is((await jobs.get('echo', job.id))?.key, all);
});

test('args of exactly 1 MiB of JSON go in, one byte more does not', async (t) => {
  const { enqueue } = clientFor(t, { connectionString: database.url });
  const limit = 1024 * 1024;
  for (const fill of ['x', 'é', '€', '😀']) {
    const each = Buffer.byteLength(fill);
    const most = fill.repeat(Math.floor((limit - 2) / each)) + 'x'.repeat((limit - 2) % each);
    t.is((await enqueue.echo(most)).outcome, 'created');
    const error = await t.throwsAsync(enqueue.echo(`${most}x`), {
      name: 'ArgsTooLarge',
      code: 'PGS2006',
      message: /The args of echo are 1048577 bytes of JSON, more than the limit of 1048576/,
    });
    t.like(error, { details: { task: 'echo', size: limit + 1, limit } });
  }
});
