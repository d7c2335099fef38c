import { setTimeout as delay } from 'node:timers/promises';

/** Looks until the answer is truthy, and gives it. For what sends no event, such as a row that changes. */
export async function until<T>(
  look: () => Promise<T> | T,
  what = 'what the test waits for',
  patience = 15_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${patience} ms in vain for ${what}.`);
    await delay(15);
  }
}

/** A promise with its resolve at hand. */
export function gate<T = void>(): { opened: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
