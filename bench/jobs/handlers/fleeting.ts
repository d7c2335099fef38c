import type { FleetingHandler } from '../generated/handlers.js';
import { onStart } from '../on-start.js';

export const handler: FleetingHandler = async ({ n }) => onStart.call(n);
