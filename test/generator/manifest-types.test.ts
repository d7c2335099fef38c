import test from 'ava';
import { compile } from './support/compile.js';
import { project, strictest } from './support/fixture.js';

test('a mistake in a manifest is one line, at the word', (t) => {
  const mistakes = {
    'task<{ n: number }>({ maxAttempt: 5 })': "Did you mean to write 'maxAttempts'?",
    "task<{ n: number }>({ priority: 'hgih' })": `Type '"hgih"' is not assignable to type 'Priority | undefined'.`,
    'task<{ n: number }>({ key: (a) => a.m })':
      "Property 'm' does not exist on type '{ n: number; }'.",
    'task<{ n: number }>({ key: (a) => a.n })': "Type 'number' is not assignable to type 'string'.",
    'task({ key: ({ m }) => m, args: v.object({ n: v.number() }) })':
      "Property 'm' does not exist on type '{ n: number; }'.",
    'task<{ n: number }>({ args: v.object({ n: v.string() }) })':
      "Type 'string' is not assignable to type 'number'.",
    "'task'": "Type 'string' is not assignable to type 'Group | AnyTask'.",
  };
  const lines = Object.keys(mistakes).map((text, index) => `  t${index}: ${text},\n`);
  const fixture = project(t, {
    'src/jobs/tasks.ts': `import { defineTasks, task } from 'pgsched';\nimport * as v from 'valibot';\nexport default defineTasks({\n${lines.join('')}});\n`,
  });
  const found = compile(fixture);
  t.is(found.length, lines.length, found.join('\n'));
  for (const [index, said] of Object.values(mistakes).entries()) {
    const message = found[index] ?? '';
    t.true(message.startsWith(`src/jobs/tasks.ts:${index + 4}:`), message);
    t.true(message.includes(said), message);
    t.false(message.includes('overload'), message);
  }
});

test('what a task is made of is inferred, from types, valibot and zod, and nothing is any', (t) => {
  const fixture = project(
    t,
    {
      'src/tasks.ts': `import { defineTasks, task, type Task } from 'pgsched';
import * as v from 'valibot';
import * as z from 'zod';

const tasks = defineTasks({
  ping: task(),
  plain: task<{ n: number }>({ key: (args) => { const n: Eq<typeof args, { n: number }> = true; return \`\${args.n}\${n}\`; } }),
  both: task<{ n: number }, string>(),
  valibot: task({ args: v.object({ n: v.optional(v.number(), 1) }), key: (args) => \`\${args.n ?? 0}\` }),
  zod: task({ args: z.object({ n: z.number().default(1) }), result: z.string().transform((s) => s.length) }),
  group: { ping: task({ timeout: '1s' }), empty: {} },
});

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Parts<T> = T extends Task<infer A, infer R, infer AOut, infer ROut> ? [A, R, AOut, ROut] : never;

export const equal: [
  Eq<typeof tasks.ping, Task<void, void>>,
  Eq<typeof tasks.group.ping, Task<void, void>>,
  Eq<typeof tasks.plain, Task<{ n: number }, void>>,
  Eq<typeof tasks.both, Task<{ n: number }, string>>,
  Eq<Parts<typeof tasks.valibot>, [{ n?: number | undefined }, void, { n: number }, void]>,
  Eq<Parts<typeof tasks.zod>, [{ n?: number | undefined }, string, { n: number }, number]>,
] = [true, true, true, true, true, true];
`,
    },
    strictest,
  );
  t.deepEqual(compile(fixture), []);
});
