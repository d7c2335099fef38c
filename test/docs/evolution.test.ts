import test from 'ava';
import { formatDiagnostics, generate, type Memory, writeFiles } from '../../generator/index.js';
import { compile } from '../generator/support/compile.js';
import { project } from '../generator/support/fixture.js';
import { codeBlocks, readPage } from './support/markdown.js';

test('the page can be followed: each of its files in its turn generates without a finding, and all compiles', async (t) => {
  const blocks = codeBlocks(readPage('docs/evolution.md')).filter(
    ({ language }) => language === 'ts',
  );
  const fixture = project(t, {});
  const memory: Memory = {};
  let said = '';
  for (const { text } of blocks) {
    fixture.write(/^\/\/ (\S+)/.exec(text)?.[1] as string, text);
    const generated = await generate(fixture, memory);
    said += formatDiagnostics(generated.diagnostics, fixture);
    t.true(generated.ok, said);
    await writeFiles(generated);
    if (text.includes('.upcast.ts')) t.deepEqual(compile(fixture), []);
  }
  t.deepEqual(
    [...said.matchAll(/git mv -f (\S+) (\S+)/g)].map(([, from, to]) => [from, to]),
    [
      [
        'src/jobs/handlers/mail/send-receipt.upcast.ts',
        'src/jobs/handlers/billing/mail-receipt.upcast.ts',
      ],
    ],
    'the move of what was edited is proposed',
  );
});
