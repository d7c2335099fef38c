import type { Handler } from 'pgsched/worker';

/** Stands in for generated code, so that the handler's template compiles. */
export type __Task__Handler = Handler<unknown, unknown>;
