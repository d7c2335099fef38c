import { sqlText } from '../../../runtime/contract/sql-text.js';
import type { TaskContract } from '../../../runtime/contract/types.js';
import { argumentName } from '../../names.js';
import { argumentFields } from '../../sql-arguments.js';
import { sqlType } from './encode.js';

/** An argument of a task's SQL function. */
export interface SqlParameter {
  readonly name: string;
  readonly type: string;
  /** Without it: the field is absent, the option is the task's. */
  readonly optional: boolean;
  /** The field of args that it is; null: all of them, as JSON. */
  readonly field: string | null;
  /** Its JSON, where `value` is the argument; SQL's null where the field is absent. */
  readonly json: (value: string) => string;
}

/** An option of `pgsched.enqueue`, under the name that it has here. */
export interface SqlOption {
  readonly option: string;
  readonly name: string;
  readonly type: string;
}

const options: readonly (readonly [name: string, type: string])[] = [
  ['run_at', 'timestamp with time zone'],
  ['delay', 'interval'],
  ['priority', 'integer'],
  ['topic', 'text'],
  ['key', 'text'],
  ['on_conflict', 'text'],
  ['headers', 'jsonb'],
  ['start_within', 'interval'],
];

/** The args of a task as arguments, what must be given first: PostgreSQL wants what may be left out behind. */
export function parametersOf(task: string, contract: TaskContract): SqlParameter[] {
  const fields = argumentFields(contract);
  if (fields === null) {
    const json = (value: string) => `pgsched._required(${value}, ${sqlText(`args of ${task}`)})`;
    return [{ name: 'args', type: 'jsonb', optional: false, field: null, json }];
  }
  const definitions = contract.definitions ?? {};
  const parameters = fields.map(({ name, optional: maybe, shape }): SqlParameter => {
    const { name: type, nullable, absent, json } = sqlType(shape, definitions);
    const optional = maybe || absent;
    const place = sqlText(`${name} of ${task}`);
    const present = (value: string) =>
      nullable
        ? `coalesce(${json(value, place)}, 'null')`
        : `pgsched._required(${json(value, place)}, ${place})`;
    return {
      name: argumentName(name),
      type,
      optional,
      field: name,
      json: optional ? (value) => json(value, place) : present,
    };
  });
  const must = ({ optional }: SqlParameter) => !optional;
  return [...parameters.filter(must), ...parameters.filter(({ optional }) => optional)];
}

/** The options of every enqueue. One whose name a field has is called `job_…`. */
export function optionsBeside(parameters: readonly SqlParameter[]): SqlOption[] {
  const taken = new Set(parameters.map(({ name }) => name));
  return options.map(([option, type]) => {
    let name = option;
    while (taken.has(name)) name = `job_${name}`;
    return { option, name, type };
  });
}
