// How one vCPU's thread fared: how much it ran, how long it waited, and where it was.
import type { VcpuMeasure } from '#domain/diagnosis.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { CpuId, VcpuIndex } from '#domain/ids.ts';
import type { SampledGuestThread } from '#domain/sampling.ts';
import { intervalsOf } from './intervals.ts';
import type { Places } from './places.ts';

export interface VcpuTimes {
  readonly measure: VcpuMeasure;
  readonly runNs: number;
  readonly waitNs: number;
  readonly observedNs: number;
  readonly runNsByCpu: ReadonlyMap<CpuId, number>;
}

const NS_PER_MS = 1_000_000;
const NS_PER_US = 1000;

/** Null for a thread that was not looked at twice. */
export function measureVcpu(thread: SampledGuestThread, index: VcpuIndex, places: Places): VcpuTimes | null {
  const intervals = intervalsOf(thread);
  if (intervals.length === 0) return null;
  const sum = (value: (interval: (typeof intervals)[number]) => number) =>
    intervals.reduce((total, interval) => total + value(interval), 0);
  const runNs = sum(interval => interval.runNs);
  const waitNs = sum(interval => interval.waitNs);
  const slices = sum(interval => interval.slices);
  const observedNs = sum(({ fromMs, toMs }) => (toMs - fromMs) * NS_PER_MS);
  const seconds = observedNs / NS_PER_MS / 1000;
  const runNsByCpu = new Map<CpuId, number>();
  for (const { cpus, runNs: ns } of intervals) {
    for (const cpu of cpus) runNsByCpu.set(cpu, (runNsByCpu.get(cpu) ?? 0) + ns / cpus.length);
  }
  const crossings = intervals.filter(({ cpus }) => new Set(cpus.map(places)).size > 1).length;
  return {
    ...{ runNs, waitNs, observedNs, runNsByCpu },
    measure: {
      index,
      runShare: runNs / observedNs,
      waitShare: shareOf(waitNs, runNs + waitNs),
      waitPerSliceUs: slices === 0 ? 0 : waitNs / slices / NS_PER_US,
      ...countersPerS(thread, seconds),
      crossingsPerS: crossings / seconds,
      awayShare: awayShare(runNsByCpu, places),
      cpus: cpuSet(intervals.flatMap(({ cpus }) => cpus)),
      allowed: thread.allowed,
    },
  };
}

export const shareOf = (part: number, whole: number): number => (whole <= 0 ? 0 : part / whole);

function countersPerS(
  { counters }: SampledGuestThread,
  seconds: number,
): Pick<VcpuMeasure, 'involuntaryPerS' | 'voluntaryPerS' | 'migrationsPerS'> {
  if (counters === null) return { involuntaryPerS: null, voluntaryPerS: null, migrationsPerS: null };
  const { first, last } = counters;
  const rate = (from: number, to: number) => (to < from ? null : (to - from) / seconds);
  return {
    involuntaryPerS: rate(first.involuntary, last.involuntary),
    voluntaryPerS: rate(first.voluntary, last.voluntary),
    migrationsPerS:
      first.migrations === null || last.migrations === null ? null : rate(first.migrations, last.migrations),
  };
}

function awayShare(runNsByCpu: ReadonlyMap<CpuId, number>, places: Places): number {
  const byPlace = new Map<number, number>();
  let total = 0;
  for (const [cpu, ns] of runNsByCpu) {
    byPlace.set(places(cpu), (byPlace.get(places(cpu)) ?? 0) + ns);
    total += ns;
  }
  return total === 0 ? 0 : 1 - Math.max(...byPlace.values()) / total;
}
