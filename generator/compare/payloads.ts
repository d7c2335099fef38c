import type { ArgsVersion, Shape, TaskContract } from '../../runtime/contract/types.js';
import { misfitsOf } from './fit/fit.js';
import type { Payload } from './fit/misfit.js';

const absent: Shape = { kind: 'undefined' };
const empty: Shape = { kind: 'null' };
/** What a task without args takes. */
const nothing: Shape = {
  kind: 'union',
  members: [absent, empty, { kind: 'object', properties: [] }],
};

/** Args as rows hold them. */
export function storedArgs({ args, definitions = {} }: ArgsVersion): Payload {
  return { shape: args ?? empty, definitions };
}

/** Args as callers pass them. */
export function passedArgs({ args, definitions = {} }: ArgsVersion): Payload {
  return { shape: args ?? absent, definitions };
}

/** Args as they are taken, from a row or from a caller. */
export function takenArgs({ args, definitions = {} }: ArgsVersion): Payload {
  return { shape: args ?? nothing, definitions };
}

export function resultOf({ result, definitions = {} }: TaskContract): Payload {
  return { shape: result ?? absent, definitions };
}

/** Whether two tasks, or two versions of one, have the same args. */
export function sameArgs(a: ArgsVersion, b: ArgsVersion): boolean {
  return samePayload(passedArgs(a), passedArgs(b));
}

export function sameResult(a: TaskContract, b: TaskContract): boolean {
  return samePayload(resultOf(a), resultOf(b));
}

function samePayload(a: Payload, b: Payload): boolean {
  return misfitsOf(a, b, 'passed').length === 0 && misfitsOf(b, a, 'passed').length === 0;
}
