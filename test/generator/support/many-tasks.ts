export type Form = 'plain' | 'schema';

const fields: Readonly<Record<Form, string>> = {
  plain:
    'task<{ id: number; to: string; at: Date; note?: string; tags: string[]; place: { street: string; city: string; zip: number } }, { ok: boolean }>()',
  schema: `task({
      args: v.object({
        id: v.number(), to: v.string(), at: v.date(), note: v.optional(v.string()), tags: v.array(v.string()),
        place: v.object({ street: v.string(), city: v.string(), zip: v.number() }),
      }),
      result: v.object({ ok: v.boolean() }),
    })`,
};

/** A manifest of as many tasks, ten in a group. */
export function manyTasks(count: number, form: Form): string {
  const names = taskNames(count);
  const groups = [...new Set(names.map(([group]) => group))].map((group) => {
    const tasks = names
      .filter(([of]) => of === group)
      .map(([, name]) => `    ${name}: ${fields[form]},\n`);
    return `  ${group}: {\n${tasks.join('')}  },\n`;
  });
  const valibot = form === 'schema' ? "import * as v from 'valibot';\n" : '';
  return `import { defineTasks, task } from 'pgsched';\n${valibot}\nexport default defineTasks({\n${groups.join('')}});\n`;
}

/** An application that enqueues each of them. */
export function allCalls(count: number): string {
  const calls = taskNames(count).map(
    ([group, name]) =>
      `await enqueue.${group}.${name}({ id: 1, to: 'x', at: new Date(0), tags: [], place: { street: 'x', city: 'x', zip: 1 } });\n`,
  );
  return `import { createClient } from './jobs/generated/client.js';\n\nconst { enqueue } = createClient();\n${calls.join('')}`;
}

function taskNames(count: number): [group: string, name: string][] {
  return Array.from({ length: count }, (_, index) => [
    `g${Math.floor(index / 10)}`,
    `t${index % 10}`,
  ]);
}
