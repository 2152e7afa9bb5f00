// Puts together what one guest's vCPUs, its cgroup and its CPUs showed.
import type { GuestMeasure } from '#domain/diagnosis.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuId } from '#domain/ids.ts';
import type { CpuFrequency, SampledGuest, Sampling } from '#domain/sampling.ts';
import { measureCompetition } from './measure-competition.ts';
import { measureHelpers } from './measure-helpers.ts';
import { measureMemory } from './measure-memory.ts';
import { measureVcpu, shareOf, type VcpuTimes } from './measure-vcpu.ts';
import { makePlaces } from './places.ts';
import { stallShares } from './stall-shares.ts';
import { HOME_SHARE, MOST_NAMED, NAMED_SHARE } from './thresholds.ts';
import type { WhoRan } from './who-ran.ts';

export interface MeasureContext {
  readonly sampling: Sampling;
  readonly topology: HostTopology;
  readonly whoRan: WhoRan;
}

export function measureGuest(guest: SampledGuest, { sampling, topology, whoRan }: MeasureContext): GuestMeasure {
  const places = makePlaces(topology);
  const vcpus = guest.threads
    .flatMap(thread => {
      const times = thread.role.kind === 'vcpu' ? measureVcpu(thread, thread.role.index, places) : null;
      return times === null ? [] : [times];
    })
    .sort((a, b) => a.measure.index - b.measure.index);
  const runNs = sum(vcpus, times => times.runNs);
  const waitNs = sum(vcpus, times => times.waitNs);
  const limit = measureLimit(guest);
  // What the limit took cannot be more than what its vCPUs waited: its other threads were stopped as well.
  const throttledNs = Math.min(limit.throttledNs ?? 0, waitNs);
  const wantedNs = runNs + waitNs;
  const competition = measureCompetition({
    ...{ guest, whoRan, wantedNs, looks: sampling.cpuTimes },
    contendedPart: waitNs === 0 ? 0 : 1 - throttledNs / waitNs,
  });
  const runNsByCpu = sumByCpu(vcpus);
  const homes = [...runNsByCpu].filter(([, ns]) => ns > 0 && ns >= runNs * HOME_SHARE).map(([cpu]) => cpu);
  return {
    vcpus: vcpus.map(({ measure }) => measure),
    runShare: shareOf(
      runNs,
      sum(vcpus, times => times.observedNs),
    ),
    waitShare: shareOf(waitNs, wantedNs),
    throttledShare: limit.throttledNs === null ? null : shareOf(throttledNs, wantedNs),
    throttledPeriods: limit.periods,
    competition: competition.filter(({ share }) => share >= NAMED_SHARE).slice(0, MOST_NAMED),
    helpers: measureHelpers(guest, sampling),
    memory: guest.memory && measureMemory(guest.memory, runNsByCpu, topology),
    ...stallShares(guest.cgroup),
    interruptsPerS: interruptsPerS(sampling, homes),
    frequency: meanFrequency(sampling, vcpus),
  };
}

const sum = (vcpus: readonly VcpuTimes[], value: (times: VcpuTimes) => number): number =>
  vcpus.reduce((total, times) => total + value(times), 0);

function sumByCpu(vcpus: readonly VcpuTimes[]): ReadonlyMap<CpuId, number> {
  const sums = new Map<CpuId, number>();
  for (const { runNsByCpu } of vcpus) for (const [cpu, ns] of runNsByCpu) sums.set(cpu, (sums.get(cpu) ?? 0) + ns);
  return sums;
}

const NS_PER_US = 1000;

/** A guest without a limit loses nothing to it; one whose cgroup cannot be read may. */
function measureLimit({ cgroup }: SampledGuest): {
  readonly throttledNs: number | null;
  readonly periods: number | null;
} {
  if (cgroup === null) return { throttledNs: null, periods: null };
  const { first, last } = cgroup;
  if (last.limit === null) return { throttledNs: 0, periods: null };
  const before = first.limit ?? { periods: 0, throttled: 0, throttledUs: 0 };
  const periods = last.limit.periods - before.periods;
  return {
    throttledNs: Math.max(0, last.limit.throttledUs - before.throttledUs) * NS_PER_US,
    periods: periods <= 0 ? null : Math.max(0, last.limit.throttled - before.throttled) / periods,
  };
}

function interruptsPerS({ host, durationMs }: Sampling, cpus: readonly CpuId[]): number | null {
  const { interrupts: before } = host.first;
  const { interrupts: after } = host.last;
  if (before === null || after === null) return null;
  const count = cpus.reduce((total, cpu) => total + (after.get(cpu) ?? 0) - (before.get(cpu) ?? 0), 0);
  return Math.max(0, count) / (durationMs / 1000);
}

function meanFrequency({ frequencies }: Sampling, vcpus: readonly VcpuTimes[]): CpuFrequency | null {
  const cpus = new Set(vcpus.flatMap(({ measure }) => measure.cpus.ids));
  const known = [...cpus].flatMap(cpu => frequencies.get(cpu) ?? []);
  if (known.length === 0) return null;
  const mean = (value: (frequency: CpuFrequency) => number) =>
    Math.round(known.reduce((total, frequency) => total + value(frequency), 0) / known.length);
  return { nowMHz: mean(({ nowMHz }) => nowMHz), maxMHz: mean(({ maxMHz }) => maxMHz) };
}
