import { Session } from '../client/session.js';
import type { AnyTx } from '../client/transaction.js';
import { taskCodec } from '../contract/codec.js';
import type { Contract, TaskContract } from '../contract/types.js';
import type { Upcasters } from '../contract/upcast.js';
import { PgschedError } from '../errors.js';
import { declaredTask } from '../manifest.js';
import type { Group } from '../task.js';
import type { ServedTask } from '../worker/claimed-job.js';
import type { AnyHandler } from '../worker/types.js';
import type { AnySetup } from '../worker-setup.js';
import { drain } from './drain.js';
import { enqueued } from './enqueued.js';
import { perform } from './perform.js';
import type { DrainOptions, EnqueuedOptions, PerformOptions, TestingOptions } from './types.js';

/** What the helpers know of a project. */
export interface Tested {
  readonly contract: Contract;
  readonly manifest: Group | null;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
  readonly setup: AnySetup;
  readonly upcasters: Upcasters;
}

/** Makes the test helpers of a contract and its handlers. Generated code calls it and gives it its type. Opens nothing before first use. */
export function bindTesting<T>(
  contract: Contract,
  manifest: Group | null,
  handlers: Readonly<Record<string, AnyHandler>>,
  options: TestingOptions<unknown>,
  setup: AnySetup = {},
  upcasters: Upcasters = {},
): T {
  const tested: Tested = { contract, manifest, handlers, setup, upcasters };
  const context = new SharedContext(options.context, setup);
  let session: Session | undefined;
  const open = (): Session => {
    session ??= new Session(contract, options);
    return session;
  };
  const close = async (): Promise<void> => {
    const opened = session;
    session = undefined;
    await opened?.close();
    await context.dispose();
  };
  return Object.freeze({
    async perform(name: string, args?: unknown, given: PerformOptions<unknown> = {}) {
      const task = servedTask(tested, name);
      return perform(task, args, given, given.context ?? (await context.get()));
    },
    enqueued: async (name: string, { tx }: EnqueuedOptions = {}) =>
      enqueued(
        open(),
        { name, contract: contractOf(tested, name) },
        upcasters[name],
        tx as AnyTx | undefined,
      ),
    drain: async (given: DrainOptions = {}) =>
      drain(open(), tested, { ...options, ...given }, () => context.get()),
    close,
    [Symbol.asyncDispose]: close,
  }) as T;
}

function servedTask(tested: Tested, name: string): ServedTask {
  const { manifest, handlers, upcasters } = tested;
  const contract = contractOf(tested, name);
  const handler = handlers[name];
  if (handler === undefined) {
    throw new PgschedError('HandlerMissing', {
      message: `${name} has no handler here: it is another worker's. Perform it with the testing.ts that is generated beside its handlers.`,
      details: { task: name },
    });
  }
  const codec = taskCodec(name, contract, declaredTask(manifest, name), upcasters[name]);
  return { name, contract, codec, handler, number: 0 };
}

function contractOf({ contract }: Tested, name: string): TaskContract {
  const task = Object.hasOwn(contract.tasks, name) ? contract.tasks[name] : undefined;
  if (task === undefined) {
    throw new PgschedError('UnknownTask', {
      message: `The contract has no task "${name}". Its tasks: ${Object.keys(contract.tasks).join(', ')}.`,
      details: { task: name },
    });
  }
  return task;
}

/** What was given, else what the setup makes: once, for all that is performed and drained. */
class SharedContext {
  readonly #given: unknown;
  readonly #setup: AnySetup;
  #made: Promise<unknown> | undefined;

  constructor(given: unknown, setup: AnySetup) {
    this.#given = given;
    this.#setup = setup;
  }

  async get(): Promise<unknown> {
    if (this.#given !== undefined) return this.#given;
    this.#made ??= (async () => this.#setup.context?.())();
    return this.#made;
  }

  async dispose(): Promise<void> {
    const made = this.#made;
    this.#made = undefined;
    if (made !== undefined) await this.#setup.dispose?.(await made);
  }
}
