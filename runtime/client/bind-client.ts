import { chain } from '../chain.js';
import { taskCodec } from '../contract/codec.js';
import type { Contract } from '../contract/types.js';
import { PgschedError } from '../errors.js';
import { keepAlive } from '../keep-alive.js';
import { declaredTask } from '../manifest.js';
import type { Group } from '../task.js';
import { Enqueuer } from './enqueuer.js';
import { watchEvents } from './events.js';
import { JobsOfClient } from './jobs.js';
import type { EnqueueRequest } from './middleware.js';
import type { ClientTask } from './new-job.js';
import type { ListOptions } from './new-job-list.js';
import { Results } from './results.js';
import { Session } from './session.js';
import { tree } from './tree.js';
import type { CallOptions, ClientOptions, EnqueueOptions, JobHandle } from './types.js';
import { Waker } from './waker.js';

/**
 * Makes the client of a contract: `enqueue` and `call` by the tasks' names, `jobs`, `close()`. Generated code calls it
 * and gives it its type. `manifest` is needed only where a task has a schema.
 */
export function bindClient<C>(
  contract: Contract,
  manifest: Group | null,
  options: ClientOptions,
): C {
  const client = new Client(contract, manifest, options);
  return Object.freeze({
    enqueue: tree(Object.keys(contract.tasks), (name) => client.enqueueOf(name)),
    call: tree(Object.keys(contract.tasks), (name) => client.callOf(name)),
    jobs: client.jobs(),
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  }) as C;
}

class Client {
  readonly #tasks = new Map<string, ClientTask>();
  readonly #session: Session;
  readonly #results: Results;
  readonly #enqueuer: Enqueuer;
  readonly #enqueue: (request: EnqueueRequest) => Promise<readonly JobHandle<unknown>[]>;
  readonly #middleware: NonNullable<ClientOptions['middleware']>;
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(contract: Contract, manifest: Group | null, options: ClientOptions) {
    for (const [name, task] of Object.entries(contract.tasks)) {
      const codec = taskCodec(name, task, declaredTask(manifest, name));
      this.#tasks.set(name, { name, contract: task, codec });
    }
    this.#session = new Session(contract, options);
    this.#results = new Results(this.#session);
    this.#enqueuer = new Enqueuer(this.#session, this.#results, new Waker(this.#session));
    this.#middleware = options.middleware ?? [];
    this.#enqueue = chain(this.#middleware, (request) => this.#last(request));
  }

  enqueueOf(name: string): unknown {
    const task = this.#task(name);
    const enqueue = async (
      args?: unknown,
      options: EnqueueOptions = {},
    ): Promise<JobHandle<unknown>> => {
      if (this.#middleware.length === 0) return this.#enqueuer.enqueue(task, args, options);
      const items = [{ args, options }];
      const [handle] = await this.#enqueue({ task: name, items, kind: 'single' });
      if (handle === undefined) throw noHandles(name, 1, 0);
      return handle;
    };
    const many = async (
      list: readonly unknown[],
      options: ListOptions = {},
    ): Promise<JobHandle<unknown>[]> => {
      if (this.#middleware.length === 0) return this.#enqueuer.many(task, list, options);
      const each = typeof options === 'function' ? options : () => options;
      const items = list.map((args, index) => ({ args, options: each(args, index) }));
      const handles = await this.#enqueue({ task: name, items, kind: 'many' });
      if (handles.length !== list.length) throw noHandles(name, list.length, handles.length);
      return [...handles];
    };
    return Object.freeze(Object.assign(enqueue, { many }));
  }

  callOf(name: string): unknown {
    const task = this.#task(name);
    return Object.freeze(async (args?: unknown, options: CallOptions = {}): Promise<unknown> => {
      if (this.#middleware.length === 0) return this.#enqueuer.call(task, args, options);
      const { timeout, signal, ...rest } = options;
      let result: unknown;
      const call = chain<EnqueueRequest, readonly JobHandle<unknown>[]>(
        this.#middleware,
        async ({ items }) => {
          const [item] = items as [(typeof items)[0]];
          result = await this.#enqueuer.call(task, item.args, { ...item.options, timeout, signal });
          return [];
        },
      );
      await call({ task: name, items: [{ args, options: rest }], kind: 'call' });
      return result;
    });
  }

  jobs(): object {
    const jobs = new JobsOfClient(this.#session, (name) => this.#task(name));
    return Object.freeze({
      get: jobs.get.bind(jobs),
      list: (filter = {}) => jobs.list(filter),
      cancel: jobs.cancel.bind(jobs),
      redrive: jobs.redrive.bind(jobs),
      reschedule: jobs.reschedule.bind(jobs),
      purge: jobs.purge.bind(jobs),
      pause: jobs.pause.bind(jobs),
      resume: jobs.resume.bind(jobs),
      paused: jobs.paused.bind(jobs),
      events: (filter = {}) => watchEvents(this.#session, filter, this.#closed.signal),
    });
  }

  /** Lets what was called before it be inserted, then ends the client's own connections. */
  close(): Promise<void> {
    this.#closing ??= keepAlive(async () => {
      this.#closed.abort();
      await this.#enqueuer.close();
      await this.#results.close();
      await this.#session.close();
    });
    return this.#closing;
  }

  async #last({ task: name, items, kind }: EnqueueRequest): Promise<readonly JobHandle<unknown>[]> {
    const task = this.#task(name);
    if (kind === 'single') {
      const [item] = items as [(typeof items)[0]];
      return [await this.#enqueuer.enqueue(task, item.args, item.options)];
    }
    const args = items.map((item) => item.args);
    return this.#enqueuer.many(task, args, (_, index) => items[index]?.options ?? {});
  }

  #task(name: string): ClientTask {
    const task = this.#tasks.get(name);
    if (task === undefined) {
      throw new PgschedError('UnknownTask', {
        message: `The contract has no task "${name}". Its tasks: ${[...this.#tasks.keys()].join(', ')}.`,
        details: { task: name },
      });
    }
    return task;
  }
}

function noHandles(task: string, expected: number, got: number): PgschedError {
  return new PgschedError('InvalidOption', {
    message: `A middleware around the enqueue of ${task} resolved to ${got} handles instead of ${expected}: it must resolve to what next() resolves to, or throw.`,
    details: { task },
  });
}
