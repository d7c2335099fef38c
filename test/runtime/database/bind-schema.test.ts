import test from 'ava';
import { bindSchema, checkSchemaName } from '../../../runtime/database/bind-schema.js';
import { isPgschedError } from '../../../runtime/errors.js';

const same = (sql: string): [string, string] => [sql, sql];

const cases: Record<string, [sql: string, bound: string]> = {
  'binds a qualified name': ['select * from pgsched.job', 'select * from "jobs".job'],
  'binds the schema alone': ['create schema pgsched;', 'create schema "jobs";'],
  'binds a name in capitals, which PostgreSQL folds': ['select PgSched.f()', 'select "jobs".f()'],
  'binds a name at both ends of the text': ['pgsched', '"jobs"'],
  'binds a cast right behind a parameter': ['$1::pgsched.new_job[]', '$1::"jobs".new_job[]'],
  'leaves a longer name': same('select pgsched_x, x_pgsched, pgsched1, pgsched$, épgsched'),
  'leaves a literal': same(`select 'pgsched.job', 'it''s pgsched', '', ''''`),
  'binds a name after a literal that ends in a backslash': [
    `select '\\', pgsched.f('x')`,
    `select '\\', "jobs".f('x')`,
  ],
  'leaves an escape string, whose quote may be escaped': [
    `select E'it\\'s pgsched '' \\\\', e'\\'pgsched', pgsched.f()`,
    `select E'it\\'s pgsched '' \\\\', e'\\'pgsched', "jobs".f()`,
  ],
  'binds a name after a column that ends in e': [
    `select name'pgsched', pgsched.f()`,
    `select name'pgsched', "jobs".f()`,
  ],
  'leaves a quoted identifier': same('select "pgsched"."a""pgsched"'),
  'leaves a line comment': ['-- pgsched\npgsched.f()', '-- pgsched\n"jobs".f()'],
  'leaves a nested comment': [
    '/* pgsched /* pgsched */ pgsched */ pgsched.f()',
    '/* pgsched /* pgsched */ pgsched */ "jobs".f()',
  ],
  'knows that a quote in a comment opens nothing': ["-- it's\npgsched.f()", '-- it\'s\n"jobs".f()'],
  'knows that a comment in a literal opens nothing': [
    "select '--', '/*', pgsched.f()",
    `select '--', '/*', "jobs".f()`,
  ],
  'binds the body of a function, and bodies inside it': [
    `create function pgsched.f() as $$ begin execute $q$ delete from pgsched.job where a = 'pgsched' $q$; perform pgsched.g($1); end $$`,
    `create function "jobs".f() as $$ begin execute $q$ delete from "jobs".job where a = 'pgsched' $q$; perform "jobs".g($1); end $$`,
  ],
  'binds a body whose tag holds the name': [
    '$pgsched$ pgsched.f() $pgsched$',
    '$pgsched$ "jobs".f() $pgsched$',
  ],
  'knows that a dollar inside a name opens no body': [
    'select a$b, c$b, pgsched.f()',
    'select a$b, c$b, "jobs".f()',
  ],
  'binds the name as a string, also in a body': [
    `select :'schema'; do $$ begin perform :'schema'; end $$`,
    `select 'jobs'; do $$ begin perform 'jobs'; end $$`,
  ],
  'binds characters beyond ASCII and beyond 16 bits': [
    `select '😀', "ü", pgsched.f() -- 😀`,
    `select '😀', "ü", "jobs".f() -- 😀`,
  ],
};

for (const [title, [sql, bound]] of Object.entries(cases)) {
  test(title, (t) => {
    t.is(bindSchema(sql, 'jobs'), bound);
  });
}

test('the default name leaves all but the string as it was written', (t) => {
  t.is(bindSchema(`select pgsched.f(:'schema')`, 'pgsched'), `select pgsched.f('pgsched')`);
});

test('text that nothing closes comes back whole', (t) => {
  for (const sql of [
    `select 'a`,
    'select "a',
    '/* a /* b */',
    '$$ a',
    '$a$ b $$',
    `E'a\\'`,
    '$',
    ':',
  ]) {
    t.is(bindSchema(sql, 'jobs'), sql);
  }
});

test('a plain identifier is a schema name', (t) => {
  for (const name of ['pgsched', 'jobs', '_a1', 'user', `a${'b'.repeat(47)}`])
    t.is(checkSchemaName(name), name);
});

test('anything else is refused by name', (t) => {
  for (const name of [
    '',
    'Jobs',
    '1a',
    'a-b',
    'a.b',
    'a"b',
    "a'b",
    'a b',
    'a\n',
    'pg_jobs',
    'information_schema',
    'ä',
    `a${'b'.repeat(48)}`,
  ]) {
    const error = t.throws(() => bindSchema('select 1', name));
    t.true(isPgschedError(error, 'InvalidSchemaName'), name);
    t.true(error?.message.includes(JSON.stringify(name)), name);
  }
});
