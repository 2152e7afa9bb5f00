// Load on the host while it is measured: threads of this process that compute and nothing else, so that they end with it, however it ends.
import { Worker } from 'node:worker_threads';
import type { MadeLoad } from '#domain/measurement.ts';

export interface RunningLoad {
  readonly load: MadeLoad;
  stop(): Promise<void>;
}

/** Busy for a while, then asleep for a moment: what wakes up competes otherwise than what never sleeps. */
const WORK = `
const pause = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  const end = performance.now() + 5 + Math.random() * 20;
  while (performance.now() < end);
  Atomics.wait(pause, 0, 0, Math.random() * 5);
}`;

/** @param workers one for each CPU puts every CPU in demand */
export function startLoad(workers: number): RunningLoad {
  const threads = Array.from({ length: workers }, () => new Worker(WORK, { eval: true }));
  return {
    load: { kind: 'built-in', workers },
    stop: async () => {
      await Promise.all(threads.map(thread => thread.terminate()));
    },
  };
}
