import type { TaskContract } from '../../runtime/contract/types.js';
import { contractOf, json } from '../support/contract.js';

const second = 1_000;
const hour = 3_600 * second;

/** No jitter, and times so long that no sequence lasts for one of them: what is due is never in doubt. */
const backoff = { kind: 'list', delays: [0, hour], jitter: 0 } as const;

const part: Partial<TaskContract> = { args: json, result: json, backoff, timeout: hour };

/** The tasks of the model test: one for each option that changes what may happen to a job. */
export const tasks: Readonly<Record<string, TaskContract>> = contractOf({
  plain: { ...part, maxRescues: 2 },
  timed: { ...part, startWithin: hour / 2, maxAttempts: 2 },
  kept: { ...part, keyScope: 'history' },
  routed: { ...part, topic: 'mail.in', maxRescues: 1 },
}).tasks;

export const taskNames: readonly string[] = Object.keys(tasks);

export const topics: readonly string[] = ['mail.out', 'mail.out.eu', 'other'];

/** What workers ask for and what is paused. */
export const patterns: readonly string[] = ['mail.*', 'mail.**', '**', 'other', 'timed'];

export function contractOfTask(task: string): TaskContract {
  return tasks[task] as TaskContract;
}
