// Ctrl-C during a measurement: it ends early, and what was seen until then is used.

export function interruptOnSignal(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const name of SIGNALS) process.on(name, abort);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, abort);
    },
  };
}

/** The last when the terminal goes away. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
