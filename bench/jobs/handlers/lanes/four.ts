import type { LanesFourHandler } from '../../generated/handlers.js';
import { onStart } from '../../on-start.js';

export const handler: LanesFourHandler = async ({ n }) => onStart.call(n);
