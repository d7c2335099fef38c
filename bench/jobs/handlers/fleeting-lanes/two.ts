import type { FleetingLanesTwoHandler } from '../../generated/handlers.js';
import { onStart } from '../../on-start.js';

export const handler: FleetingLanesTwoHandler = async ({ n }) => onStart.call(n);
