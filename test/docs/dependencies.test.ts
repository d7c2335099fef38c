import { readFile } from 'node:fs/promises';
import test from 'ava';

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

test('docs/dependencies.md has a reason for every dependency, and names no other', async (t) => {
  const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
  const manifest = JSON.parse(await read('package.json')) as Package;
  const page = await read('docs/dependencies.md');

  const kinds = ['dependencies', 'peerDependencies', 'devDependencies'] as const;
  const sections = page.split(/^## /m).slice(1);
  t.is(sections.length, kinds.length);
  for (const [index, kind] of kinds.entries()) {
    const rows = (sections[index] ?? '').matchAll(/^\| (`.+`) +\| \S.+ \|$/gm);
    const named = [...rows].flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '));
    t.deepEqual(named.sort(), Object.keys(manifest[kind]).sort(), kind);
  }
});
