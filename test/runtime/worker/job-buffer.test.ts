import test from 'ava';
import type { ClaimedJob } from '../../../runtime/worker/claimed-job.js';
import { JobBuffer } from '../../../runtime/worker/job-buffer.js';

function bufferOf(...jobs: readonly { id: number; rescues?: number }[]): JobBuffer {
  const buffer = new JobBuffer();
  for (const { id, rescues = 0 } of jobs) buffer.push({ id: `${id}`, rescues } as ClaimedJob);
  return buffer;
}

const any = (): boolean => true;
const ids = (jobs: readonly ClaimedJob[]): number[] => jobs.map(({ id }) => Number(id));

test('jobs come out in the order in which they went in', (t) => {
  const buffer = bufferOf({ id: 1 }, { id: 2 });
  t.is(buffer.take(any)?.id, '1');
  buffer.push({ id: '3', rescues: 0 } as ClaimedJob);
  t.deepEqual(
    [buffer.take(any)?.id, buffer.take(any)?.id, buffer.take(any)],
    ['2', '3', undefined],
  );
  t.is(buffer.length, 0);
});

test('who may not run keeps its place, and holds nobody up', (t) => {
  const buffer = bufferOf({ id: 1, rescues: 1 }, { id: 2 }, { id: 3, rescues: 2 });
  const innocent = (job: ClaimedJob): boolean => job.rescues === 0;
  t.is(buffer.rescued, 2);
  t.is(buffer.take(innocent)?.id, '2');
  t.is(buffer.take(innocent), undefined);
  t.is(buffer.take(any)?.id, '1');
  t.is(buffer.rescued, 1);
});

test('some are removed, the others stay in order', (t) => {
  const buffer = bufferOf({ id: 1 }, { id: 2, rescues: 1 }, { id: 3 }, { id: 4 });
  buffer.take(any);
  t.deepEqual(ids(buffer.remove(({ id }) => id === '2' || id === '4')), [2, 4]);
  t.is(buffer.rescued, 0);
  t.deepEqual(ids(buffer.takeAll()), [3]);
  t.is(buffer.length, 0);
});

test('what was taken is no longer held, however many pass through', (t) => {
  const buffer = new JobBuffer();
  for (let id = 0; id < 10_000; id++) {
    buffer.push({ id: `${id}`, rescues: 0 } as ClaimedJob);
    if (id >= 100) t.is(buffer.take(any)?.id, `${id - 100}`);
  }
  t.is(buffer.length, 100);
  t.deepEqual(ids(buffer.all())[0], 9_900);
});
