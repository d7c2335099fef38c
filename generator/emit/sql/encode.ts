import { type Definitions, membersOf } from '../../../runtime/contract/shape/members.js';
import { sqlText } from '../../../runtime/contract/sql-text.js';
import type { Shape } from '../../../runtime/contract/types.js';

/** How the values of one shape are given in SQL. */
export interface SqlType {
  /** As PostgreSQL itself writes it. */
  readonly name: string;
  /** Whether null is one of them. */
  readonly nullable: boolean;
  /** Whether `undefined` is one of them: not there in an object, null in a list. */
  readonly absent: boolean;
  /** The JSON of a value, as jsonb; SQL's null for null. `field` names the value in errors, as an SQL literal. */
  readonly json: (value: string, field: string) => string;
}

type Encode = SqlType['json'];

/** The types of single values. Any other shape is given as the JSON that is stored. */
const scalars: Readonly<Record<string, Encode>> = {
  text: (value) => `to_jsonb(${value})`,
  boolean: (value) => `to_jsonb(${value})`,
  'double precision': (value, field) => `pgsched._json_number(${value}, ${field})`,
  bigint: (value, field) => `pgsched._json_integer(${value}, ${field})`,
  numeric: (value, field) => `pgsched._json_bigint(${value}, ${field})`,
  'timestamp with time zone': (value, field) => `pgsched._json_instant(${value}, ${field})`,
  bytea: (value) => `pgsched._json_bytes(${value})`,
};

/** The SQL type for a shape of the contract. */
export function sqlType(shape: Shape, definitions: Definitions): SqlType {
  const members = membersOf(shape, definitions).map(({ opened }) => opened);
  const given = members.filter(({ kind }) => kind !== 'null' && kind !== 'undefined');
  return {
    ...givenType(given, definitions),
    nullable: members.some(({ kind }) => kind === 'null' || kind === 'json'),
    absent: members.some(({ kind }) => kind === 'undefined'),
  };
}

type Given = Pick<SqlType, 'name' | 'json'>;

function givenType(given: readonly Shape[], definitions: Definitions): Given {
  const [name, ...others] = new Set(given.map(scalarOf));
  if (name && others.length === 0) return scalarType(name, given);
  const [only] = given;
  if (only?.kind === 'array' && given.length === 1) {
    const item = sqlType(only.item, definitions);
    if (item.name in scalars) return arrayType(item);
  }
  return { name: 'jsonb', json: (value) => value };
}

function scalarOf(shape: Shape): string | null {
  switch (shape.kind) {
    case 'string':
    case 'template':
    case 'url':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'number':
      return shape.integer ? 'bigint' : 'double precision';
    case 'bigint':
      return 'numeric';
    case 'date':
      return 'timestamp with time zone';
    case 'bytes':
      return 'bytea';
    case 'literal':
      return scalarOf({ kind: typeof shape.value } as Shape);
    default:
      return null;
  }
}

function scalarType(name: string, members: readonly Shape[]): Given {
  const encode = scalars[name] as Encode;
  const texts = members.flatMap((member) =>
    member.kind === 'literal' && typeof member.value === 'string' ? [sqlText(member.value)] : [],
  );
  if (texts.length < members.length) return { name, json: encode };
  const allowed = `array[${texts.join(', ')}]`;
  return {
    name,
    json: (value, field) => encode(`pgsched._one_of(${value}, ${allowed}, ${field})`, field),
  };
}

function arrayType(item: SqlType): Given {
  return {
    name: `${item.name}[]`,
    json: (value, field) => {
      const json = item.json('i.item', field);
      const present =
        item.nullable || item.absent
          ? `coalesce(${json}, 'null')`
          : `pgsched._required(${json}, ${field})`;
      const list = `unnest(pgsched._list(${value}, ${field})) with ordinality as i(item, place)`;
      return `case when ${value} is not null then (select coalesce(jsonb_agg(${present} order by i.place), '[]') from ${list}) end`;
    },
  };
}
