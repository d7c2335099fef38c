/**
 * Measures how fast args are checked and turned into JSON values and back, by pgsched and by the schema libraries, in turns:
 *     npm run bench:validators -- [--rounds 25] [--slice 20]
 * A slice is so many milliseconds of one contender; a round goes through all of them.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { shapeCodec } from '../runtime/contract/shape.js';
import { median } from './measure.js';
import { orderOf, orderShape } from './validators/order.js';
import { valibot, zod } from './validators/schemas.js';
import { writtenOut } from './validators/written-out.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '25' },
    slice: { type: 'string', default: '20' },
  },
});

type Convert = (value: unknown) => unknown;

const general = shapeCodec(orderShape, {}, Number.POSITIVE_INFINITY);
const usual = shapeCodec(orderShape, {}, 0);
const whole = writtenOut(orderShape);
const contenders: Record<string, { encode: Convert; decode: Convert }> = {
  pgsched: usual,
  'without code of its own': general,
  'written out whole': whole,
  valibot: {
    encode: (value) => v.safeParse(valibot.encode, value),
    decode: (value) => v.safeParse(valibot.decode, value),
  },
  zod: {
    encode: (value) => zod.encode.safeParse(value),
    decode: (value) => zod.decode.safeParse(value),
  },
};

console.log(`Node ${process.versions.node}, ${cpus()[0]?.model} × ${cpus().length}`);
for (const lines of [0, 24, 800]) {
  const order = orderOf(lines);
  const json = JSON.stringify(order);
  const stored = JSON.parse(json);
  check(order, stored);
  report(`encode, ${json.length} bytes`, {
    ...each(({ encode }) => encode(order)),
    'JSON.stringify of the encoded': () => JSON.stringify(stored),
  });
  report(`decode, ${json.length} bytes`, {
    ...each(({ decode }) => decode(stored)),
    'JSON.parse': () => JSON.parse(json),
  });
}

function each(run: (contender: { encode: Convert; decode: Convert }) => unknown) {
  return Object.fromEntries(
    Object.entries(contenders).map(([name, contender]) => [name, () => run(contender)]),
  );
}

/** Whoever refuses has not done the work. */
function check(order: unknown, stored: unknown): void {
  for (const [name, { encode, decode }] of Object.entries(contenders)) {
    for (const outcome of [encode(order), decode(stored)]) {
      const { ok, success } = outcome as { ok?: boolean; success?: boolean };
      if (!ok && !success) throw new Error(`${name} refuses the order.`);
    }
  }
}

function report(title: string, measured: Readonly<Record<string, () => unknown>>): void {
  const turns = Object.entries(measured).map(([name, run]) => ({ name, run, runs: warmUp(run) }));
  const rounds = Array.from({ length: Number(options.rounds) }, () =>
    turns.map(({ run, runs }) => timeOf(run, runs)),
  );
  console.log(`\n${title}`);
  for (const [place, { name }] of turns.entries()) {
    const times = rounds.map((round) => round[place] as number);
    // Within a round, because the machine is not the same in all of them.
    const ratios = rounds.map((round) => (round[place] as number) / (round[0] as number));
    const half = [0.25, 0.75].map((part) => quartile(ratios, part).toFixed(2)).join(' to ');
    console.log(
      `  ${name.padEnd(30)} ${median(times).toFixed(2).padStart(8)} µs  ${median(ratios).toFixed(2)} × pgsched  (half of the rounds ${half})`,
    );
  }
}

/** How many runs make a slice, when it is warm. */
function warmUp(run: () => unknown): number {
  timeOf(run, 1_000);
  return Math.ceil((Number(options.slice) * 1_000) / timeOf(run, 1_000));
}

/** Microseconds of one run: of the processor, because somebody else may have it meanwhile. */
function timeOf(run: () => unknown, runs: number): number {
  const start = process.cpuUsage();
  for (let i = 0; i < runs; i++) run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / runs;
}

function quartile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN;
}
