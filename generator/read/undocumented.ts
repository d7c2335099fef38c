/** A shape as the contract has it: words do not change what a value is. */
export function undocumented<T>(shape: T): T {
  if (Array.isArray(shape)) return shape.map(undocumented) as T;
  if (typeof shape !== 'object' || shape === null) return shape;
  const parts = Object.entries(shape).filter(([key]) => key !== 'doc');
  return Object.fromEntries(parts.map(([key, part]) => [key, undocumented(part)])) as T;
}
