import { sqlText } from '../runtime/contract/sql-text.js';
import { bindSchema } from '../runtime/database/bind-schema.js';
import { PgschedError } from '../runtime/errors.js';
import type { MigrationClient } from './migration-history.js';

/** A function of a task, written for the schema `pgsched`. */
export interface TaskFunction {
  readonly name: string;
  /** Their types are as PostgreSQL itself writes them. */
  readonly parameters: readonly { readonly type: string }[];
  readonly comment: string;
  readonly body: string;
  /** `function pgsched.…(…) … as …`: what follows `create`. */
  readonly definition: string;
}

/** What is done to one function, as statements for the instance's own schema. */
export interface FunctionChange {
  readonly change: 'created' | 'changed' | 'dropped';
  readonly name: string;
  readonly statements: readonly string[];
}

/** A function that an earlier `migrate` made. */
interface Made {
  readonly name: string;
  readonly arguments: string;
  readonly body: string;
  readonly definition: string;
  /** Who may call it, as `"shop" with grant option`; null: it is gone, or is somebody else's now. */
  readonly grants: readonly string[] | null;
}

/**
 * The functions of a schema are changed by one process at a time, until its transaction ends. Not under the lock of the
 * migrations: who waits for that one may not hold a snapshot.
 */
export async function lockTaskFunctions(client: MigrationClient, schema: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('pgsched:define:' || $1, 0))`, [
    schema,
  ]);
}

/**
 * What makes the functions of a schema the wanted ones. Those that are as they should be are not touched, and none that
 * `migrate` did not make itself. Writes nothing.
 *
 * @throws MigrationFailed when a function of somebody else has a name that is wanted
 */
export async function planTaskFunctions(
  client: MigrationClient,
  schema: string,
  wanted: readonly TaskFunction[],
): Promise<FunctionChange[]> {
  const made = await readMade(client, schema);
  const names = new Set(wanted.map(({ name }) => name));
  await refuseForeign(client, schema, [...names]);
  return [
    ...made.filter(({ name }) => !names.has(name)).map((found) => dropping(found, schema)),
    ...wanted.flatMap((wants) => {
      const found = made.find(({ name }) => name === wants.name);
      return defining(wants, found?.grants ? found : undefined, schema);
    }),
  ];
}

/** The functions of a schema that has none yet. */
export function newTaskFunctions(
  schema: string,
  wanted: readonly TaskFunction[],
): FunctionChange[] {
  return wanted.flatMap((wants) => defining(wants, undefined, schema));
}

function dropping(made: Made, schema: string): FunctionChange {
  const { name, grants } = made;
  const forget = `delete from pgsched.task_function where name = ${sqlText(name)}`;
  const statements = grants === null ? [forget] : [drop(made), forget];
  return {
    change: 'dropped',
    name,
    statements: statements.map((text) => bindSchema(text, schema)),
  };
}

function defining(
  wants: TaskFunction,
  made: Made | undefined,
  schema: string,
): FunctionChange | [] {
  const { name } = wants;
  const bound = (text: string) => bindSchema(text, schema);
  const body = bound(wants.body);
  const comment = `comment on function pgsched.${name} is ${sqlText(wants.comment)}`;
  const definition = bound(`${wants.definition};\n${comment}`);
  if (made?.definition === definition) return [];

  const record = `insert into pgsched.task_function (name, arguments, body, definition)
values (${[name, argumentsOf(wants), body, definition].map(sqlText).join(', ')})
on conflict (name) do update set arguments = excluded.arguments, body = excluded.body, definition = excluded.definition`;
  const isSame = made !== undefined && headOf(made) === headOf({ body, definition });
  const statements = isSame
    ? [`create or replace ${wants.definition}`, comment]
    : [
        ...(made ? [drop(made)] : []),
        `create ${wants.definition}`,
        `revoke execute on function pgsched.${name} from public`,
        comment,
        ...(made?.grants ?? []).map((to) => `grant execute on function pgsched.${name} to ${to}`),
      ];
  return {
    change: made === undefined ? 'created' : 'changed',
    name,
    statements: [...statements, record].map(bound),
  };
}

/** All but the body: where that is the same, `create or replace` keeps the function and its grants. */
function headOf({ definition, body }: { definition: string; body: string }): string {
  return definition.slice(0, definition.indexOf(body));
}

function drop(made: Made): string {
  return `drop function pgsched.${made.name}(${made.arguments})`;
}

function argumentsOf({ parameters }: TaskFunction): string {
  return parameters.map(({ type }) => type).join(', ');
}

/** The functions of a schema with a name, and of those the ones that `migrate` made, as they were made. */
const own = `select p.oid, p.proname, p.proacl, p.proowner, p.proargtypes, f.name, f.arguments, f.body, f.definition
  from pg_catalog.pg_namespace n
  join pg_catalog.pg_proc p on p.pronamespace = n.oid
  left join pgsched.task_function f
    on f.name = p.proname and f.arguments = oidvectortypes(p.proargtypes) and f.body = p.prosrc
 where n.nspname = $1`;

async function readMade(client: MigrationClient, schema: string): Promise<Made[]> {
  const { rows } = await client.query(
    bindSchema(
      `select f.name, f.arguments, f.body, f.definition,
              case when o.oid is not null then array(
                select case when a.grantee = 0 then 'public' else '"' || replace(pg_get_userbyid(a.grantee), '"', '""') || '"' end
                       || case when a.is_grantable then ' with grant option' else '' end
                  from aclexplode(o.proacl) a
                 where a.grantee <> o.proowner and a.privilege_type = 'EXECUTE'
                 order by 1)
              end as grants
         from pgsched.task_function f
         left join (${own}) o on o.name = f.name
        order by f.name`,
      schema,
    ),
    [schema],
  );
  return rows;
}

async function refuseForeign(
  client: MigrationClient,
  schema: string,
  names: readonly string[],
): Promise<void> {
  const { rows } = await client.query(
    bindSchema(
      `select o.proname || '(' || oidvectortypes(o.proargtypes) || ')' as signature
         from (${own}) o
        where o.name is null and o.proname = any($2)
        order by 1 limit 1`,
      schema,
    ),
    [schema, names],
  );
  const [found] = rows;
  if (found === undefined) return;
  throw new PgschedError('MigrationFailed', {
    message: `The schema "${schema}" has a function ${found.signature} that \`pgsched migrate\` did not make, or that was changed since. The function of a task needs its name: drop it, or rename it.`,
    details: { function: found.signature },
  });
}
