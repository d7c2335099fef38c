import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { generate, type Memory, writeFiles } from '../../generator/index.js';
import { binary, start } from '../support/cli.js';
import { compiler } from './support/compile.js';
import { project } from './support/fixture.js';
import { filesIn } from './support/golden.js';
import { allCalls, type Form, manyTasks } from './support/many-tasks.js';

/** Instantiations per task, as they were when somebody last looked: UPDATE_TYPE_COST=1 writes them anew. */
const baselineFile = fileURLToPath(new URL('./type-cost.json', import.meta.url));

test('a thousand tasks are generated from cold in ten seconds and little memory', async (t) => {
  t.timeout(240_000);
  const fixture = project(t, { 'src/jobs/tasks.ts': manyTasks(1_000, 'plain') });
  const report = `process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    process.stderr.write('USED ' + JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS / 1024 }));
  });`;
  const command = [
    process.execPath,
    '--import',
    `data:text/javascript,${encodeURIComponent(report)}`,
  ];
  const began = performance.now();
  const { code, stderr } = await start([...command, binary, 'generate'], { cwd: fixture.root })
    .ended;
  const elapsed = (performance.now() - began) / 1e3;
  t.is(code, 0, stderr);
  t.is(filesIn(fixture.path('src/jobs/handlers')).length, 1_001);
  const { cpu, memory } = JSON.parse(/USED (.*)$/.exec(stderr)?.[1] ?? '');
  t.log(`${elapsed.toFixed(1)} s, ${cpu.toFixed(1)} s of a processor, ${memory.toFixed(0)} MB`);
  // Of the processor, because what else runs on the machine is no matter; half as much again, because it is one nevertheless.
  t.true(cpu < 15, `${cpu} s`);
  t.true(memory < 1_500, `${memory} MB`);
});

for (const [form, counts] of [
  ['plain', [100, 200, 400]],
  ['schema', [25, 50, 100]],
] as const) {
  test(`what ${form} tasks cost the compiler grows as they do, and is what it was`, async (t) => {
    t.timeout(240_000);
    const fixture = project(t, {});
    const compile = compiler(fixture);
    const memory: Memory = {};
    const [few, some, many] = (await inTurn(counts, async (count) => {
      fixture.write('src/jobs/tasks.ts', manyTasks(count, form));
      fixture.write('src/use.ts', allCalls(count));
      await writeFiles(await generate(fixture, memory));
      const { problems, instantiations } = compile();
      t.deepEqual(problems, []);
      return instantiations;
    })) as [number, number, number];
    const perTask = (many - some) / (counts[2] - counts[1]);
    const earlier = (some - few) / (counts[1] - counts[0]);
    t.log(`${few}, ${some}, ${many} instantiations: ${perTask} a task`);
    t.true(perTask < earlier * 1.05, `${earlier} a task, then ${perTask}`);
    const baseline = readBaseline();
    if (process.env['UPDATE_TYPE_COST']) writeBaseline({ ...baseline, [form]: perTask });
    else t.true(perTask <= baseline[form] * 1.05, `${perTask} a task; it was ${baseline[form]}`);
  });
}

async function inTurn<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await run(item));
  return results;
}

function readBaseline(): Record<Form, number> {
  return JSON.parse(readFileSync(baselineFile, 'utf8'));
}

function writeBaseline(baseline: Record<Form, number>): void {
  writeFileSync(baselineFile, `${JSON.stringify(baseline, null, 2)}\n`);
}
