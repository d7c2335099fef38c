import type { LanesThreeHandler } from '../../generated/handlers.js';
import { onStart } from '../../on-start.js';

export const handler: LanesThreeHandler = async ({ n }) => onStart.call(n);
