import { text } from 'node:stream/consumers';
import { bindClient } from '../../runtime/client/bind-client.js';
import { invalidArgs } from '../../runtime/client/new-job.js';
import type { EnqueueOptions, JobHandle } from '../../runtime/client/types.js';
import { shapeCodec } from '../../runtime/contract/shape.js';
import type { Contract, TaskContract } from '../../runtime/contract/types.js';
import { type Duration, milliseconds } from '../../runtime/duration.js';
import { PgschedError } from '../../runtime/errors.js';
import type { Group, Priority } from '../../runtime/task.js';
import { addressOf, databaseOf } from '../database.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { loadModule } from '../load-module.js';
import { note, print } from '../output.js';
import { loadProject } from '../project.js';
import { readContract } from '../read-contract.js';
import { unknownTask } from '../unknown-task.js';

export interface EnqueueCommandOptions {
  config?: string | undefined;
  databaseUrl?: string | undefined;
  schema?: string | undefined;
  wait?: boolean | undefined;
  timeout: string;
  delay?: string | undefined;
  runAt?: string | undefined;
  priority?: string | undefined;
  key?: string | undefined;
}

interface Client {
  readonly enqueue: object;
  close(): Promise<void>;
}

type Enqueue = (args: unknown, options: EnqueueOptions) => Promise<JobHandle<unknown>>;

/** `pgsched enqueue`: one job, from the args as JSON. Prints its id; or waits, and prints its result. */
export async function enqueue(
  name: string,
  json: string | undefined,
  options: EnqueueCommandOptions,
): Promise<ExitCode> {
  const timeout = milliseconds(options.timeout as Duration, '--timeout');
  databaseOf(options);
  const project = await loadProject(options);
  const contract = await readContract(project);
  const task = taskOf(contract, name);
  const args = decodeArgs(name, task, await readArgs(json));
  const { schemas } = task;
  const manifest = schemas.args || schemas.result ? await loadManifest(project.manifest) : null;
  const client = bindClient<Client>({ ...contract, tasks: { [name]: task } }, manifest, {
    connectionString: addressOf(options),
    schema: options.schema,
    onWarning: note,
  });
  try {
    const job = await enqueueOf(client, name)(args, {
      delay: options.delay as Duration | undefined,
      runAt: options.runAt,
      priority: priorityOf(options.priority),
      key: options.key,
    });
    if (job.outcome === 'existing')
      note(`Job ${job.id} holds this key already; nothing was added.`);
    if (!options.wait) {
      print(job.id);
      return exitCodes.ok;
    }
    note(`Waiting for job ${job.id}.`);
    print(resultJson(task, await job.result({ timeout })));
    return exitCodes.ok;
  } finally {
    await client.close();
  }
}

function taskOf({ tasks }: Contract, name: string): TaskContract {
  const found = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (found !== undefined) return found;
  throw unknownTask(name, Object.keys(tasks));
}

async function readArgs(json: string | undefined): Promise<unknown> {
  if (json === undefined) return undefined;
  const given = json === '-' ? await text(process.stdin) : json;
  try {
    return JSON.parse(given);
  } catch (error) {
    throw new PgschedError('InvalidOption', {
      message: `The args are no JSON: ${(error as Error).message}. Quote them for the shell: '{"name": "Ada"}'.`,
    });
  }
}

/** From the JSON that a row would hold to what a program would pass: the client encodes it again. */
function decodeArgs(name: string, task: TaskContract, given: unknown): unknown {
  if (task.args === null) return given;
  const decoded = shapeCodec(task.args, task.definitions).decode(given);
  if (decoded.ok) return decoded.value;
  throw invalidArgs(name, decoded.issues);
}

function resultJson(task: TaskContract, result: unknown): string {
  if (task.result === null) return 'null';
  const encoded = shapeCodec(task.result, task.definitions).encode(result);
  return JSON.stringify(encoded.ok ? encoded.value : result);
}

/** The manifest is TypeScript: it is loaded only where it holds a schema that we need. */
async function loadManifest(path: string): Promise<Group> {
  return (await loadModule(path))['default'] as Group;
}

function enqueueOf(client: Client, name: string): Enqueue {
  let level: unknown = client.enqueue;
  for (const segment of name.split('.')) level = (level as Record<string, unknown>)[segment];
  return level as Enqueue;
}

/** A level by its name, or a number. */
function priorityOf(text: string | undefined): Priority | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : (text as Priority | undefined);
}
