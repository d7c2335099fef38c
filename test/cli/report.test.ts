import { existsSync } from 'node:fs';
import test from 'ava';
import { formatReport, type Report, rootOf } from '../../cli/format/report.js';
import { diagnostic, type Place } from '../../generator/diagnostic.js';

const root = '/home/ada/shop';

function place(file: string, line: number, column: number): Place {
  return {
    file: `${root}/${file}`,
    line,
    column,
    length: 4,
    text: "  ping: task({ timeout: '1x' }),",
  };
}

const report: Report = {
  ok: false,
  diagnostics: [
    diagnostic(
      'InvalidTaskOption',
      place('src/a,b:c/tasks.ts', 7, 3),
      'Up to 100 %,\nno more: stop.',
      {
        related: [{ place: place('src/other.ts', 2, 1), message: 'the other one' }],
      },
    ),
    diagnostic('OrphanHandler', place('src/x.ts', 1, 1), 'Nobody has it.', { severity: 'warning' }),
    diagnostic('ManifestNotFound', null, 'There is no manifest.'),
  ],
  facts: { files: null },
};

test('annotations are escaped as GitHub reads them: more in a property than in a message', (t) => {
  t.deepEqual(formatReport(report, 'github', { root }).split('\n'), [
    '::error file=src/a%2Cb%3Ac/tasks.ts,line=7,col=3,title=PGS1007::Up to 100 %25,%0Ano more: stop.%0Asrc/other.ts:2:1 - the other one',
    '::warning file=src/x.ts,line=1,col=1,title=PGS1013::Nobody has it.',
    '::error title=PGS1002::There is no manifest.',
  ]);
});

test('JSON is one object: the findings with relative paths, and what else the command has to say', (t) => {
  const json = JSON.parse(formatReport(report, 'json', { root }));
  t.deepEqual(Object.keys(json), ['ok', 'diagnostics', 'files']);
  t.like(json.diagnostics[0], {
    severity: 'error',
    name: 'InvalidTaskOption',
    code: 'PGS1007',
    place: { file: 'src/a,b:c/tasks.ts', line: 7, column: 3, length: 4 },
    related: [{ file: 'src/other.ts', line: 2, column: 1, length: 4, message: 'the other one' }],
  });
  t.is(json.diagnostics[2].place, null);
});

test('the help of a finding is a page that is there', (t) => {
  const { diagnostics } = JSON.parse(formatReport(report, 'json', { root: process.cwd() }));
  t.is(diagnostics[0].help, 'docs/errors/PGS1007.md');
  t.true(existsSync(diagnostics[0].help));
});

test('text is what people read, and nothing at all says nothing', (t) => {
  t.regex(formatReport(report, 'text', { root }), /^src\/a,b:c\/tasks\.ts:7:3 - error PGS1007: /);
  t.is(formatReport({ ok: true, diagnostics: [] }, 'text', { root }), '');
  t.is(formatReport({ ok: true, diagnostics: [] }, 'github', { root }), '');
});

test('annotations name files from the root of the repository, which a step need not run in', (t) => {
  const env = { GITHUB_WORKSPACE: '/home/ada' };
  t.is(rootOf('github', root, env), '/home/ada');
  t.is(rootOf('json', root, env), root);
  t.is(rootOf('github', root, {}), root);
  t.is(rootOf('github', root, { GITHUB_WORKSPACE: '/elsewhere' }), root);
});
