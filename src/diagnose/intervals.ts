// What a thread did between two looks at it.
import type { CpuId } from '#domain/ids.ts';
import type { ThreadReading, ThreadSample } from '#domain/sampling.ts';

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  readonly runNs: number;
  /** Never more than the interval has left beside `runNs`. */
  readonly waitNs: number;
  readonly slices: number;
  /** Where it was at its ends: one CPU or two. */
  readonly cpus: readonly CpuId[];
}

const NS_PER_MS = 1_000_000;

/** Without intervals whose counters run backwards: the thread id then belongs to another thread. */
export function intervalsOf({ readings }: ThreadSample): readonly Interval[] {
  return readings.slice(1).flatMap((to, index) => {
    const from = readings[index];
    return from === undefined || isOther(from, to) ? [] : [makeInterval(from, to)];
  });
}

const isOther = (from: ThreadReading, to: ThreadReading): boolean =>
  to.runNs < from.runNs || to.waitNs < from.waitNs || to.slices < from.slices || to.atMs <= from.atMs;

function makeInterval(from: ThreadReading, to: ThreadReading): Interval {
  const lengthNs = (to.atMs - from.atMs) * NS_PER_MS;
  const runNs = Math.min(to.runNs - from.runNs, lengthNs);
  const slices = to.slices - from.slices;
  // The kernel adds a wait when it is over: one that still lasts is not in the counter, one that began earlier is there as a whole.
  const isStuck = slices === 0 && runNs === 0 && from.isReady && to.isReady;
  const waitNs = isStuck ? lengthNs : Math.min(to.waitNs - from.waitNs, lengthNs - runNs);
  const cpus = from.cpu === to.cpu ? [to.cpu] : [from.cpu, to.cpu];
  return { fromMs: from.atMs, toMs: to.atMs, runNs, waitNs, slices, cpus };
}
