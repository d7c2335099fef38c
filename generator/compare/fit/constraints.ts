import type {
  ArrayShape,
  NumberShape,
  Shape,
  StringShape,
} from '../../../runtime/contract/types.js';

/** What a shape may say of its values beside their kind. */
export type Constraints = Omit<StringShape, 'kind'> &
  Omit<NumberShape, 'kind'> &
  Omit<ArrayShape, 'kind' | 'item'>;

export const constraintNames: readonly (keyof Constraints)[] = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'integer',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
];

export function constraintsOf(shape: Shape): Constraints {
  return shape as Constraints;
}

export function isConstrained(shape: Shape): boolean {
  const constraints = constraintsOf(shape);
  return constraintNames.some((name) => constraints[name] !== undefined);
}

/** Whether texts and numbers within the first shape's constraints are within the second's too. */
export function constraintsHold(from: Shape, to: Shape): boolean {
  const a = constraintsOf(from);
  const b = constraintsOf(to);
  return (
    least(a.minLength) >= least(b.minLength) &&
    most(a.maxLength) <= most(b.maxLength) &&
    (b.pattern === undefined || a.pattern === b.pattern) &&
    (b.format === undefined || a.format === b.format) &&
    lowerBoundHolds(a, b) &&
    upperBoundHolds(a, b) &&
    stepHolds(a, b)
  );
}

/** Whether one value is within the constraints of a text or a number. Of a pattern or a format nothing is known here. */
export function literalHolds({ value }: Shape & { kind: 'literal' }, to: Shape): boolean {
  if (typeof value === 'number') return constraintsHold(exactly(value), to);
  const { pattern, format, minLength, maxLength } = constraintsOf(to);
  const length = [...String(value)].length;
  return (
    pattern === undefined &&
    format === undefined &&
    length >= least(minLength) &&
    length <= most(maxLength)
  );
}

function exactly(value: number): Shape {
  return {
    kind: 'number',
    minimum: value,
    maximum: value,
    multipleOf: value,
    ...(Number.isInteger(value) ? { integer: true } : {}),
  };
}

function lowerBoundHolds(a: Constraints, b: Constraints): boolean {
  const lowest = Math.max(least(a.minimum), least(a.exclusiveMinimum));
  const excludes = least(a.exclusiveMinimum) === lowest;
  const above = least(b.exclusiveMinimum);
  return lowest >= least(b.minimum) && (lowest > above || (excludes && lowest === above));
}

function upperBoundHolds(a: Constraints, b: Constraints): boolean {
  const highest = Math.min(most(a.maximum), most(a.exclusiveMaximum));
  const excludes = most(a.exclusiveMaximum) === highest;
  const below = most(b.exclusiveMaximum);
  return highest <= most(b.maximum) && (highest < below || (excludes && highest === below));
}

function stepHolds(a: Constraints, b: Constraints): boolean {
  const step = a.multipleOf ?? (a.integer ? 1 : undefined);
  if (b.integer && !a.integer && !Number.isInteger(step)) return false;
  if (b.multipleOf === undefined || step === b.multipleOf) return true;
  // Of fractions, what is a multiple is a matter of rounding.
  return (
    Number.isInteger(step) && Number.isInteger(b.multipleOf) && Number(step) % b.multipleOf === 0
  );
}

function least(bound: number | undefined): number {
  return bound ?? -Infinity;
}

function most(bound: number | undefined): number {
  return bound ?? Infinity;
}
