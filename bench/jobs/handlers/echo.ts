import type { EchoHandler } from '../generated/handlers.js';

export const handler: EchoHandler = async ({ n }) => ({ n });
