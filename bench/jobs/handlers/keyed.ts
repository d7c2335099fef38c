import type { KeyedHandler } from '../generated/handlers.js';
import { onStart } from '../on-start.js';

export const handler: KeyedHandler = async () => onStart.call(0);
