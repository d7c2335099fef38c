/** What a measurement wants to be told when a handler begins. */
export const onStart: { call(n: number): void } = { call: () => {} };
