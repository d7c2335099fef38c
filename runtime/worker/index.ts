/** What generated handler registries are made of, and the types that handlers use. */
export type { Contract, TaskContract } from '../contract/types.js';
export { bindWorker } from './bind-worker.js';
export type * from './types.js';
