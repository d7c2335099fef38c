import { readdir, readFile } from 'node:fs/promises';
import test from 'ava';
import { errorCodes } from '../../runtime/errors.js';

const folder = new URL('../../docs/errors/', import.meta.url);
const codes = Object.entries(errorCodes);

test('every code has a page and every page a code', async (t) => {
  const pages = (await readdir(folder)).filter((file) => file !== 'README.md').sort();
  t.deepEqual(pages, codes.map(([, code]) => `${code}.md`).sort());
});

test('no two errors share a code', (t) => {
  t.is(new Set(codes.map(([, code]) => code)).size, codes.length);
});

for (const [name, code] of codes) {
  test(`the page of ${code} says what it means, shows one, and says what to do`, async (t) => {
    const page = await readFile(new URL(`${code}.md`, folder), 'utf8');
    const [title, short, ...rest] = page.split('\n\n');
    t.is(title, `# ${code} ${name}`);
    t.regex(short ?? '', /^\*\*.+\.\*\*$/);
    const sections = rest.filter((line) => line.startsWith('#'));
    t.deepEqual(sections, ['## An example', '## What to do']);
    // The command prints codes, a program names; a worker's warning has neither.
    const example = /```text\n((?:.+\n)+)```/.exec(page)?.[1] ?? '';
    t.true([code, name, 'pgsched: '].some((mark) => example.includes(mark)));
  });
}

test('the index has every page, under its name and with its first sentence', async (t) => {
  const index = (await readFile(new URL('README.md', folder), 'utf8')).replaceAll(/ +/g, ' ');
  for (const [name, code] of codes) {
    const page = await readFile(new URL(`${code}.md`, folder), 'utf8');
    const short = /^\*\*(.+)\*\*$/m.exec(page)?.[1];
    t.true(index.includes(`| [${code}](${code}.md) | \`${name}\` | ${short} |`), code);
  }
});
