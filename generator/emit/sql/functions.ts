import { sqlText } from '../../../runtime/contract/sql-text.js';
import { sqlName } from '../../names.js';
import type { WrittenContract, WrittenTask } from '../contract.js';
import { optionsBeside, parametersOf, type SqlOption, type SqlParameter } from './parameters.js';
import { dollarQuoted, sqlIdentifier } from './quote.js';

/** The typed SQL function of a task, for the schema `pgsched`. */
export interface SqlFunction {
  readonly name: string;
  /** What it enqueues. */
  readonly task: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly optional: boolean;
  }[];
  readonly comment: string;
  readonly body: string;
  /** `function pgsched.…(…) … as …`: what follows `create` or `create or replace`. */
  readonly definition: string;
}

/**
 * A function for each task, and for each name that it had before, by name:
 * `pgsched.enqueue_mail_send_receipt(order_id => 7, "to" => '…', run_at => …)`.
 */
export function taskFunctions({ tasks }: Pick<WrittenContract, 'tasks'>): SqlFunction[] {
  const entries = Object.entries(tasks);
  const current = entries.map(([name, task]) => taskFunction(name, task, name));
  const former = entries.flatMap(([name, task]) =>
    (task.formerly ?? []).map((called) => taskFunction(name, task, called)),
  );
  // The same name, where only its letters' case was changed.
  const byName = new Map([...former, ...current].map((made) => [made.name, made]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function taskFunction(task: string, contract: WrittenTask, called: string): SqlFunction {
  const name = sqlName(called);
  const fields = parametersOf(task, contract);
  const options = optionsBeside(fields);
  const parameters = [
    ...fields.map(({ name, type, optional }) => ({ name, type, optional })),
    ...options.map(({ name, type }) => ({ name, type, optional: true })),
  ];
  const args = contract.args === null ? 'null' : argsOf(fields);
  const body = bodyOf(task, args, fields.length, options);
  const declared = parameters.map(
    ({ name, type, optional }) =>
      `  ${sqlIdentifier(name)} ${type}${optional ? ' default null' : ''}`,
  );
  return {
    name,
    task,
    parameters,
    comment: commentOf(task, contract, called, fields),
    body,
    definition: `function pgsched.${sqlIdentifier(name)}(
${declared.join(',\n')}
) returns pgsched.enqueued
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as ${dollarQuoted(body)}`,
  };
}

/**
 * In plpgsql, which keeps its plan for the session. Arguments by their places: no name of a field can mean anything else, nor
 * hide a column.
 */
function bodyOf(task: string, args: string, before: number, options: readonly SqlOption[]): string {
  const given = options.map(({ option }, i) => `${option} => $${before + i + 1}`);
  return `
#variable_conflict use_column
begin
  return pgsched.enqueue(
    ${sqlText(task)},
    ${args},
    ${given.join(', ')});
end
`;
}

function argsOf(fields: readonly SqlParameter[]): string {
  const [only] = fields;
  if (only === undefined) return `'{}'`;
  if (only.field === null) return only.json('$1');
  const rows = fields.map(
    ({ field, json }, i) => `(${sqlText(field ?? '')}, ${json(`$${i + 1}`)})`,
  );
  return `(select coalesce(jsonb_object_agg(f.name, f.value) filter (where f.value is not null), '{}')
       from (values
         ${rows.join(',\n         ')}
       ) as f(name, value))`;
}

function commentOf(
  task: string,
  contract: WrittenTask,
  called: string,
  fields: readonly SqlParameter[],
): string {
  const { doc, deprecated, argDocs = {} } = contract;
  const renamed = called === task ? null : `${called} is ${task} now: call ${sqlName(task)}.`;
  const obsolete = renamed ?? deprecated ?? null;
  return [
    [`Enqueues ${task}.`, doc].filter(Boolean).join(' '),
    ...fields.flatMap(({ name, field }) => {
      return field !== null && Object.hasOwn(argDocs, field) ? [`${name}: ${argDocs[field]}`] : [];
    }),
    ...(obsolete === null ? [] : [`Deprecated: ${obsolete}`.trimEnd()]),
  ].join('\n');
}
