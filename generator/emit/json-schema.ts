import type { TaskModel } from '../model.js';
import { mark } from './header.js';
import { type ContractLayout, importPath, schemaPath } from './layout.js';
import { type JsonSchema, schemaMaker } from './shape-schema.js';

/** `generated/schemas/mail/send-receipt.json`: what is stored of one task. As a whole it is the schema of the args. */
export function emitJsonSchema(task: TaskModel, layout: ContractLayout): string {
  const { args, result, definitions } = task.documented;
  const { placed, present } = schemaMaker(definitions);
  const named = Object.entries(definitions).map(([name, shape]) => [name, present(shape)]);
  const from = importPath(schemaPath(layout, task.name), layout.manifest, '.ts');
  const description = descriptionOf(task);
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: `${mark} ${from}. Do not edit: change that file, then run \`npx pgsched generate\`.`,
    title: task.name,
    ...(description === '' ? {} : { description }),
    ...(task.deprecated === null ? {} : { deprecated: true }),
    $ref: '#/$defs/args',
    $defs: {
      args: args ? placed(args) : nothing,
      result: result ? placed(result) : nothing,
      ...Object.fromEntries(named),
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Of a task without args, or without a result. */
const nothing: JsonSchema = { type: 'null' };

function descriptionOf({ doc, deprecated }: TaskModel): string {
  return [doc, deprecated ? `Deprecated: ${deprecated}` : ''].filter(Boolean).join('\n\n');
}
