import type { Handler } from 'pgsched/worker';

/** Stands in for generated code, so that the handler's template compiles. */
export type __Task__Handler = Handler<unknown, unknown>;

/** The same for the upcaster's. */
export type __Task__Upcast = Readonly<Record<number, (args: unknown) => unknown>>;
