import { PgschedError } from '../errors.js';
import { type Converted, type ShapeCodec, shapeCodec } from './shape.js';
import type { ArgsVersion, TaskContract } from './types.js';

/**
 * How a task's args of older versions become those of the next one: a step per version that rows may still hold.
 * Generated code gives it its type.
 */
// biome-ignore lint/suspicious/noExplicitAny: the args' types are known to generated code alone.
export type AnyUpcast = Readonly<Record<number, (args: any) => unknown>>;

/** The upcasters of a contract's tasks, by task. */
export type Upcasters = Readonly<Record<string, AnyUpcast>>;

/** The older args of one task, brought up to date. */
export interface Upcaster {
  /** The versions that it can bring up to date, oldest first. */
  readonly versions: readonly number[];
  /** What a row of that version holds → what callers pass today. Never throws. */
  upcast(version: number, stored: unknown): Converted;
}

/** @throws StaleContract when a step is missing between a version that has one and the present one */
export function upcaster(
  task: string,
  contract: Pick<TaskContract, 'history'>,
  steps: AnyUpcast = {},
): Upcaster {
  const history = contract.history ?? {};
  // Such keys come in ascending order.
  const released = Object.keys(history).map(Number);
  const first = released.findIndex((version) => steps[version] !== undefined);
  if (first < 0) return none;
  const versions = released.slice(first);
  const missing = versions.find((version) => steps[version] === undefined);
  if (missing !== undefined) throw missingStep(task, missing);
  const codecs = new Map(versions.map((version) => [version, codecOf(history[version])]));
  return {
    versions,
    upcast(version, stored) {
      if (!codecs.has(version)) return none.upcast(version, stored);
      const decoded = codecs.get(version)?.decode(stored) ?? { ok: true, value: undefined };
      if (!decoded.ok) return decoded;
      let value = decoded.value;
      for (const step of versions.filter((from) => from >= version)) {
        try {
          value = (steps[step] as (args: unknown) => unknown)(value);
        } catch (error) {
          const message = `the upcaster from version ${step} failed: ${String(error)}`;
          return { ok: false, issues: [{ path: '', message }] };
        }
      }
      return { ok: true, value };
    },
  };
}

const none: Upcaster = {
  versions: [],
  upcast(version) {
    const message = `there is no upcaster from version ${version}`;
    return { ok: false, issues: [{ path: '', message }] };
  },
};

/** Of a version without args there is nothing to decode. */
function codecOf({ args, definitions }: ArgsVersion = { args: null }): ShapeCodec | null {
  return args === null ? null : shapeCodec(args, definitions);
}

function missingStep(task: string, version: number): PgschedError {
  return new PgschedError('StaleContract', {
    message: `The upcaster of ${task} has no step from version ${version}, but one from an older version. Add it, or run \`npx pgsched generate\` if the contract is older than the file.`,
    details: { task, version },
  });
}
