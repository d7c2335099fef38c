import { createHash } from 'node:crypto';
import type { Contract, TaskContract } from '../../runtime/contract/types.js';
import type { DocTag, ManifestModel, TypeModel } from '../model.js';
import { header } from './header.js';
import type { ContractLayout } from './layout.js';
import { literal } from './literal.js';

/** A task as `contract.json` keeps it. */
export interface WrittenTask extends TaskContract {
  readonly doc?: string;
  readonly deprecated?: string;
  /** The other tags of its doc comment. */
  readonly tags?: readonly DocTag[];
  /** The docs of the fields of its args, by name. */
  readonly argDocs?: Readonly<Record<string, string>>;
  /** sha-256 of the task's name and of everything in its contract but the docs. */
  readonly hash: string;
}

/** What contract.json says of a task beside what the runtime works by. */
export const notes: Readonly<Record<Exclude<keyof WrittenTask, keyof TaskContract>, true>> = {
  doc: true,
  deprecated: true,
  tags: true,
  argDocs: true,
  hash: true,
};

export interface WrittenContract extends Contract {
  readonly tasks: Readonly<Record<string, WrittenTask>>;
}

/** The contract that the runtime takes its every option from. */
export function contractOf({ tasks, retired }: ManifestModel, schema: string): Contract {
  return {
    format: 1,
    schema,
    tasks: Object.fromEntries(tasks.map(({ name, contract }) => [name, contract])),
    ...(retired.length === 0 ? {} : { retired }),
  };
}

/** `generated/contract.ts`: the contract as the runtime imports it. */
export function emitContract(contract: Contract, layout: ContractLayout): string {
  const head = 'export const contract: Contract = ';
  // For a task named `constructor` TypeScript takes what every object inherits for the type that is wanted there.
  const end = Object.keys(contract.tasks).some((name) => name in {}) ? ' as const' : '';
  return `${header(`${layout.out}/contract.ts`, layout.manifest)}
import type { Contract } from 'pgsched/client';

${head}${literal(sorted(contract), '', head.length + 1)}${end};
`;
}

/** `generated/contract.json`: the contract as tools compare it, canonical to the byte. */
export function emitContractJson(model: ManifestModel, contract: Contract): string {
  const tasks = Object.fromEntries(
    model.tasks.map(
      ({ name, doc, deprecated, tags, contract: task, types }): [string, WrittenTask] => [
        name,
        {
          ...task,
          ...(doc === '' ? {} : { doc }),
          ...(deprecated === null ? {} : { deprecated }),
          ...(tags.length === 0 ? {} : { tags }),
          ...argDocs(types.args),
          hash: hashOf(name, task),
        },
      ],
    ),
  );
  return `${JSON.stringify(sorted({ ...contract, tasks }), null, 2)}\n`;
}

function argDocs(args: TypeModel): Pick<WrittenTask, 'argDocs'> {
  const fields =
    args.kind === 'text' && typeof args.text === 'object' && 'object' in args.text
      ? args.text.object
      : [];
  const docs = fields.filter(({ doc }) => doc !== '').map(({ name, doc }) => [name, doc]);
  return docs.length === 0 ? {} : { argDocs: Object.fromEntries(docs) };
}

function hashOf(name: string, task: TaskContract): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted({ name, task })))
    .digest('hex');
}

/** The value with every object's keys in the order of their code points. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  );
}
