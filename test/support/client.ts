import type { ExecutionContext } from 'ava';
import { bindClient } from '../../runtime/client/bind-client.js';
import type { CallTask, ClientOptions, EnqueueTask, Jobs } from '../../runtime/client/types.js';
import type { Contract } from '../../runtime/contract/types.js';
import { bindWorker } from '../../runtime/worker/bind-worker.js';
import type { AnyHandler, Worker, WorkerOptions } from '../../runtime/worker/types.js';
import { contractOf, json, number, object, quickly, string } from './contract.js';

/** The tasks of the client's tests: nothing in, a number doubled, mail in a group, any JSON, a key made of a field. */
export const contract: Contract = contractOf({
  tick: {},
  double: { args: object({ n: number }), result: number, maxAttempts: 2, backoff: quickly },
  'mail.send': { args: object({ to: string }), priority: 10 },
  echo: { args: json, result: json },
  receipt: { args: object({ orderId: number }), key: 'receipt:{orderId}' },
  quiet: { args: object({ id: string }), key: '{id}', onConflict: 'ignore' },
});

interface Tasks {
  tick: { args: void; result: void };
  double: { args: { n: number }; result: number };
  'mail.send': { args: { to: string }; result: void };
  echo: { args: unknown; result: unknown };
  receipt: { args: { orderId: number }; result: void };
  quiet: { args: { id: string }; result: void };
}

type Enqueue<N extends keyof Tasks> = EnqueueTask<Tasks[N]['args'], Tasks[N]['result']>;
type Call<N extends keyof Tasks> = CallTask<Tasks[N]['args'], Tasks[N]['result']>;

/** What the generator would declare for these tasks. */
export interface TestClient extends AsyncDisposable {
  readonly enqueue: {
    readonly tick: Enqueue<'tick'>;
    readonly double: Enqueue<'double'>;
    readonly mail: { readonly send: Enqueue<'mail.send'> };
    readonly echo: Enqueue<'echo'>;
    readonly receipt: Enqueue<'receipt'>;
    readonly quiet: Enqueue<'quiet'>;
  };
  readonly call: {
    readonly tick: Call<'tick'>;
    readonly double: Call<'double'>;
    readonly echo: Call<'echo'>;
    readonly receipt: Call<'receipt'>;
  };
  readonly jobs: Jobs<Tasks>;
  close(): Promise<void>;
}

export function makeClient(options: ClientOptions): TestClient {
  return bindClient<TestClient>(contract, null, options);
}

/** A client for one test, closed after it. */
export function clientFor(t: ExecutionContext, options: ClientOptions): TestClient {
  const client = makeClient(options);
  t.teardown(() => client.close());
  return client;
}

/** A running worker for one test, stopped after it. It takes the tasks that have a handler. */
export async function workerFor(
  t: ExecutionContext,
  handlers: Readonly<Record<string, AnyHandler>>,
  options: WorkerOptions,
): Promise<Worker> {
  const worker = bindWorker(contract, null, handlers, { onEvent: () => {}, ...options });
  t.teardown(() => worker.stop({ drain: 0 }));
  await worker.start();
  return worker;
}
