import { isTopicPattern } from '../contract/topic.js';
import type { Contract } from '../contract/types.js';
import { milliseconds } from '../duration.js';
import { PgschedError } from '../errors.js';
import type { WorkerEvent, WorkerOptions } from './types.js';

/** A worker's options, checked and with the defaults filled in. Durations are milliseconds. */
export interface Settings {
  readonly schema: string;
  readonly pool: WorkerOptions['pool'];
  /** Patterns; null: all topics. */
  readonly topics: readonly string[] | null;
  readonly concurrency: number;
  readonly pollMin: number;
  readonly pollMax: number;
  readonly beat: number;
  readonly lease: number;
  readonly maxBlock: number;
  readonly horizonLimit: number;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** @throws InvalidOption */
export function readOptions(options: WorkerOptions, contract: Contract): Settings {
  const { concurrency = 25 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 10_000) {
    throw invalid(
      `concurrency must be a whole number from 1 to 10000; got ${String(concurrency)}.`,
    );
  }
  const beat = milliseconds(options.beat ?? '1s', 'beat');
  const lease = milliseconds(options.lease ?? '15s', 'lease');
  if (beat < 50 || lease < beat * 3) {
    throw invalid(
      `beat must be at least 50 ms and lease at least three beats, so that one lost answer is not taken for death; got beat ${beat} ms, lease ${lease} ms.`,
    );
  }
  const bad = options.topics?.find((pattern) => !isTopicPattern(pattern));
  if (bad !== undefined) {
    throw invalid(
      `topics are names with dots between them; a name may be * (one) or ** (any number); got ${JSON.stringify(bad)}.`,
    );
  }
  const horizonLimit = milliseconds(options.horizonLimit ?? '5m', 'horizonLimit');
  if (horizonLimit < 100) {
    throw invalid(`horizonLimit must be at least 100 ms; got ${horizonLimit} ms.`);
  }
  return {
    schema: options.schema ?? contract.schema,
    pool: options.pool,
    topics: options.topics ?? null,
    concurrency,
    pollMin: milliseconds(options.poll?.min ?? '50ms', 'poll.min'),
    pollMax: milliseconds(options.poll?.max ?? '1s', 'poll.max'),
    beat,
    lease,
    maxBlock: milliseconds(options.maxBlock ?? '60s', 'maxBlock'),
    horizonLimit,
    onEvent: options.onEvent ?? reportToStderr,
  };
}

function reportToStderr(event: WorkerEvent): void {
  if (event.type === 'warning' || event.type === 'horizonHeld') {
    process.stderr.write(`pgsched: ${event.message}\n`);
  }
  if (event.type === 'error') process.stderr.write(`pgsched: ${event.message} ${event.error}\n`);
}

function invalid(message: string): PgschedError {
  return new PgschedError('InvalidOption', { message });
}
