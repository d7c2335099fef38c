import { backlog, heldHorizon, scheduled, strangers } from './conditions.js';
import { costs } from './costs.js';
import { drain } from './drain.js';
import { bulk, single } from './enqueue.js';
import { idleLatency, roundTrip, steadyLatency } from './latency.js';
import { retries, validation } from './runs.js';
import type { Scenario } from './scenario.js';
import { steadyState } from './steady.js';

/** Every scenario, by how many jobs the common ones have; the others have a fixed share or multiple of it. */
export function scenarios(jobs: number): readonly Scenario[] {
  const modes = ['deleting', 'history'] as const;
  const drains = modes.flatMap((mode) => [
    drain(jobs, { mode, lanes: 1, processes: 1 }),
    drain(jobs, { mode, lanes: 2, processes: 1 }),
    drain(jobs, { mode, lanes: 4, processes: 1 }),
    drain(jobs, { mode, lanes: 1, processes: 4 }),
  ]);
  return [
    ...drains,
    bulk(jobs, 1_000),
    bulk(jobs, 5_000),
    single(Math.ceil(jobs / 100), 1),
    single(Math.ceil(jobs / 20), 20),
    single(Math.ceil(jobs / 5), 200),
    idleLatency(200),
    steadyLatency(500, 10),
    roundTrip(Math.ceil(jobs / 100)),
    steadyState(jobs >= 100_000 ? 60 : 3),
    backlog(jobs / 5, [jobs / 100, jobs, jobs * 10, jobs * 100]),
    strangers(jobs, jobs * 10),
    heldHorizon(jobs * 5, jobs / 10),
    scheduled(jobs * 100, 2_000),
    retries(jobs),
    validation(jobs / 5, 200),
    validation(jobs / 10, 2_000),
    validation(jobs / 100, 50_000),
    ...modes.map((mode) => costs(jobs / 2, mode)),
  ];
}
