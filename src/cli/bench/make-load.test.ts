// Load that is really made, and really ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startLoad } from './make-load.ts';

const usedMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;

it('startLoad() keeps CPUs busy until it is stopped', async () => {
  const running = startLoad(1);
  expect(running.load).toEqual({ kind: 'built-in', workers: 1 });
  const began = usedMs();
  // However busy this machine is, it gets its turns.
  while (usedMs() - began < 100) await sleep(10);
  await running.stop();
  const stopped = usedMs();
  await sleep(100);
  expect(usedMs() - stopped).toBeLessThan(80);
});
