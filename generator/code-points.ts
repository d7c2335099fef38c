/** Compares two texts by code point, so that no locale reorders the output. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
