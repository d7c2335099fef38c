/**
 * What generated standalone clients are made of. Loads neither pg nor a `node:` module, nor a schema library, so it runs
 * wherever something sends SQL.
 */

export type { JobHandle, Progress, RemoteError, ResultOptions } from '../client/types.js';
export type { Json } from '../json.js';
export { bindStandalone } from './bind-standalone.js';
export type * from './types.js';
