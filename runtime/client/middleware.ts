import type { EnqueueOptions, JobHandle } from './types.js';

/** What is about to be enqueued: one job, or the list of a `.many`. */
export interface EnqueueRequest {
  readonly task: string;
  /** Each job's args and all of its options; `tx` and `onConflict` are the same in each. */
  readonly items: readonly { readonly args: unknown; readonly options: EnqueueOptions }[];
  /** `call`: the caller waits for the result. */
  readonly kind: 'single' | 'many' | 'call';
}

/**
 * Runs around each enqueue, in the order of the list, the first outermost. May change the items that it passes on to
 * `next`, such as their `headers`, and throw; must resolve to what `next` resolves to: the handles, in order. For a `call`
 * these are none, and `next` resolves when the caller has its result.
 */
export type EnqueueMiddleware = (
  request: EnqueueRequest,
  next: (request: EnqueueRequest) => Promise<readonly JobHandle<unknown>[]>,
) => Promise<readonly JobHandle<unknown>[]>;
