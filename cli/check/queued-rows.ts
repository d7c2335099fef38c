import { byCodePoint } from '../../generator/code-points.js';
import { queuedArgs, sampledArgs, taskNames } from '../../queries/check.queries.js';
import type { TaskCodec } from '../../runtime/contract/codec.js';
import { namesOf } from '../../runtime/contract/former-names.js';
import type { Contract } from '../../runtime/contract/types.js';
import type { Run } from '../../runtime/database/statements.js';

/** The jobs of one task and version that wait or run, and what would become of them. */
export interface QueuedKind {
  /** As the contract calls it, else as the database does. */
  readonly task: string;
  readonly version: number;
  /** decoded: some may fail all the same. unknown: the contract has no such task. newer, dropped: it has, but not this version. */
  readonly fate: 'decoded' | 'unknown' | 'retired' | 'newer' | 'dropped';
  /** How many were read. */
  jobs: number;
  /** What would fail, by path and message. */
  readonly failures: Map<string, Failure>;
}

export interface Failure {
  readonly path: string;
  readonly message: string;
  jobs: number;
  /** The id of the first job. */
  readonly example: string;
}

export interface Queued {
  readonly kinds: readonly QueuedKind[];
  /** Tasks of the contract that have former names, all of which this database knows. */
  readonly recorded: readonly string[];
}

const batch = 1_000;

/** Decodes what waits and runs with the contract's codecs: all of it, or the first few of each lane. Changes nothing. */
export async function readQueued(
  run: Run,
  contract: Contract,
  codecs: ReadonlyMap<string, TaskCodec>,
  each: number | null,
): Promise<Queued> {
  const known = await run(taskNames, undefined);
  const tasks = new Map(known.map((row) => [row.task, nameIn(contract, row)]));
  const kinds = new Map<string, QueuedKind>();
  const read = (row: Row): void => {
    const task = tasks.get(row.task) ?? { name: `#${row.task}`, retired: false };
    const id = `${task.name} ${row.version}`;
    const kind = kinds.get(id) ?? newKind(task, row.version, contract, codecs);
    kinds.set(id, kind);
    kind.jobs += 1;
    if (kind.fate === 'decoded') decode(row, kind, codecs.get(kind.task) as TaskCodec);
  };
  if (each !== null) {
    for (const row of await run(sampledArgs, { each })) read(row);
  } else {
    for (let after = '0'; ; ) {
      const rows = await run(queuedArgs, { after, limit: batch });
      for (const row of rows) read(row);
      if (rows.length < batch) break;
      after = rows.at(-1)?.id as string;
    }
  }
  const names = new Set(known.flatMap((row) => row.names));
  return {
    kinds: [...kinds.values()].sort((a, b) => byCodePoint(a.task, b.task) || a.version - b.version),
    recorded: Object.entries(contract.tasks)
      .filter(
        ([, { formerly = [] }]) => formerly.length > 0 && formerly.every((name) => names.has(name)),
      )
      .map(([name]) => name),
  };
}

interface Row {
  readonly id: string;
  readonly task: number;
  readonly version: number;
  readonly args: unknown;
}

interface Known {
  readonly name: string;
  readonly retired: boolean;
}

/** A task of the database under the name that the contract has for it. */
function nameIn(
  { tasks, retired = [] }: Contract,
  row: { readonly name: string; readonly names: readonly string[] },
): Known {
  const found = Object.entries(tasks).find(([name, task]) =>
    namesOf(name, task).some((own) => row.names.includes(own)),
  );
  return {
    name: found?.[0] ?? row.name,
    retired: found === undefined && row.names.some((name) => retired.includes(name)),
  };
}

function newKind(
  { name, retired }: Known,
  version: number,
  { tasks }: Contract,
  codecs: ReadonlyMap<string, TaskCodec>,
): QueuedKind {
  const contract = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  const fate = (): QueuedKind['fate'] => {
    if (contract === undefined) return retired ? 'retired' : 'unknown';
    if (version > contract.version) return 'newer';
    return codecs.get(name)?.versions.includes(version) ? 'decoded' : 'dropped';
  };
  return { task: name, version, fate: fate(), jobs: 0, failures: new Map() };
}

function decode(row: Row, kind: QueuedKind, codec: TaskCodec): void {
  const decoded = codec.decodeArgs(row.args, row.version);
  if (decoded.ok) return;
  for (const { path, message } of decoded.issues) {
    const id = `${path}: ${message}`;
    const failure = kind.failures.get(id) ?? { path, message, jobs: 0, example: row.id };
    failure.jobs += 1;
    kind.failures.set(id, failure);
  }
}
