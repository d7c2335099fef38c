import type { OpenSystem } from './system.js';

/** Loads a system by name: the peers come with this folder's own packages, and want Node 22 or later. */
export const systems: Readonly<Record<string, () => Promise<OpenSystem>>> = {
  floor: async () => (await import('./floor.js')).openFloor,
  pgsched: async () => (await import('./pgsched.js')).openPgsched,
  'graphile-worker': async () => (await import('./graphile-worker.js')).openGraphileWorker,
  'pg-boss': async () => (await import('./pg-boss.js')).openPgBoss,
};
