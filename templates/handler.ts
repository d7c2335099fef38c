import { notImplemented } from 'pgsched';
import type { __Task__Handler } from './__handlers__.js';

/** __doc__ */
export const handler: __Task__Handler = notImplemented;

// Until it is written no worker takes its jobs; they wait. Write it like this:
//
// export const handler: __Task__Handler = async (__args__, job) => {
//   …
// };
