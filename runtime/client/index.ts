/** What generated clients are made of. Applications import their generated client, not this. */
export type { Contract, TaskContract } from '../contract/types.js';
export { bindClient } from './bind-client.js';
export type * from './levels.js';
export type { EnqueueMiddleware, EnqueueRequest } from './middleware.js';
export type { AnyTx, QueryPool, Tx } from './transaction.js';
export type * from './types.js';
