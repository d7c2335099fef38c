/** How a text on disk differs from what it should be. */
export interface Difference {
  /** The line on disk, from 1, where it begins. */
  readonly line: number;
  /** One hunk of a unified diff, from the first line that differs to the last; the middle of a long one is left out. */
  readonly hunk: string;
}

/** Lines of each side that a hunk shows. */
const longest = 8;

export function difference(found: string, wanted: string): Difference {
  const [before, after] = [found.split('\n'), wanted.split('\n')];
  const start = commonLines(before, after);
  const end = commonLines(before.slice(start).reverse(), after.slice(start).reverse());
  const context = before.slice(Math.max(0, start - 1), start);
  const following = before.slice(before.length - end).slice(0, 1);
  const [gone, come] = [
    before.slice(start, before.length - end),
    after.slice(start, after.length - end),
  ];
  const around = context.length + following.length;
  const from = start + 1 - context.length;
  const hunk = [
    `@@ -${from},${gone.length + around} +${from},${come.length + around} @@`,
    ...context.map((line) => ` ${line}`),
    ...shortened(gone).map((line) => `-${line}`),
    ...shortened(come).map((line) => `+${line}`),
    ...following.map((line) => ` ${line}`),
  ];
  return { line: start + 1, hunk: hunk.join('\n') };
}

/** How many lines two texts begin with alike. */
function commonLines(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((line, index) => line !== b[index]);
  return differs < 0 ? a.length : differs;
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= longest) return lines;
  const half = longest / 2;
  const rest = `… ${lines.length - longest} more lines`;
  return [...lines.slice(0, half), rest, ...lines.slice(-half)];
}
