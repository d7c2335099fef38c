import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { repository } from '../support/cli.js';
import { readPage } from './support/markdown.js';

const page = readPage('docs/coming-from.md');

/** The titles of a file's tests; what a template fills in may be anything. */
function titlesOf(file: string): RegExp[] {
  const path = `${repository}test/${file}.test.ts`;
  if (!existsSync(path)) return [];
  const calls = readFileSync(path, 'utf8').matchAll(
    /\btest(?:\.\w+)*\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g,
  );
  return [...calls].map(({ 2: title = '' }) => {
    const fixed = title.replace(/\\(.)/g, '$1').split(/\$\{[^}]*\}/);
    return new RegExp(`^${fixed.map(literally).join('.+')}$`);
  });
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test('every test that is named exists', (t) => {
  const named = [...page.matchAll(/(`+)([\w/-]+) › (.+?)\1(?!`)/g)];
  t.true(named.length > 80, `${named.length}`);
  const missing = named.filter(
    ([, , file = '', title = '']) => !titlesOf(file).some((pattern) => pattern.test(title)),
  );
  t.deepEqual(
    missing.map(([reference]) => reference),
    [],
  );
});

test('every row names its test, or says why it is decided otherwise', (t) => {
  const rows = page.split('\n').filter((line) => /^\| (?!there |---)/.test(line));
  t.true(rows.length > 80, `${rows.length}`);
  const bare = rows.filter((row) => {
    const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return cells.length !== 5 || !/ › |\.$/.test(cells[3] ?? '');
  });
  t.deepEqual(bare, []);
});
