// What a container loses: to its limit, to others on its CPUs, to itself, to a cpuset or memory that is too small.
import type {
  Advice,
  Competition,
  Competitor,
  ContainerDiagnosis,
  ContainerMeasure,
  HostLoad,
  Verdict,
} from '#domain/diagnosis.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import type { SampledContainer } from '#domain/sampling.ts';
import { stallShares } from './stall-shares.ts';
import { FULL_SHARE, MOST_NAMED, NAMED_SHARE, STALL_SHARE, THROTTLED_SHARE, WANTED_SHARE } from './thresholds.ts';
import type { WhoRan } from './who-ran.ts';

export interface ContainerContext {
  readonly whoRan: WhoRan;
  /** How many times `whoRan` knows. */
  readonly slots: number;
  readonly durationMs: number;
  readonly host: HostLoad;
  readonly topology: HostTopology;
  /** It has CPUs of its own already. */
  readonly isDedicated: boolean;
}

export function diagnoseContainer(container: SampledContainer, context: ContainerContext): ContainerDiagnosis {
  const measure = measureContainer(container, context);
  const verdicts = judgeContainer(measure, context);
  return { vmid: container.vmid, measure, verdicts, advice: adviseContainer(measure, verdicts, context) };
}

const US_PER_MS = 1000;
const NS_PER_MS = 1_000_000;

function measureContainer(container: SampledContainer, context: ContainerContext): ContainerMeasure {
  const { cores, effective: allowed, cgroup } = container;
  const { first, last } = cgroup;
  const usedUs = last.usedUs - first.usedUs;
  const before = first.limit ?? { periods: 0, throttled: 0, throttledUs: 0 };
  const throttledUs = Math.max(0, (last.limit?.throttledUs ?? 0) - before.throttledUs);
  const periods = (last.limit?.periods ?? 0) - before.periods;
  const lengthUs = (last.atMs - first.atMs) * US_PER_MS;
  return {
    usedCpus: lengthUs <= 0 ? 0 : usedUs / lengthUs,
    ...{ cores, allowed },
    throttledShare: throttledUs === 0 ? 0 : throttledUs / (throttledUs + usedUs),
    throttledPeriods: periods <= 0 ? null : Math.max(0, (last.limit?.throttled ?? 0) - before.throttled) / periods,
    ...stallShares(cgroup),
    running: whoUsed(container, context),
  };
}

function whoUsed({ vmid, effective }: SampledContainer, { whoRan, slots, durationMs }: ContainerContext) {
  const used = new Map<string, { readonly who: Competitor; ns: number }>();
  for (let slot = 0; slot < slots; slot++) {
    for (const cpu of effective) {
      for (const { owner, who: seen, runNs } of whoRan(slot, cpu)) {
        const who: Competitor = owner === vmid ? { kind: 'itself' } : seen;
        const key = JSON.stringify(who);
        const entry = used.get(key) ?? { who, ns: 0 };
        entry.ns += runNs;
        used.set(key, entry);
      }
    }
  }
  const wholeNs = durationMs * NS_PER_MS * effective.size;
  return [...used]
    .map(([key, { who, ns }]) => ({ key, who, share: wholeNs <= 0 ? 0 : ns / wholeNs }))
    .filter(({ share }) => share >= NAMED_SHARE)
    .sort((a, b) => b.share - a.share || (a.key < b.key ? -1 : 1))
    .slice(0, MOST_NAMED)
    .map(({ who, share }): Competition => ({ who, share }));
}

/** Pressure tells that tasks waited, not for whom: it is shared out among those who ran there. */
function judgeContainer(measure: ContainerMeasure, { host }: ContainerContext): readonly Verdict[] {
  const { usedCpus, cores, allowed, throttledShare, cpuStall, memoryStall, running } = measure;
  const isThrottled = throttledShare >= THROTTLED_SHARE;
  // A task that the limit has stopped waits as well: the pressure is then the limit's.
  const stall = isThrottled ? 0 : (cpuStall ?? 0);
  const ran = (kinds: readonly Competitor['kind'][]) =>
    running.reduce((sum, { who, share }) => sum + (kinds.includes(who.kind) ? share : 0), 0);
  const all = ran(['guest', 'task', 'unseen', 'itself']);
  const starved = (kind: Verdict['kind'], kinds: readonly Competitor['kind'][]): Verdict => ({
    kind,
    share: all === 0 ? 0 : (stall * ran(kinds)) / all,
  });
  const losses = [
    starved('starved-by-guest', ['guest']),
    starved('starved-by-host-tasks', ['task', 'unseen']),
    starved('starved-by-itself', ['itself']),
  ].filter(({ share }) => share >= STALL_SHARE);
  const byOthers = losses.reduce((sum, { kind, share }) => sum + (kind === 'starved-by-itself' ? 0 : share), 0);
  const missing = cores === null ? 0 : Math.max(0, cores - allowed.size);
  const verdicts: readonly Verdict[] = [
    ...(byOthers > 0 && host.busyShare >= FULL_SHARE ? [{ kind: 'host-overcommitted', share: byOthers } as const] : []),
    ...(isThrottled ? [{ kind: 'throttled-by-limit', share: throttledShare } as const] : []),
    ...losses.sort((a, b) => b.share - a.share),
    ...(missing > 0 ? [{ kind: 'narrow-cpuset', share: missing / (cores ?? 1) } as const] : []),
    ...((memoryStall ?? 0) >= STALL_SHARE ? [{ kind: 'memory-short', share: memoryStall ?? 0 } as const] : []),
  ];
  if (verdicts.length > 0) return verdicts;
  return [{ kind: usedCpus < WANTED_SHARE ? 'idle-nothing-to-see' : 'fine', share: 0 }];
}

function adviseContainer(
  { cores }: ContainerMeasure,
  verdicts: readonly Verdict[],
  { topology, isDedicated }: ContainerContext,
): readonly Advice[] {
  const has = (...kinds: readonly Verdict['kind'][]) => verdicts.some(({ kind }) => kinds.includes(kind));
  const byOthers = has('starved-by-guest', 'starved-by-host-tasks');
  const fitsAlone = cores !== null && cores <= topology.online.size - (topology.cores[0]?.cpus.size ?? 1);
  const mayHaveOwn = fitsAlone && !has('host-overcommitted', 'throttled-by-limit');
  const advice: readonly Advice[] = [
    ...(has('throttled-by-limit') ? (['raise-cpulimit'] as const) : []),
    ...(byOthers
      ? [isDedicated ? ('keep-others-off' as const) : mayHaveOwn ? ('dedicated' as const) : ('weights' as const)]
      : []),
    ...(has('narrow-cpuset') || (has('starved-by-itself') && cores !== null) ? (['widen-affinity'] as const) : []),
    ...(has('memory-short') ? (['more-memory'] as const) : []),
  ];
  return advice.length > 0 ? advice : ['nothing'];
}
