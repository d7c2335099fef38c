import type { LanesTwoHandler } from '../../generated/handlers.js';
import { onStart } from '../../on-start.js';

export const handler: LanesTwoHandler = async ({ n }) => onStart.call(n);
