// How many cores of each group are taken while the search puts guests together.
import type { SmtPolicy } from '#domain/policy.ts';
import type { CoreGroup } from './core-groups.ts';

/** Cores in use in one group: whole ones, and those of which a guest leaves half or more, so that another may have that half. */
export interface Usage {
  readonly whole: number;
  readonly odd: number;
}

export const UNUSED: Usage = { whole: 0, odd: 0 };

/** Cores that nobody else can have. Two guests share a core only when there is no room otherwise. */
export function coresInUse(group: CoreGroup, { whole, odd }: Usage): number {
  return Math.min(whole + odd, group.cores.length);
}

export function fits(group: CoreGroup, { whole, odd }: Usage): boolean {
  return whole + leastOddCores(group, odd) <= group.cores.length;
}

/** Cores that two different guests have to share. */
export function sharedCores(group: CoreGroup, { whole, odd }: Usage): number {
  return Math.max(0, whole + odd - group.cores.length);
}

function leastOddCores(group: CoreGroup, odd: number): number {
  return group.threads >= 2 ? Math.ceil(odd / 2) : odd;
}

/** Whether the last core of so many vCPUs has half of its threads, or fewer, in use. */
export function isHalfCore(vcpus: number, { threads }: CoreGroup): boolean {
  const last = vcpus % threads;
  return last > 0 && last * 2 <= threads;
}

/**
 * Whether a guest leaves threads of its last core to nobody: here two guests share a core by halves, though three could share one of four
 * threads.
 */
export function leavesThreads(vcpus: number, { threads }: CoreGroup): boolean {
  const last = vcpus % threads;
  return last > 0 && last * 2 !== threads;
}

/** The usage after a guest has taken `vcpus` CPUs of this group; `extraCores` are its emulator's. */
export function take(
  group: CoreGroup,
  usage: Usage,
  { vcpus, smt, extraCores }: { vcpus: number; smt: SmtPolicy; extraCores: number },
): Usage {
  if (smt === 'isolate') return { whole: usage.whole + vcpus + extraCores, odd: usage.odd };
  // A guest with an emulator core of its own shares no core: its leftover thread stays idle.
  if (smt === 'pairs' || extraCores > 0) {
    return { whole: usage.whole + Math.ceil(vcpus / group.threads) + extraCores, odd: usage.odd };
  }
  const isHalf = isHalfCore(vcpus, group);
  return {
    whole: usage.whole + (isHalf ? Math.floor : Math.ceil)(vcpus / group.threads),
    odd: usage.odd + (isHalf ? 1 : 0),
  };
}

/** The most vCPUs of one guest that this group can still hold. */
export function room(group: CoreGroup, usage: Usage, smt: SmtPolicy): number {
  if (smt === 'pairs' && group.threads < 2) return 0;
  const freeCores = group.cores.length - usage.whole - leastOddCores(group, usage.odd);
  if (smt === 'isolate') return Math.max(0, freeCores);
  const half = smt === 'any' && group.threads >= 2 && usage.odd % 2 === 1 ? Math.floor(group.threads / 2) : 0;
  return Math.max(0, freeCores) * group.threads + half;
}
