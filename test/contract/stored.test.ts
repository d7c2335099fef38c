import { inspect, isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { bindClient } from '../../runtime/client/bind-client.js';
import type { EnqueueTask } from '../../runtime/client/types.js';
import type { Shape } from '../../runtime/contract/types.js';
import { bindTesting } from '../../runtime/testing/bind-testing.js';
import { contractOf, object } from '../support/contract.js';
import { testDatabase } from '../support/database.js';
import { anyOf, comparable, definitions, shape } from './shapes.js';

const database = await testDatabase();

interface Client {
  readonly enqueue: Readonly<Record<string, EnqueueTask<unknown, unknown>>>;
  close(): Promise<void>;
}

interface Testing {
  enqueued(task: string): Promise<{ id: string; args: unknown }[]>;
  close(): Promise<void>;
}

/** The args of tasks with these shapes: enqueued by the client, and read from their rows again. */
async function throughRows(
  t: ExecutionContext,
  tasks: Readonly<Record<string, { args: Shape; values: readonly unknown[] }>>,
): Promise<Record<string, unknown[]>> {
  const contract = contractOf(
    Object.fromEntries(
      Object.entries(tasks).map(([name, { args }]) => [name, { args, definitions }]),
    ),
  );
  const options = { connectionString: database.url };
  const client = bindClient<Client>(contract, null, options);
  const handlers = Object.fromEntries(Object.keys(tasks).map((name) => [name, () => {}]));
  const testing = bindTesting<Testing>(contract, null, handlers, options);
  t.teardown(() => Promise.all([client.close(), testing.close()]));

  const read: Record<string, unknown[]> = {};
  for (const [name, { values }] of Object.entries(tasks)) {
    const handles = await (client.enqueue[name] as EnqueueTask<unknown, unknown>).many(values);
    const rows = new Map((await testing.enqueued(name)).map(({ id, args }) => [id, args]));
    read[name] = handles.map(({ id }) => rows.get(id));
  }
  return read;
}

test('a value of any shape comes back from its row as it was', async (t) => {
  const shapeAndValues = shape.chain((of) =>
    fc.record({
      args: fc.constant(of),
      values: fc.array(anyOf(of), { minLength: 1, maxLength: 8 }),
    }),
  );
  const seed = Date.now();
  const samples = fc.sample(shapeAndValues, { numRuns: 60, seed });
  const tasks = Object.fromEntries(samples.map((sample, place) => [`any${place}`, sample]));

  const read = await throughRows(t, tasks);
  for (const [name, { args, values }] of Object.entries(tasks)) {
    for (const [place, value] of values.entries()) {
      const back = read[name]?.[place];
      t.true(
        isDeepStrictEqual(comparable(back), comparable(value)),
        `seed ${seed}: ${JSON.stringify(args)} gave ${inspect(comparable(back))}`,
      );
    }
  }
});

test('the ends of what each kind of value can be come back from their rows', async (t) => {
  const instants = [8.64e15, -8.64e15, 0, -1, Date.UTC(9999, 11, 31, 23, 59, 59, 999)];
  const years = ['0000-02-29T00:00:00Z', '-000001-01-01T00:00:00Z', '+010000-01-01T00:00:00Z'];
  const bytes = Uint8Array.from({ length: 700_000 }, (_, place) => (place * 7919) % 256);
  const ends: Record<string, { args: Shape; values: readonly unknown[] }> = {
    dates: { args: { kind: 'date' }, values: [...instants, ...years].map((at) => new Date(at)) },
    bigints: {
      args: { kind: 'bigint' },
      values: [0n, 10n ** 999n, -(10n ** 1_000n) + 1n, 2n ** 63n, -(2n ** 64n)],
    },
    bytes: { args: { kind: 'bytes' }, values: [new Uint8Array(0), bytes, Uint8Array.of(0, 255)] },
    numbers: {
      args: { kind: 'number' },
      values: [0, 5e-324, -5e-324, 1.7976931348623157e308, 2 ** 53 + 2, 0.1 + 0.2, 1e21, 1e-7],
    },
    texts: {
      args: { kind: 'string' },
      values: [
        '',
        '\u0001\u001f\u007f\u0085\u2028',
        '💥e\u0301',
        '\uffff\ufffe',
        '\\u0000 "\\',
        'é'.repeat(9_999),
      ],
    },
    collections: {
      args: object({
        map: {
          kind: 'map',
          key: { kind: 'date' },
          value: { kind: 'set', item: { kind: 'bigint' } },
        },
        record: { kind: 'record', value: { kind: 'url' } },
      }),
      values: [
        {
          map: new Map([[new Date(0), new Set([1n, 10n ** 30n])]]),
          record: Object.fromEntries([['__proto__', new URL('http://x.test/?q=%00#é')]]),
        },
        { map: new Map(), record: {} },
      ],
    },
  };
  const read = await throughRows(t, ends);
  for (const [kind, { values }] of Object.entries(ends)) {
    t.deepEqual(comparable(read[kind]), comparable(values), kind);
  }
});

test('an optional field that is undefined is absent from the row, and one that may be undefined is there again', async (t) => {
  const number: Shape = { kind: 'number' };
  const args: Shape = {
    kind: 'object',
    properties: [
      { name: 'optional', optional: true, shape: number },
      {
        name: 'maybe',
        optional: false,
        shape: { kind: 'union', members: [number, { kind: 'undefined' }] },
      },
    ],
  };
  const values = [{}, { optional: undefined, maybe: undefined }, { optional: -0, maybe: 1 }];
  const read = await throughRows(t, { optional: { args, values } });
  t.deepEqual(read['optional'], [
    { maybe: undefined },
    { maybe: undefined },
    { optional: 0, maybe: 1 },
  ]);
});
