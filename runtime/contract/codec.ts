import { type Issue, PgschedError } from '../errors.js';
import type { StandardSchema } from '../standard-schema.js';
import type { AnyTask } from '../task.js';
import { parseWith } from './schema.js';
import type { Definitions } from './shape/members.js';
import { type Converted, type ShapeCodec, shapeCodec } from './shape.js';
import { shapeFaults } from './shape-faults.js';
import type { ClientTaskContract, Shape } from './types.js';
import { type AnyUpcast, upcaster } from './upcast.js';

/** `value` is the JSON value as it is stored, `json` its text. */
export type Encoded =
  | { readonly ok: true; readonly value: unknown; readonly json: string }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** The payloads of one task, between the program and the row. Only `decodeResult` throws. */
export interface TaskCodec {
  /** What the caller passed → what is stored: the schema's input, checked by the shape and then by the schema; declared fields only. */
  encodeArgs(args: unknown): Encoded;
  /**
   * What is stored, by a caller of that version → what the handler gets: upcast, then parsed by the schema, once.
   * `version` is the contract's unless given.
   */
  decodeArgs(stored: unknown, version?: number): Decoded;
  /** The payload versions whose args it can decode. */
  readonly versions: readonly number[];
  /** What the handler returned → what is stored: the schema's output. */
  encodeResult(returned: unknown): Encoded;
  /** What is stored → what the caller gets. @throws InvalidResult when the row holds something else */
  decodeResult(stored: unknown): unknown;
}

/**
 * The codec of a task: made once, used for every job.
 *
 * @throws StaleContract when the contract and the manifest disagree about the task's schemas, or the contract and its upcaster about versions
 * @throws NotJson when the contract has a shape whose values JSON cannot tell apart
 */
export function taskCodec(
  task: string,
  contract: ClientTaskContract,
  declared: AnyTask | undefined,
  upcast?: AnyUpcast,
): TaskCodec {
  const older = upcaster(task, contract, upcast);
  const definitions = contract.definitions ?? {};
  const args = codecOf(task, 'args', contract.args, definitions);
  const result = codecOf(task, 'result', contract.result, definitions);
  const parseArgs = parser(task, 'args', contract, declared);
  const parseResult = parser(task, 'result', contract, declared);

  const decodeLatest = (row: unknown): Decoded => {
    const decoded = args.decode(row);
    return decoded.ok && parseArgs ? parseArgs(decoded.value) : decoded;
  };

  return {
    versions: [...older.versions, contract.version],
    encodeArgs(given) {
      const encoded = args.encode(given);
      if (!encoded.ok || !parseArgs) return stored(encoded);
      const parsed = parseArgs(given);
      return parsed.ok ? stored(encoded) : parsed;
    },
    decodeArgs(row, version = contract.version) {
      if (version === contract.version) return decodeLatest(row);
      const upcasted = older.upcast(version, row);
      // What an upcaster makes is checked and parsed as what a caller passes.
      const encoded = upcasted.ok ? args.encode(upcasted.value) : upcasted;
      return encoded.ok ? decodeLatest(encoded.value) : encoded;
    },
    encodeResult(returned) {
      const parsed = parseResult?.(returned) ?? { ok: true, value: returned };
      return parsed.ok ? stored(result.encode(parsed.value)) : parsed;
    },
    decodeResult(row) {
      const decoded = result.decode(row);
      if (decoded.ok) return decoded.value;
      throw new PgschedError('InvalidResult', {
        message: `The stored result of ${task} does not fit its type: ${sentence(decoded.issues)}. It was written by another version of the task; generate and deploy callers and workers together.`,
        details: { task, issues: decoded.issues },
      });
    },
  };
}

function stored(encoded: Converted): Encoded {
  return encoded.ok ? { ...encoded, json: JSON.stringify(encoded.value) } : encoded;
}

function codecOf(
  task: string,
  end: 'args' | 'result',
  shape: Shape | null,
  definitions: Definitions,
): ShapeCodec {
  if (shape === null) return end === 'args' ? noArgs : noResult;
  const faults = shapeFaults(shape, definitions);
  if (faults.length === 0) return shapeCodec(shape, definitions);
  throw new PgschedError('NotJson', {
    message: `The ${end} of ${task} cannot travel as JSON: ${sentence(faults)}. Change the type in the manifest and run \`npx pgsched generate\`.`,
    details: { task, issues: faults },
  });
}

/** A task without args takes nothing, or an object whose fields are all undeclared. */
const noArgs: ShapeCodec = (() => {
  const nothing = shapeCodec({
    kind: 'union',
    members: [{ kind: 'undefined' }, { kind: 'null' }, { kind: 'object', properties: [] }],
  });
  return {
    encode: (given) => replaced(nothing.encode(given), null),
    decode: (row) => replaced(nothing.decode(row), undefined),
  };
})();

/** What a handler without a result returns is nobody's. */
const noResult: ShapeCodec = {
  encode: () => ({ ok: true, value: null }),
  decode: () => ({ ok: true, value: undefined }),
};

function replaced(converted: Converted, value: unknown): Converted {
  return converted.ok ? { ok: true, value } : converted;
}

type Parse = (value: unknown) => Converted;

/** The task's own schema for one end, if the contract says that it has one. */
function parser(
  task: string,
  end: 'args' | 'result',
  contract: ClientTaskContract,
  declared: AnyTask | undefined,
): Parse | null {
  const options = declared?.options as { [end]?: StandardSchema<unknown> } | undefined;
  const schema = options?.[end];
  if (contract.schemas[end] ? !schema : declared && schema) {
    throw new PgschedError('StaleContract', {
      message: `The generated contract says that ${task} has ${contract.schemas[end] ? 'a' : 'no'} schema for its ${end}; the manifest says otherwise. Run \`npx pgsched generate\`.`,
      details: { task },
    });
  }
  // Without a shape there is no value to parse.
  if (!schema || contract[end] === null) return null;
  const whose = `${end} schema of ${task}`;
  return (value) => parseWith(schema, value, whose);
}

function sentence(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
}
