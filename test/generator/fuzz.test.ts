import { rmSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import ts from 'typescript';
import { docComment } from '../../generator/emit/comment.js';
import { literal, propertyName } from '../../generator/emit/literal.js';
import {
  formatDiagnostics,
  type Generated,
  generate,
  type Memory,
  writeFiles,
} from '../../generator/index.js';
import type { Program } from '../../generator/read/program.js';
import { readManifest } from '../../generator/read/read-manifest.js';
import { shapeCodec } from '../../runtime/contract/shape.js';
import type { Contract } from '../../runtime/contract/types.js';
import { anyOf, definitions } from '../contract/shapes.js';
import { compiler } from './support/compile.js';
import { checkOutput, literalValue, nameOf } from './support/expected-output.js';
import { project, strictest } from './support/fixture.js';
import { type Entry, manifestOf, randomEntry } from './support/random-manifest.js';
import { hostileText } from './support/random-text.js';

/**
 * A run of all tests has the same ones each time, so that no change fails for what another one left. To hunt, take more and others:
 * PGSCHED_FUZZ_RUNS=500 PGSCHED_FUZZ_SEED=42 npx ava test/generator/fuzz.test.ts
 */
const runs = Number(process.env['PGSCHED_FUZZ_RUNS'] ?? 2);
const seed = Number(process.env['PGSCHED_FUZZ_SEED'] ?? 1);

/** Of one manifest: reading and compiling cost the same whether it has one or many. */
const entryCount = 40;

test(`of any manifest what is wrong is refused at its place, and the rest makes code that compiles (seed ${seed})`, async (t) => {
  t.timeout(Math.max(120_000, runs * 20_000));
  const fixture = project(t, {}, { ...strictest, erasableSyntaxOnly: false });
  const compile = compiler(fixture);
  const memory: Memory = {};

  /** Generates from the properties, and from those that are left without the ones that are refused. */
  const generateRest = async (entries: readonly Entry[]): Promise<[Generated, Entry[]]> => {
    const { text, lines } = manifestOf(entries);
    fixture.write('src/jobs/tasks.ts', text);
    const generated = await generate(fixture, memory);
    const errors = generated.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return [generated, [...entries]];
    const blamed = new Set<Entry>();
    for (const found of errors) {
      const { file, line = 0 } = found.place ?? {};
      const index = lines.findIndex(([from, end]) => line >= from && line < end);
      const entry = entries[index];
      const said = formatDiagnostics([found], fixture);
      if (file !== fixture.manifest || !entry) throw new Error(`It has no place: ${said}`);
      if (entry.sure) throw new Error(`This is right:\n${entry.text}\nand yet: ${said}`);
      blamed.add(entry);
    }
    return generateRest(entries.filter((entry) => !blamed.has(entry)));
  };

  let tasks = 0;
  const property = fc.asyncProperty(fc.gen(), async (gen) => {
    const entries = Array.from({ length: entryCount }, (_, index) => randomEntry(gen, index));
    const [generated, right] = await generateRest(entries);
    // A stub is written once: those of the manifest before would stay.
    rmSync(fixture.path('src/jobs/handlers'), { recursive: true, force: true });
    await writeFiles(generated);
    const { problems } = compile();
    if (problems.length > 0) throw new Error(`${problems.join('\n')}\n${manifestOf(right).text}`);
    checkOutput(generated, fixture);
    checkValues(generated.contract as Contract, right, gen);
    tasks += Object.keys(generated.contract?.tasks ?? {}).length;
  });
  await fc.assert(property, {
    numRuns: runs,
    seed,
    endOnFailure: true,
    includeErrorInReport: true,
  });
  t.log(`${tasks} tasks in ${runs} manifests`);
  t.true(tasks > runs);
});

test(`whatever text a manifest is, it gives a contract or an error with a place (seed ${seed})`, async (t) => {
  t.timeout(Math.max(120_000, runs * 20_000));
  const fixture = project(t, {});
  let program: Program | undefined;
  const property = fc.property(fc.gen(), (gen) => {
    const entries = Array.from({ length: 4 }, (_, index) => randomEntry(gen, index));
    const pieces = manifestOf(entries).text.match(/\w+|\s+|./gsu) ?? [];
    const any = () => gen(fc.nat, pieces.length - 1);
    for (let changes = gen(fc.nat, 4); changes >= 0; changes--) {
      if (gen(fc.boolean)) pieces.splice(any(), gen(fc.nat, 3));
      else pieces.splice(any(), 0, pieces[any()] ?? '');
    }
    fixture.write('src/jobs/tasks.ts', pieces.join(''));
    const read = readManifest(fixture.manifest, program);
    program = read.program;
    const errors = read.diagnostics.filter(({ severity }) => severity === 'error');
    const placed = errors.every(({ place, message }) => place !== null && message !== '');
    if (!placed || (read.model === null) !== errors.length > 0) {
      throw new Error(`${formatDiagnostics(errors, fixture)}\n${pieces.join('')}`);
    }
  });
  fc.assert(property, { numRuns: runs * 3, seed, endOnFailure: true, includeErrorInReport: true });
  t.pass();
});

test(`any text can be a literal, a name and a comment (seed ${seed})`, (t) => {
  const parse = (source: string) => {
    const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.ES2023, true);
    const [problem] = ts.transpileModule(source, { reportDiagnostics: true }).diagnostics ?? [];
    if (problem) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, ' '));
    return file.statements;
  };
  const property = fc.property(hostileText(), (text) => {
    const value = { [text]: [text, { text }] };
    const [constant, ...more] = parse(`const x = ${literal(value)};`);
    if (JSON.stringify(literalValue(constant)) !== JSON.stringify(value) || more.length > 0)
      return false;
    const [type] = parse(`interface X { ${propertyName(text)}: 1 }`);
    const [member] = type && ts.isInterfaceDeclaration(type) ? type.members : [];
    if (nameOf(member?.name as ts.PropertyName) !== text) return false;
    return parse(docComment(text)).length === 0;
  });
  fc.assert(property, { numRuns: runs * 100, seed, includeErrorInReport: true });
  t.pass();
});

/** What was meant by a type is what its shape takes, in the same JSON. */
function checkValues(contract: Contract, entries: readonly Entry[], gen: fc.GeneratorValue): void {
  for (const { name, args } of entries.flatMap((entry) => entry.tasks)) {
    const read = contract.tasks[name];
    if (!read?.args) throw new Error(`The contract has no args of ${name}.`);
    const value = gen(anyOf, args);
    const meant = shapeCodec(args, definitions).encode(value);
    const found = shapeCodec(read.args, read.definitions).encode(value);
    if (JSON.stringify(found) !== JSON.stringify(meant)) {
      throw new Error(`${name}: ${JSON.stringify(found)} instead of ${JSON.stringify(meant)}`);
    }
  }
}
