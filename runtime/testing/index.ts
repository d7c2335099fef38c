/** What generated test helpers are made of. Tests import their project's generated `testing.ts`, not this. */
export { bindTesting } from './bind-testing.js';
export type * from './types.js';
