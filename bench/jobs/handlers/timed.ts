import type { TimedHandler } from '../generated/handlers.js';
import { onStart } from '../on-start.js';

export const handler: TimedHandler = async ({ due }) => onStart.call(Date.now() - due);
