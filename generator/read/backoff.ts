import { taskDefaults } from '../../runtime/contract/defaults.js';
import type { BackoffPolicy } from '../../runtime/contract/types.js';
import { closest } from '../closest.js';
import type { Static } from './evaluate.js';
import { duration, InvalidValue, numberFrom, scalarOf, show } from './value.js';

/** What each kind takes beside `kind`. */
const fieldsOfKind: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['exponential', ['base', 'factor', 'max', 'jitter']],
  ['linear', ['base', 'max', 'jitter']],
  ['fixed', ['delay', 'jitter']],
  ['list', ['delays', 'jitter']],
]);

/** Compiles a backoff to milliseconds. `fixed` is a list of one delay. */
export function readBackoff(found: Static): BackoffPolicy {
  if (found.kind !== 'object') {
    throw new InvalidValue(
      found.node,
      `backoff must be an object with a kind; got ${show(found)}.`,
    );
  }
  const field = (name: string) => present(found.fields.get(name));
  const kind = scalarOf(field('kind') ?? found);
  const known = fieldsOfKind.get(kind);
  if (known === undefined) {
    throw new InvalidValue(
      (field('kind') ?? found).node,
      `backoff.kind must be ${[...fieldsOfKind.keys()].join(', ')}; got ${String(kind)}.`,
    );
  }
  checkNames(found, known, String(kind));
  const required = (name: string) => {
    const value = field(name);
    if (value) return value;
    throw new InvalidValue(found.node, `backoff of kind ${kind} needs \`${name}\`.`);
  };
  const jitter = (otherwise: number) => {
    const value = field('jitter');
    return value ? numberFrom(value, 'backoff.jitter', 0, 1) : otherwise;
  };

  if (kind === 'fixed') {
    const delay = duration(required('delay'), 'backoff.delay');
    return { kind: 'list', delays: [delay], jitter: jitter(0) };
  }
  if (kind === 'list') {
    return { kind: 'list', delays: readDelays(required('delays')), jitter: jitter(0) };
  }
  const base = duration(required('base'), 'backoff.base');
  const max = readMax(field('max'), base);
  if (kind === 'linear') return { kind, base, max, jitter: jitter(defaults.jitter) };
  const factor = field('factor');
  return {
    kind: 'exponential',
    base,
    factor: factor ? numberFrom(factor, 'backoff.factor', 1) : defaults.factor,
    max,
    jitter: jitter(defaults.jitter),
  };
}

const defaults = { factor: 2, max: 300_000, ...taskDefaults.backoff };

function present(value: Static | undefined): Static | undefined {
  return value?.kind === 'value' && value.value === undefined ? undefined : value;
}

function readMax(max: Static | undefined, base: number): number {
  if (max === undefined) return Math.max(base, defaults.max);
  const value = duration(max, 'backoff.max');
  if (value >= base) return value;
  throw new InvalidValue(
    max.node,
    `backoff.max (${value} ms) is shorter than backoff.base (${base} ms).`,
  );
}

function readDelays(delays: Static): number[] {
  if (delays.kind === 'array' && delays.items.length > 0) {
    return delays.items.map((delay, index) => duration(delay, `backoff.delays[${index}]`));
  }
  throw new InvalidValue(delays.node, 'backoff.delays must be a list of at least one duration.');
}

function checkNames(
  found: Static & { kind: 'object' },
  known: readonly string[],
  kind: string,
): void {
  for (const [name, value] of found.fields) {
    if (name === 'kind' || known.includes(name)) continue;
    const near = closest(name, known);
    const hint = near === null ? `It has ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
    throw new InvalidValue(
      value.node,
      `\`${name}\` is no part of a backoff of kind ${kind}. ${hint}`,
    );
  }
}
