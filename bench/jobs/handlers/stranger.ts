import { notImplemented } from 'pgsched';
import type { StrangerHandler } from '../generated/handlers.js';

/** What no worker here takes. */
export const handler: StrangerHandler = notImplemented;

// Until it is written no worker takes its jobs; they wait. Write it like this:
//
// export const handler: StrangerHandler = async ({ n }, job) => {
//   …
// };
