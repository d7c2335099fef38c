import type { NoopHandler } from '../generated/handlers.js';
import { onStart } from '../on-start.js';

export const handler: NoopHandler = async ({ n }) => onStart.call(n);
