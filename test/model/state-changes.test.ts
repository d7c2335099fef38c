import test from 'ava';
import fc from 'fast-check';
import { testDatabase } from '../support/database.js';
import { drain } from './drain.js';
import { makeMachine, reset } from './machine.js';
import { live } from './model.js';
import { type AnyOperation, byNames } from './operation.js';
import { controlOperations } from './operations-control.js';
import { enqueueOperations } from './operations-enqueue.js';
import { runOperations } from './operations-run.js';
import { check } from './snapshot.js';

/** More of them, or a certain one: PGSCHED_MODEL_RUNS=20000 PGSCHED_MODEL_SEED=42 npx ava test/model/state-changes.test.ts */
const runs = Number(process.env['PGSCHED_MODEL_RUNS'] ?? 200);
const seed = Number(process.env['PGSCHED_MODEL_SEED'] ?? Date.now() % 2 ** 31);

const database = await testDatabase();
const machine = await makeMachine(database);
const operations = [...enqueueOperations, ...runOperations, ...controlOperations];
const operate = byNames(operations);

const step = fc.oneof(
  ...operations.map(({ name, weight, params }: AnyOperation) => ({
    weight,
    arbitrary: (params as fc.Arbitrary<object>).map((drawn) => ({ do: name, ...drawn })),
  })),
);

test(`whatever happens to jobs, the database is as the model says (seed ${seed})`, async (t) => {
  const patience = Math.max(90_000, runs * 1_000);
  // Later than that, so that a failure whose search for a shorter one takes long is told all the same.
  t.timeout(patience + 60_000);
  let done = 0;
  await fc.assert(
    fc
      .asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
        async (steps) => {
          for (const { do: name, ...params } of steps) {
            await operate(machine, name, params);
            await check(machine.client, machine.model);
          }
          await drain(machine);
          done += 1;
          return live(machine.model).length === 0;
        },
      )
      .beforeEach(() => reset(machine)),
    { numRuns: runs, seed, includeErrorInReport: true, interruptAfterTimeLimit: patience },
  );
  t.log(`${done} sequences`);
  t.pass();
});
