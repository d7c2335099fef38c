const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type StopSignal = (typeof signals)[number];

/** Calls `listener` for every signal that asks to stop. Gives what takes it off again. */
export function onSignal(listener: (signal: StopSignal) => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/** The first signal that asks to stop; a second one then has its usual effect. */
export function untilSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    const off = onSignal((signal) => {
      off();
      resolve(signal);
    });
  });
}
