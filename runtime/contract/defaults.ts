import type { BackoffPolicy, Retention } from './types.js';

const day = 86_400_000;

/** What a task gets that declares nothing. The generator writes these into the contract; `docs` quote them. */
export const taskDefaults: {
  readonly priority: number;
  readonly maxAttempts: number;
  readonly maxRescues: number;
  readonly timeout: number;
  readonly backoff: BackoffPolicy;
  readonly startWithin: number | null;
  readonly retention: Retention;
} = {
  priority: 0,
  maxAttempts: 3,
  maxRescues: 3,
  timeout: 60_000,
  backoff: { kind: 'exponential', base: 1_000, factor: 2, max: 300_000, jitter: 0.1 },
  startWithin: null,
  retention: {
    completed: day,
    failed: 7 * day,
    cancelled: 3 * day,
    expired: 7 * day,
  },
};

/** Named priorities. */
export const priorityLevels: Readonly<Record<string, number>> = {
  low: -10,
  normal: 0,
  high: 10,
  critical: 20,
};

/** The schema's name unless the user chooses another, and the name that our own SQL is written with. */
export const defaultSchema = 'pgsched';
