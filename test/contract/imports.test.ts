import { readFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';

/** Whether these files, with all that they import, also for types alone, import no package and no node: module. */
async function needNothing(t: ExecutionContext, files: readonly string[]): Promise<void> {
  const pending = files.map((file) => new URL(`../../runtime/${file}`, import.meta.url).href);
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
}

test('the contract needs nothing but JavaScript', (t) =>
  needNothing(t, ['contract/codec.ts', 'contract/key.ts', 'contract/shape-faults.ts']));

test('nor does the standalone client, for its types neither', (t) =>
  needNothing(t, ['standalone/index.ts']));
