import type { FleetingLanesThreeHandler } from '../../generated/handlers.js';
import { onStart } from '../../on-start.js';

export const handler: FleetingLanesThreeHandler = async ({ n }) => onStart.call(n);
