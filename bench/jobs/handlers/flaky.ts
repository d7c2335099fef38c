import type { FlakyHandler } from '../generated/handlers.js';
import { onStart } from '../on-start.js';

export const handler: FlakyHandler = async ({ n }, job) => {
  if (n % 10 === 0 && job.attempt === 1) throw new Error('the first run of each tenth job');
  onStart.call(n);
};
