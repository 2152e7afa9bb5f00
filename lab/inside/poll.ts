// Waits for something that the kernel or another process does in its own time.
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;

/** @throws Error saying what did not come, after `seconds`. */
export async function pollUntil(seconds: number, isTrue: () => boolean, otherwise: string): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`After ${seconds} s ${otherwise}`);
    await sleep(PAUSE_MS);
  }
}
