import test from 'ava';
import { files, type Resolution, tsc, type Version } from './tsc.js';

const versions: readonly Version[] = ['5.4', '5.9', '6.0', '7.0'];
const resolutions: readonly Resolution[] = ['NodeNext', 'Bundler'];

/** Every flag that makes TypeScript say more, and the first version that has it. */
const flags: Readonly<Record<string, [on: boolean, since?: number]>> = {
  strict: [true],
  verbatimModuleSyntax: [true],
  isolatedModules: [true],
  exactOptionalPropertyTypes: [true],
  noUncheckedIndexedAccess: [true],
  noPropertyAccessFromIndexSignature: [true],
  noImplicitOverride: [true],
  noImplicitReturns: [true],
  noFallthroughCasesInSwitch: [true],
  noUnusedLocals: [true],
  noUnusedParameters: [true],
  allowUnreachableCode: [false],
  allowUnusedLabels: [false],
  forceConsistentCasingInFileNames: [true],
  isolatedDeclarations: [true, 5.5],
  declaration: [true],
  noUncheckedSideEffectImports: [true, 5.6],
  erasableSyntaxOnly: [true, 5.8],
};

test('the golden project has every kind of generated file', (t) => {
  const generated = ['client', 'contract', 'handlers', 'testing'].map(
    (file) => `generated/${file}`,
  );
  for (const file of ['tasks', 'handlers/index', ...generated]) {
    t.true(files.includes(`test/fixtures/generator/src/jobs/${file}.ts`), file);
  }
  t.true(files.some((file) => /\/handlers\/.+\/[a-z-]+\.ts$/.test(file)));
});

for (const version of versions) {
  // Two compilers at a time are enough for a machine.
  test.serial(`TypeScript ${version} takes generated code under every strict flag`, async (t) => {
    const known = Object.entries(flags).filter(([, [, since = 0]]) => since <= Number(version));
    const on = Object.fromEntries(known.map(([flag, [value]]) => [flag, value]));
    const found = await Promise.all(
      resolutions.map((resolution) => tsc(version, resolution, { ...on, skipLibCheck: true })),
    );
    // A manifest's type is inferred: that is what it is for.
    const ofManifest = /\/tasks\.ts\(.*error TS90\d\d:/;
    for (const lines of found) {
      t.deepEqual(
        lines.filter((line) => !ofManifest.test(line)),
        [],
      );
      t.is(lines.length > 0, 'isolatedDeclarations' in on);
    }
  });

  test.serial(`TypeScript ${version} takes our declarations with the lib check on`, async (t) => {
    const found = await tsc(version, 'NodeNext', {
      strict: true,
      skipLibCheck: false,
      lib: 'ES2022',
    });
    // What other packages declare is theirs.
    t.deepEqual(
      found.filter((line) => !line.includes('node_modules/')),
      [],
    );
  });
}
