import type { FleetingLanesFourHandler } from '../../generated/handlers.js';
import { onStart } from '../../on-start.js';

export const handler: FleetingLanesFourHandler = async ({ n }) => onStart.call(n);
