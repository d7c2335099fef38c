import { readFile } from 'node:fs/promises';
import test from 'ava';

test('the contract needs nothing but JavaScript: it imports no package and no node: module', async (t) => {
  const pending = ['codec.ts', 'key.ts', 'shape-faults.ts'].map(
    (file) => new URL(`../../runtime/contract/${file}`, import.meta.url).href,
  );
  const seen = new Set<string>();
  const outside: string[] = [];
  for (let file = pending.pop(); file; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = await readFile(new URL(file), 'utf8');
    for (const [, name = ''] of source.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
      if (name.startsWith('.')) pending.push(new URL(name.replace(/\.js$/, '.ts'), file).href);
      else outside.push(`${name} in ${file}`);
    }
  }
  t.deepEqual(outside, []);
  t.true(seen.size > 10);
});
