import type { OrderHandler } from '../generated/handlers.js';
import { onStart } from '../on-start.js';

export const handler: OrderHandler = async ({ id }) => onStart.call(id);
