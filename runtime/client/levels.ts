import type { AnyTask, Task } from '../task.js';
import type { CallTask, EnqueueTask } from './types.js';

/**
 * One level of `enqueue`: a property for each task and group of the manifest's level `M`. It maps over the manifest itself,
 * so that an editor's go-to-definition and rename reach it there. Types come from the generated table `T` of tasks and
 * `G` of groups; what is declared but not generated yet is inferred. `P` is the level's path with a trailing dot.
 */
export type EnqueueLevel<M, T, G, P extends string = ''> = {
  readonly [K in keyof M]: `${P}${K & string}` extends infer N
    ? N extends keyof T
      ? EnqueueTask<ArgsIn<T[N]>, ResultIn<T[N]>>
      : N extends keyof G
        ? G[N]
        : M[K] extends AnyTask
          ? EnqueueTask<ArgsOf<M[K]>, ResultOf<M[K]>>
          : EnqueueLevel<M[K], T, G, `${P}${K & string}.`>
    : never;
};

/** One level of `call`, as `EnqueueLevel` is of `enqueue`. */
export type CallLevel<M, T, G, P extends string = ''> = {
  readonly [K in keyof M]: `${P}${K & string}` extends infer N
    ? N extends keyof T
      ? CallTask<ArgsIn<T[N]>, ResultIn<T[N]>>
      : N extends keyof G
        ? G[N]
        : M[K] extends AnyTask
          ? CallTask<ArgsOf<M[K]>, ResultOf<M[K]>>
          : CallLevel<M[K], T, G, `${P}${K & string}.`>
    : never;
};

/** What callers of a declared task pass. */
export type ArgsOf<T> = T extends Task<infer A, infer _R, infer _AOut, infer _ROut> ? A : never;
/** What its handler gets. */
export type ParsedArgsOf<T> =
  T extends Task<infer _A, infer _R, infer AOut, infer _ROut> ? AOut : never;
/** What its handler returns. */
export type ReturnedOf<T> = T extends Task<infer _A, infer R, infer _AOut, infer _ROut> ? R : never;
/** What its callers get. */
export type ResultOf<T> =
  T extends Task<infer _A, infer _R, infer _AOut, infer ROut> ? ROut : never;

type ArgsIn<T> = T extends { args: infer A } ? A : never;
type ResultIn<T> = T extends { result: infer R } ? R : never;
