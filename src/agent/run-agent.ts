// The agent's life: a pass at once, one whenever a guest's pid file appears, and one every period, until it is told to end.
import type { Pass, Reconciler } from './reconciler.ts';

export interface AgentOptions {
  readonly reconciler: Reconciler;
  /** Time between two passes without an event. */
  readonly periodMs: number;
  /** Calls back when guests may have started; returns how to stop watching. */
  readonly watch: (changed: () => void) => () => void;
  readonly onPass: (pass: Pass, ms: number) => void;
  readonly signal: AbortSignal;
}

/** A guest that has just started may not answer yet: after an event it is looked at again soon, a few times. */
const AFTER_EVENT_MS = [20, 100, 400, 1500];

/** Resolves when `signal` is aborted, after the pass at hand. @throws whatever a pass throws: the service manager starts a new agent. */
export async function runAgent({ reconciler, periodMs, watch, onPass, signal }: AgentOptions): Promise<void> {
  let soon: number[] = [];
  let wake = () => {};
  const unwatch = watch(() => {
    soon = [...AFTER_EVENT_MS];
    wake();
  });
  const end = () => wake();
  signal.addEventListener('abort', end);
  try {
    while (!signal.aborted) {
      const began = performance.now();
      const pass = await reconciler.runPass();
      onPass(pass, performance.now() - began);
      if (signal.aborted) break;
      const pause = soon.shift() ?? periodMs;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, pause);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    signal.removeEventListener('abort', end);
    unwatch();
  }
}
